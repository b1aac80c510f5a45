"""A stream of invented agency files: several formats, updates, corrections, kills and repeats.

The same seed gives the same files. Only the last few hundred stories are remembered, for their updates.
"""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

START = datetime(2026, 1, 5, tzinfo=UTC)
BETWEEN_FILES = timedelta(seconds=60)  # 1,440 files a day
REMEMBERED = 400  # stories that may still be updated or killed

AGENCIES = ["Kestrel Newswire", "Orbit Wire", "Harbour Press", "Tern Agency", "Fjord Report"]
PLACES = ["Skarvik", "Norhaven", "Port Ellery", "Lundmark", "Vesterby", "Ostrand", "Halmö", "Greyholm"]
WRITERS = ["Ida Brandt", "Jonas Ahrén", "Mara Winther", "Per Holm", "Alan Quill", "Nora Fenn"]
SUBJECTS = ["20000822", "20000739", "20001135", "20000213", "20000430", "20000601"]
KEYWORDS = ["Ferries", "Space", "Fisheries", "Elections", "Weather", "Rail", "Museums", "Energy"]
NOUNS = [
    "ferry", "harbour", "council", "orbiter", "crew", "minister", "museum", "lighthouse", "trawler",
    "pilot", "bridge", "observatory", "satellite", "tide", "school", "budget", "engineer", "storm",
    "reactor", "railway", "valley", "forecast", "auction", "glacier", "committee", "turbine", "archive",
    "inspector", "quay", "strike", "launch", "island", "cable", "union", "market",
]  # fmt: skip
VERBS = [
    "reopens", "delays", "approves", "rejects", "repairs", "inspects", "welcomes", "charts", "closes",
    "funds", "studies", "moves", "rebuilds", "questions", "expects", "measures", "rescues", "postpones",
    "doubles", "names",
]  # fmt: skip
ADJECTIVES = [
    "northern", "narrow", "late", "costly", "quiet", "orbital", "damaged", "regional", "public",
    "early", "frozen", "new", "disputed", "coastal", "temporary", "ageing", "electric", "empty",
    "unexpected", "annual",
]  # fmt: skip
PHRASES = [
    "after a week of fog", "before the autumn season", "despite a warning from its crew",
    "in the first vote of the year", "at a cost of four million crowns",
    "for the third time since March", "without giving a reason", "under an agreement with the islands",
    "while the harbour stays closed", "as prices fall", "on a plan of the engineers",
    "once the ice has gone", "with the help of volunteers", "against the advice of the council",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invented:
    """A version of a story, in no format yet."""

    number: int
    version: int
    at: datetime
    headline: str
    paragraphs: tuple[str, ...]
    place: str
    agency: str
    writer: str
    subject: str
    keyword: str
    urgency: int
    signal: str = ""  # of an update
    status: str = "usable"


def wire_files(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """`count` files, each with the name it would come under."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    formats, weights = list(WRITERS_OF), [30, 22, 18, 15]
    recent: dict[str, deque[Invented]] = {name: deque(maxlen=REMEMBERED) for name in formats}
    window: deque[Invented] = deque(maxlen=4)  # what an RSS feed shows at a time
    last = "", b""
    for number in range(count):
        at = START + number * BETWEEN_FILES
        draw = dice.random()
        if draw < 0.02 and number:
            yield last  # the same bytes again
            continue
        if draw < 0.12:
            window.extend(_story(dice, number * 4 + n, at + timedelta(seconds=n)) for n in range(3))
            last = f"{number}.rss", _rss(window)
        else:
            name = dice.choices(formats, weights)[0]
            story = _next(dice, number * 4, at, recent[name] if name != "iptc7901" else deque())
            recent[name].append(story)
            last = f"{number}.{name}", WRITERS_OF[name](story)
        yield last


def _next(dice: random.Random, number: int, at: datetime, recent: deque[Invented]) -> Invented:
    """A new story, or the next version of one that is still remembered."""
    draw = dice.random()
    if not recent or draw > 0.2:
        return _story(dice, number, at)
    before = dice.choice(recent)
    newer = replace(before, version=before.version + 1, at=at)
    if draw < 0.02:
        return replace(newer, status="canceled")
    signal = "correction" if draw < 0.05 else "update"
    text = (_sentences(dice, 40), *before.paragraphs[1:])
    return replace(newer, signal=signal, paragraphs=text, status="usable")


def _story(dice: random.Random, number: int, at: datetime) -> Invented:
    length = dice.randint(200, 500)
    return Invented(
        number=number,
        version=1,
        at=at,
        headline=f"{_clause(dice)} {dice.choice(PHRASES)}".capitalize(),
        paragraphs=tuple(_sentences(dice, 40) for _ in range(length // 40)),
        place=dice.choice(PLACES),
        agency=dice.choice(AGENCIES),
        writer=dice.choice(WRITERS),
        subject=dice.choice(SUBJECTS),
        keyword=dice.choice(KEYWORDS),
        urgency=dice.randint(3, 6),
    )


def _clause(dice: random.Random) -> str:
    return " ".join(dice.choice(words) for words in (ADJECTIVES, NOUNS, VERBS, ADJECTIVES, NOUNS))


def _sentences(dice: random.Random, words: int) -> str:
    text: list[str] = []
    while len(text) < words:
        text += f"The {_clause(dice)} {dice.choice(PHRASES)}, said {dice.choice(WRITERS)}.".split()
    return " ".join(text)


# -- In each format ----------------------------------------------------------------


def _html(story: Invented) -> str:
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in story.paragraphs)


def _ninjs(story: Invented) -> bytes:
    identity = {
        "uri": f"tag:ninjs.example,2026:{story.number}",
        "version": str(story.version),
        "versioncreated": story.at.isoformat(),
        "pubstatus": story.status,
        "type": "text",
    }
    if story.status != "usable":
        return json.dumps(identity).encode()
    credit = "".join(word[0] for word in story.agency.split())
    body = _html(story)
    dateline = f"{story.place.upper()}, {story.at:%B} {story.at.day}, {story.at.year} ({credit}) - "
    content = {
        "signal": [{"code": f"sig:{story.signal}"}] if story.signal else [],
        "language": "en",
        "source": story.agency,
        "byline": f"By {story.writer}",
        "located": story.place,
        "headline": story.headline,
        "slugline": f"{story.keyword}/{story.number}",
        "urgency": story.urgency,
        "subject": [{"code": f"medtop:{story.subject}", "name": story.keyword}],
        "keywords": [story.keyword],
        "place": [{"name": story.place}],
        "body_html": body.replace("<p>", f"<p>{dateline}", 1),
    }
    return json.dumps(identity | content).encode()


def _newsml_g2(story: Invented) -> bytes:
    body = _html(story)
    signal = f'<signal qcode="sig:{story.signal}"/>' if story.signal else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header><sent>{story.at.isoformat()}</sent></header>
<itemSet><newsItem guid="urn:newsml:g2.example:{story.number}" version="{story.version}" xml:lang="en">
<rightsInfo><copyrightHolder literal="{story.agency}"/></rightsInfo>
<itemMeta><itemClass qcode="ninat:text"/><provider literal="g2.example"/>
<versionCreated>{story.at.isoformat()}</versionCreated><pubStatus qcode="stat:{story.status}"/>{signal}
</itemMeta><contentMeta><urgency>{story.urgency}</urgency>
<located type="cptype:city"><name>{story.place}</name></located>
<infoSource role="crole:source" literal="{story.agency}"/><by>By {story.writer}</by>
<language tag="en"/><keyword>{story.keyword}</keyword><subject qcode="medtop:{story.subject}"/>
<slugline>{story.keyword}-{story.number}</slugline><headline>{story.headline}</headline>
<dateline>{story.place}, {story.at:%B} {story.at.day}, {story.at.year} ({story.agency.split()[0]}) -
</dateline>
</contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{body}</body></html></inlineXML>
</contentSet></newsItem></itemSet></newsMessage>""".encode()


def _nitf(story: Invented) -> bytes:
    body = _html(story)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<nitf><head><title>{story.headline}</title><tobject tobject.type="news">
<tobject.subject tobject.subject.refnum="{story.subject}"/></tobject>
<docdata management-status="{story.status}"><doc-id id-string="nitf.example.{story.number}"
regsrc="nitf.example"/>
<evloc city="{story.place}"/><urgency ed-urg="{story.urgency}"/>
<date.issue norm="{story.at:%Y%m%dT%H%M%SZ}"/><du-key key="{story.keyword}" version="{story.version}"/>
<doc.copyright holder="{story.agency}"/><key-list><keyword key="{story.keyword}"/></key-list></docdata></head>
<body><body.head><hedline><hl1>{story.headline}</hl1></hedline><byline>By {story.writer}</byline>
<distributor>{story.agency}</distributor><dateline><location>{story.place}</location>
<story.date norm="{story.at:%Y%m%d}">{story.at:%B} {story.at.day}, {story.at.year}</story.date></dateline>
</body.head><body.content>{body}</body.content></body></nitf>""".encode()


def _iptc7901(story: Invented) -> bytes:
    opening, *others = story.paragraphs
    paragraphs = [f"{story.place} (dpx) - {opening}", *others]
    text = "\r\n\r\n".join(paragraphs)
    words = len(text.split())
    return (
        f"\x01dpx{story.number % 10_000:04} {story.urgency} i {words}  dpx {story.number % 10_000}\r\n"
        f"{story.keyword}/{story.number}/\r\n\x02{story.headline} =\r\nBy {story.writer}, dpx =\r\n\r\n"
        f"{text}\r\n\r\n\x03{story.at:%d%H%M} GMT {story.at:%b %y}\r\n\x7f\x04"
    ).encode("iso8859-1")


WRITERS_OF = {"ninjs": _ninjs, "newsml_g2": _newsml_g2, "nitf": _nitf, "iptc7901": _iptc7901}


def _rss(stories: deque[Invented]) -> bytes:
    """A feed as it stands: its newest stories, and one that was in it the last time too."""
    items = "".join(
        f"<item><title>{story.headline}</title><link>https://rss.example/{story.number}</link>"
        f'<guid isPermaLink="false">rss-{story.number}</guid><pubDate>{format_datetime(story.at)}</pubDate>'
        f"<dc:creator>{story.writer}</dc:creator><category>{story.keyword}</category>"
        f"<content:encoded><![CDATA[{_html(story)}]]></content:encoded></item>"
        for story in reversed(stories)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<channel><title>Fjord Report</title><link>https://rss.example/</link><language>en</language>"
        f"{items}</channel></rss>"
    ).encode()
