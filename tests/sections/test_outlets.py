"""Every way by which a story can reach a reader, walked with stories in every state."""

from datetime import timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone

from articles import publishing
from articles.models import Author, Place, Source, Tag
from sections.models import Block, Slot
from tests.factories import make_block, make_channel, make_site, make_source, make_story, publish

BY = {"by_name": "The suite"}
HIDDEN = [
    "draft",
    "ready",
    "scheduled",
    "embargoed",
    "lapsed",
    "contract over",
    "killed",
    "spiked",
    "advisory",
]


def story_that_is(kind: str, channel, **kwargs):
    """A story that no reader may see, for the reason that its headline names."""
    now = timezone.now()
    kwargs["headline"] = f"Secret {kind}"
    times = {
        "scheduled": {"publish_at": now + timedelta(hours=1)},
        "embargoed": {"embargo_until": now + timedelta(hours=1)},
        "lapsed": {"at": now - timedelta(days=9), "rights_until": now - timedelta(days=1)},
        "contract over": {"at": now - timedelta(days=9)},
    }
    if kind == "contract over":
        # Its days were cut after it was published.
        kwargs["source"] = make_source("CUT", name="Cut Wire")
    made = publish if kind in times else make_story
    story = made(channel, **times.get(kind, {}), **kwargs)
    verbs = {"ready": publishing.submit, "spiked": publishing.spike, "advisory": publishing.mark_advisory}
    if kind in verbs:
        verbs[kind](story, **BY)
    if kind == "killed":
        publishing.publish(story, **BY)
        publishing.correct(story, note="Secret note of a killed story", **BY)
        publishing.kill(story, reason="Secret reason", headline="A story about a port", **BY)
    if kind == "contract over":
        story.source.text_days = 1
        story.source.save()
        publishing.apply_contract(story.source)
    return story


@pytest.fixture
def network(db):
    """Two sites with the same channels, blocks, tag, author: and every secret in all of them."""
    may, may_not = make_site("may.test"), make_site("maynot.test")
    barred = make_source("BAR", name="Barred Wire", all_sites=False)
    barred.sites.add(may)
    author, place = Author.objects.create(name="Ada Quist"), Place.objects.create(name="Oslo")
    channels = [make_channel(may, "Ports"), make_channel(may_not, "Ports")]
    stories = []
    for home, other in [channels, channels[::-1]]:
        host = home.site.domain
        stories += [story_that_is_listed(kind, home, other, host) for kind in HIDDEN]
        shown = publish(home, also=(other,), headline=f"Open to all, of {host}")
        stories.append(shown)
    stories.append(
        publish(
            channels[0], also=(channels[1],), headline="Barred at home on the site that may", source=barred
        )
    )
    stories.append(
        publish(
            channels[1],
            also=(channels[0],),
            headline="Barred at home on the site that may not",
            source=barred,
        )
    )
    for story in stories:
        story.tags.add("Port")
        story.authors.add(author)
        story.places.add(place)
    tag = Tag.objects.get()
    for page in [*channels, may, may_not]:
        for source in ({"from_channel": channels[0]}, {"from_channel": channels[1]}):
            make_block(page, "Backfilled", backfill="channel", size=50, may_repeat=True, **source)
        make_block(page, "Tagged", backfill="tag", from_tag=tag, size=50, may_repeat=True)
        make_block(page, "Of the site", backfill="site", from_site=may, size=50, may_repeat=True)
        picks = make_block(page, "Picked", size=1)
        for position, story in enumerate(stories):
            Slot.objects.create(block=picks, story=story, position=position)
    return stories


def story_that_is_listed(kind, home, other, host):
    Source.objects.filter(code="CUT").update(code=f"CUT-{host}"[:20].replace(".", "-"), name=f"Cut {host}")
    story = story_that_is(kind, home)
    story.listings.create(channel=other, primary=False, starts_at=timezone.now() - timedelta(days=99))
    return story


def every_address(stories) -> list[str]:
    """Each pattern of the reader's URLs with arguments that exist."""
    now = timezone.now()
    values = {
        "slug": {"channel": "ports", "tag": "port", "author": "ada-quist", "place": "oslo"},
        "file": ["rss.xml", "atom.xml", "feed.json"],
    }
    addresses = []
    for possibilities, *_rest in _patterns():
        (pattern, parameters) = possibilities[0]
        if "pk" in parameters:
            addresses += [
                "/" + pattern % {"pk": story.pk, "slug": story.slug, "mark": "0"} for story in stories
            ]
            continue
        given = {
            "slug": next((slug for part, slug in values["slug"].items() if pattern.startswith(part)), ""),
            "code": "BAR",
            "year": now.year,
            "month": now.month,
            "day": now.day,
            "name": "about",
            "part": 1,
            "site_pk": 1,
            "token": "no-such-token",
        }
        for file in values["file"] if "file" in parameters else [""]:
            addresses.append("/" + pattern % (given | {"file": file}))
    searches = ["q=pilots", "q=secre*&order=best", "q=barre*", "tag=port", "q=sekret", "q=secr"]
    return addresses + [
        f"{address}?{query}" for address in addresses if "/search/" in address for query in searches
    ]


def _patterns():
    namespace = get_resolver().namespace_dict["sections"][1]
    names = {name for name in namespace.reverse_dict if isinstance(name, str)}
    return [entry for name in names for entry in namespace.reverse_dict.getlist(name)]


@pytest.mark.parametrize("host", ["may.test", "maynot.test"])
def test_no_outlet_shows_what_is_not_public(read, network, host):
    seen = ""
    for address in every_address(network):
        response = read(address, host=host)
        assert response.status_code in (200, 301, 302, 404, 405, 410), address
        text = response.content.decode() + response.get("Location", "")
        text = text.replace("secre*", "")  # what is searched for is told again
        for secret in ("Secret", "secret"):
            assert secret not in text, f"{address} shows {text[text.find(secret) - 60 :][:160]}"
        if host == "maynot.test":
            assert "Barred at home" not in text, address
        assert "Barred at home on the site that may not" not in text, address
        seen += text
    assert "Open to all, of may.test" in seen
    assert "Open to all, of maynot.test" in seen
    assert ("Barred at home on the site that may" in seen) is (host == "may.test")


def test_the_walk_meets_every_kind_of_address(network):
    addresses = " ".join(every_address(network))
    lists = [
        "/channel/ports/ ",
        "/author/ada-quist/ ",
        "/place/oslo/ ",
        "/source/BAR/",
        "/archive/ ",
        "/corrections/",
        "/latest/",
    ]
    others = ["/story/", "/channel/ports/rss.xml", "/tag/port/feed.json", " /rss.xml", "/look.css", "/about/"]
    others += ["/place/oslo/rss.xml", "/sitemap-news.xml", "-1.xml", "/history/"]
    for part in lists + others:
        assert part in f" {addresses} ", part
    for part in ("/search/?q=pilots", "/search/feed.json?tag=port", "/search/suggest.json?q=secr"):
        assert part in addresses
    assert Block.objects.count() == 20
