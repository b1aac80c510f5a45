"""Every kind of desk page in a real browser: axe-core finds nothing, no page runs out of its window or asks
for what its policy forbids.
"""

from datetime import timedelta
from importlib.resources import files

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.flatpages.models import FlatPage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import publishing, sharing
from articles.models import Author, Place, RelatedLink, Story, Tag
from sections import curation
from sections.models import Slot
from tests.factories import make_block, make_source, make_story, publish
from tests.wires.test_intake import message
from wires.intake import receive
from wires.models import Dispatch, Feed, Likeness, Rule, WireCopy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
# The page in a preview's frame is a reader's. The menu beside each page is the same and looked at once.
RUN = """exclude => axe.run({ include: ["html"], exclude }, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    resultTypes: ["violations"], iframes: false, preload: false,
}).then(found => found.violations.flatMap(({ id, nodes }) => nodes.map(
  ({ target, failureSummary }) => `${id}: ${target}\\n${failureSummary}`.replaceAll("\\n", "\\n      "))))"""
MENU = ["#nav-sidebar"]
TOO_WIDE = """() => Math.max(...["html", "#content-start"].map(name => document.querySelector(name))
    .map(part => part.scrollWidth - part.clientWidth))"""


def make_stories(channel) -> dict[str, Story]:
    """One in each state, by the acts that lead there."""
    soon = timezone.now() + timedelta(days=3)
    source = make_source(text_days=30)
    stories = {
        "draft": make_story(channel, teaser="In short.", source=source, dateline_raw="Skarvik (MWS) Mar 3"),
        "draft that warns": make_story(body='<p>Pilots <a href="https://dead.example/">went</a>.</p>'),
        "ready": make_story(channel),
        "scheduled": publish(channel, publish_at=soon),
        "embargoed": publish(channel, embargo_until=soon),
        "published": publish(channel, source=source),
        "spiked": make_story(channel),
        "advisory": make_story(channel),
        "killed": publish(channel),
    }
    RelatedLink.objects.create(story=stories["draft"], title="Harbour office", url="https://harbour.example/")
    stories["draft"].tags.add("Harbours")
    publishing.submit(stories["ready"], by_name="The suite")
    publishing.spike(stories["spiked"], by_name="The suite")
    publishing.mark_advisory(stories["advisory"], by_name="The suite")
    story = stories["published"]
    story.headline = "Harbour pilots are back at work"
    publishing.update(story, by_name="The suite")
    story.body = "<p>Pilots went back to the harbour on Tuesday.</p>"
    publishing.correct(story, note="It was Tuesday.", by_name="The suite")
    publishing.kill(stories["killed"], reason="Withdrawn by the agency", by_name="The suite")
    return stories


def make_wires(channel) -> None:
    """A version that waits, one that was filed, a file that nobody can read, two stories alike."""
    feed = Feed.objects.create(name="knw", channel=channel, publish=True)
    Rule.objects.create(feed=feed, field="keyword", value="ferries", channel=channel)
    receive(message(1), "ferry.json", feed)
    story = Story.objects.get(guid="urn:knw:ferry")
    story.headline = "Ferry back at last"
    publishing.update(story, by_name="The suite")
    receive(message(2), "ferry-2.json", feed)
    receive(b"\x00nothing that anybody can read", "broken.bin", feed)
    Likeness.objects.create(story=story, other=make_story(channel), percent=88)


@pytest.fixture
def chief(channel) -> User:
    """A chief editor who may do all else as well: every control of every page is there."""
    user = User.objects.create_superuser("chief", "chief@main.test", "only-for-this-test")
    user.groups.add(Group.objects.get(name="Chief editor"))
    return user


@pytest.fixture
def pages(chief, channel, picture) -> dict[str, str]:
    """A small newsroom with one of everything; the paths of its pages."""
    stories = make_stories(channel)
    make_wires(channel)
    sharing.make_link(stories["draft"], days=2, for_whom="the lawyer", by=chief)
    block = make_block(channel, from_channel=channel, size=4, on_front=False)
    slot = Slot(block=block, url="https://x.example/", headline="On the Moon", position=1)
    curation.place(slot, by_name="The suite")
    curation.place(Slot(block=block, story=stories["published"], position=2), by_name="The suite")
    Author.objects.create(name="Nell Harrow")
    Place.objects.create(name="Skarvik")
    FlatPage.objects.create(url="/about/", title="About us", content="<p>We are here.</p>")

    def of(story: str, page: str, *arguments, query: str = "") -> str:
        return reverse(f"admin:articles_story_{page}", args=[stories[story].pk, *arguments]) + query

    front = reverse("admin:sections_front", args=["stories", channel.pk])
    feed, refused = Feed.objects.get(), Dispatch.objects.order_by("pk").last()
    listed = [
        "articles/story", "articles/picture", "articles/tag", "articles/place", "articles/author",
        "articles/source", "articles/act", "sections/site", "sections/channel", "sections/block",
        "flatpages/flatpage", "auth/user", "wires/wirecopy", "wires/dispatch", "wires/feed", "wires/likeness",
    ]  # fmt: skip
    changed = [picture, Tag.objects.first(), Place.objects.first(), Author.objects.first(), channel,
               stories["draft"].source, channel.site, block, slot, feed, refused,
               WireCopy.objects.get(standing="waiting"), FlatPage.objects.first(), chief]  # fmt: skip
    added = ["articles/picture", "articles/tag", "articles/source", "sections/slot", "wires/feed",
             "auth/user"]  # fmt: skip
    return {
        "desk": "/admin/",
        "my settings": reverse("admin:my_settings"),
        "password": reverse("admin:password_change"),
        "add a story": reverse("admin:articles_story_add"),
        "file from copy": reverse("admin:articles_story_file_copy"),
        **{f"{state} story": of(state, "change") for state in stories},
        **{verb: of("published", "act", verb) for verb in ("kill", "take_down", "unpublish")},
        "restore": of("killed", "act", "restore"),
        "history": of("published", "history"),
        "comparison": of("published", "history", query="?old=1&new=3"),
        "restore a text": of("published", "restore_text", 1),
        "preview": of("draft", "preview"),
        "share": of("draft", "share"),
        "fronts": reverse("admin:sections_fronts"),
        "front": front,
        "front with found stories": f"{front}?q=pilots",
        "filtered stories": "/admin/articles/story/?q=pilots&state__exact=draft",
        "no stories": "/admin/articles/story/?q=nothing",
        **{f"list of {model}": f"/admin/{model}/" for model in listed},
        **{f"add {model}": f"/admin/{model}/add/" for model in added},
        **{f"change {row._meta.model_name}": path_of(row) for row in changed},
        "delete a tag": f"/admin/articles/tag/{Tag.objects.first().pk}/delete/",
    }


def path_of(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


# Pages that a click opens: from which path, and the name of the button.
CLICKED = {
    "kill without a reason": ("kill", "Kill"),
    "copy that is empty": ("file from copy", "File as draft"),
    "story without a headline": ("add a story", "Save draft"),
    "rules, tried": ("change feed", "Try the rules"),
}


def troubles(page, but=MENU) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate(RUN, but)
    wide = page.evaluate(TOO_WIDE)
    return [*found, f"{wide} pixels wider than its window"] if wide > 0 else found


def click(page, button: str) -> None:
    """In this tab, past what the browser itself finds missing."""
    control = page.locator("#content").get_by_role("button", name=button).first
    control.evaluate("button => { button.form.noValidate = true; button.removeAttribute('formtarget'); }")
    control.click()
    page.wait_for_load_state()


def opened(page, pages):
    """What scripts lay over a form."""
    page.goto(pages["draft story"])
    page.locator(".field-picture [role=combobox]").click()
    page.get_by_role("option", name="Cranes").wait_for()
    yield "list", troubles(page)
    page.keyboard.press("Escape")
    for name in ("calendar", "clock"):
        page.locator(f"[id^={name}link]").first.click()
        page.locator(f".{name}box:visible").wait_for()
        yield name, troubles(page)
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Add another Channel").click()
    yield "row", troubles(page)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_no_page_of_the_desk_keeps_anybody_out(chromium, live_server, chief, pages, scheme, width):
    client = Client()
    client.force_login(chief)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    window = {
        "viewport": {"width": width, "height": 900},
        "color_scheme": scheme,
        "base_url": live_server.url,
    }
    found = {}
    with chromium.new_context(**window) as context:
        page, complaints = context.new_page(), []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/admin/")
        found["sign in"] = troubles(page)
        click(page, "Log in")
        found["sign in, failed"] = troubles(page)
        context.add_cookies([session])
        page.goto(pages["list of articles/tag"])
        found["menu"] = troubles(page, but=[])
        for name, path in pages.items():
            assert page.goto(path).status == 200, name
            found[name] = troubles(page)
        for name, (start, button) in CLICKED.items():
            page.goto(pages[start])
            click(page, button)
            found[name] = troubles(page)
        found |= {f"draft story, {name} open": problems for name, problems in opened(page, pages)}
    found["complaints"] = complaints
    said = [f"{name}\n    " + "\n    ".join(problems) for name, problems in found.items() if problems]
    assert not said, f"at {width} pixels, {scheme}:\n" + "\n".join(said)
