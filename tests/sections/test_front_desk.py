"""The desk's page of a front: what stands there and why, placing, pinning, moving, and as of a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles import publishing
from articles.clock import clock
from sections import curation
from sections.models import Block, Slot
from tests.articles.test_admin import desk
from tests.factories import make_block, make_channel, make_source, make_story, publish

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def front_url(page: str, row) -> str:
    return f"/admin/sections/block/front/{page}/{row.pk}/"


@pytest.fixture
def block(channel) -> Block:
    for number in (3, 2, 1):
        publish(channel, headline=f"Newest {number}")
    return make_block(channel, from_channel=channel, on_front=False)


@pytest.fixture
def front(block, channel) -> str:
    return front_url("stories", channel)


def pick(block: Block, position: int, *, headline: str = "", by_name: str = "Ada", **kwargs) -> Slot:
    if "story" not in kwargs:
        kwargs["url"] = "https://sister.example/"
    slot = Slot(block=block, position=position, headline=headline, **kwargs)
    curation.place(slot, by_name=by_name)
    return slot


def shown(client, front: str) -> list[str]:
    return [row.card.headline for row in client.get(front).context["blocks"][0].rows]


def text(response) -> str:
    return response.content.decode()


def press(client, front: str, row, **button):
    """A button of a row, as the page sends it."""
    block = client.get(front).context["blocks"][0].block
    who = {"slot": row.pk} if isinstance(row, Slot) else {"story": row.pk, "position": 1}
    data = {"block": block.pk, "seen": block.version} | who | button
    return client.post(front, data, follow=True)


def moment(at) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


# -- What stands there, and why ------------------------------------------------------


def test_each_item_says_why_it_is_there(front, block, channel):
    ends_at = timezone.now() + 3 * HOUR + timedelta(minutes=1)
    pick(block, 1, story=publish(channel, headline="Pier opens"), ends_at=ends_at)
    html = text(desk("Editor").get(front))
    assert "Picked by Ada, from " in html
    assert f"until {clock(ends_at)}" in html
    assert "ends in 3\xa0hours" in html
    assert "Fills up with the newest in Russian News" in html


def test_the_page_is_that_of_the_readers(block, channel, site):
    block.on_front = True
    block.save()
    home = make_block(site, "Top stories", from_channel=channel, size=2)
    pick(home, 2, headline="Sister’s best")
    client = desk("Editor")
    assert shown(client, front_url("home", site)) == ["Newest 1", "Sister’s best"]
    page = client.get(front_url("channel", channel)).context["blocks"]
    # The channel's own list shows all three, and its block repeats none of them.
    assert [len(block.rows) for block in page] == [0, 3]
    assert "Nothing: readers do not see this block, nor its label." in text(
        client.get(front_url("channel", channel))
    )


@pytest.mark.parametrize(
    ("hide", "why"),
    [
        (lambda story: publishing.kill(story, reason="Wrong", by_name="Desk"), "not published (withdrawn)"),
        (lambda story: story.listings.all().delete(), "it is in no channel"),
        (lambda story: embargo(story), "embargo until"),
        (lambda story: forbid(story), "contract with SHY Wire does not let Main carry it"),
    ],
    ids=["killed", "unlisted", "embargoed", "contract"],
)
def test_a_pick_that_readers_do_not_see_says_why(hide, why, front, block, channel):
    story = publish(channel, headline="Pier opens")
    pick(block, 1, story=story)
    hide(story)
    response = desk("Editor").get(front)
    assert "Pier opens" not in [row.card.headline for row in response.context["blocks"][0].rows]
    (absent,) = response.context["blocks"][0].absent
    assert why in absent.why.lower().replace("shy wire", "SHY Wire").replace(" main ", " Main ")
    assert "Picked, but not shown" in text(response)


def embargo(story):
    story.embargo_until = timezone.now() + HOUR
    publishing.update(story, by_name="Desk")


def forbid(story):
    story.source = make_source("SHY", all_sites=True)
    publishing.update(story, by_name="Desk")
    story.source.all_sites = False
    story.source.save()


def test_an_embargoed_pick_says_when_it_shows(front, block, channel):
    story = publish(channel, embargo_until=timezone.now() + HOUR)
    pick(block, 1, story=story)
    (absent,) = desk("Editor").get(front).context["blocks"][0].absent
    assert "shows from" in absent.why


def test_a_pick_to_come_is_shown_apart(front, block):
    pick(block, 1, headline="Tomorrow’s", starts_at=timezone.now() + HOUR)
    block = desk("Editor").get(front).context["blocks"][0]
    assert [str(coming.slot) for coming in block.coming] == ["Tomorrow’s"]
    assert "Tomorrow’s" not in [row.card.headline for row in block.rows]


# -- Acts ----------------------------------------------------------------------------


def test_a_story_that_fills_up_is_pinned_for_the_blocks_hours(front, block):
    client = desk("Editor", "ada")
    story = block.from_channel.listings.get(story__headline="Newest 2").story
    assert "is pinned at position 2" in text(press(client, front, story, to=2))
    slot = Slot.objects.get()
    assert (slot.position, slot.picked_by) == (2, "ada")
    assert slot.ends_at == slot.starts_at + 12 * HOUR


def test_moving_what_fills_up_pins_it_where_it_goes(front, block):
    client = desk("Editor")
    story = block.from_channel.listings.get(story__headline="Newest 3").story
    press(client, front, story, to=1)
    assert shown(client, front) == ["Newest 3", "Newest 1", "Newest 2"]


def test_neighbouring_picks_are_swapped_by_one_button(front, block):
    client = desk("Editor")
    pick(block, 1, headline="One")
    two = pick(block, 2, headline="Two")
    row = client.get(front).context["blocks"][0].rows[1]
    assert "is at position 1 now" in text(press(client, front, two, to=row.up))
    assert shown(client, front)[:2] == ["Two", "One"]


def test_a_removed_pick_leaves_the_page(front, block):
    client = desk("Editor")
    assert "is removed" in text(press(client, front, pick(block, 1, headline="One"), remove="on"))
    assert "One" not in shown(client, front)


def test_a_stale_move_brings_the_block_as_it_is_and_who_changed_it(front, block):
    ada, bea = desk("Editor", "ada"), desk("Editor", "bea")
    one, two = pick(block, 1, headline="One"), pick(block, 2, headline="Two")
    seen = bea.get(front).context["blocks"][0].block.version
    press(ada, front, two, to=1)
    response = press(bea, front, one, to=2, seen=seen)
    assert "ada changed “Nearby” in the meantime" in text(response)
    assert [row.card.headline for row in response.context["blocks"][0].rows][:2] == ["Two", "One"]


def test_an_act_on_what_is_gone_is_told(front, block):
    client = desk("Editor")
    slot = pick(block, 1, headline="One", starts_at=timezone.now() + HOUR)
    curation.remove(slot)
    slot.pk = 99
    assert "was changed or removed by somebody else" in text(press(client, front, slot, to=2))
    assert "was changed or removed" in text(press(client, front, slot, to=2, block=9999))


@pytest.mark.parametrize(
    "bad", [{"seen": "x"}, {"block": ""}, {"slot": "9" * 40}, {"to": "x"}, {"block": "-1"}], ids=str
)
def test_a_form_that_the_page_did_not_send_is_a_bad_request(bad, front, block):
    data = {"block": block.pk, "seen": 1, "slot": 1, "to": 1}
    assert desk("Editor").post(front, data | bad).status_code == 400


def test_a_far_position_is_brought_into_bounds(front, block):
    slot = pick(block, 1, headline="One")
    press(desk("Editor"), front, slot, to=10**9)
    slot.refresh_from_db()
    assert slot.position == curation.LAST_POSITION


# -- Placing -------------------------------------------------------------------------


def place_form(client, front: str, words: str, story) -> dict:
    page = client.get(front, {"q": words})
    assert story in [found.story for found in page.context["found"]]
    return {
        "place": "Place",
        "place-story": story.pk,
        "place-block": page.context["place"].blocks.popitem()[0],
    }


def test_a_story_is_found_by_its_words_and_placed(front, block, channel):
    story = make_story(channel, headline="Old lighthouse for sale", slugline="LIGHT-sale")
    client = desk("Editor", "ada")
    for words in ("lighthouse SALE", "light-sale old", str(story.pk)):
        data = place_form(client, front, words, story)
    html = text(client.get(front, {"q": "lighthouse"}))
    assert "Not shown now: it is not published (draft)" in html
    response = client.post(front, data | {"place-position": 1}, follow=True)
    assert "“Old lighthouse for sale” is placed in “Nearby” at position 1 until" in text(response)
    assert (Slot.objects.get().story, Slot.objects.get().picked_by) == (story, "ada")


def test_words_that_no_story_has_find_nothing(front, channel):
    publish(channel, headline="Old lighthouse for sale")
    for words in ("lighthouse boat", "%", "9" * 60):
        page = desk("Editor", words[:9]).get(front, {"q": words})
        assert page.context["found"] == []
        assert "No story has all of these words" in text(page)


def test_spiked_and_withdrawn_stories_are_not_offered(front, channel):
    story = publish(channel, headline="Old lighthouse")
    publishing.kill(story, reason="Wrong", by_name="Desk")
    publishing.spike(make_story(channel, headline="Other lighthouse"), by_name="Desk")
    assert desk("Editor").get(front, {"q": "lighthouse"}).context["found"] == []


def test_a_position_that_is_taken_is_refused_with_the_others_name(front, block, channel):
    pick(block, 1, headline="One")
    story = publish(channel, headline="Old lighthouse for sale")
    client = desk("Editor")
    data = place_form(client, front, "lighthouse", story) | {"place-position": 1}
    response = client.post(f"{front}?q=lighthouse", data)
    assert "“One” has position 1 in this block at that time; Ada picked it." in text(response)
    assert response.context["chosen"] == str(story.pk)
    assert Slot.objects.count() == 1
    client.post(front, data | {"place-position": ""})
    assert Slot.objects.get(story=story).position == 2


@pytest.mark.parametrize("bad", ["", "x", "0", "9" * 40, "withdrawn"])
def test_what_was_not_found_is_not_placed(bad, front, block, channel):
    if bad == "withdrawn":
        story = publish(channel)
        publishing.kill(story, reason="Wrong", by_name="Desk")
        bad = str(story.pk)
    data = {"place": "Place", "place-story": bad, "place-block": block.pk}
    response = desk("Editor").post(f"{front}?q=newest", data)
    assert response.status_code == 200
    assert response.context["place"].errors["story"]
    assert not Slot.objects.exists()


def test_a_link_to_a_sister_site_is_placed_with_its_words(front, block):
    client = desk("Editor")
    link = {
        "link": "Place",
        "link-block": block.pk,
        "link-headline": "Sister’s best",
        "link-teaser": "Read it",
    }
    refused = client.post(front, link | {"link-url": "javascript:x()"})
    assert "Enter a valid URL" in text(refused)
    assert "Sister’s best" in text(refused)
    client.post(front, link | {"link-url": "sister.example/story/1/"})
    slot = Slot.objects.get()
    assert (slot.url, slot.headline, slot.teaser) == (
        "https://sister.example/story/1/",
        "Sister’s best",
        "Read it",
    )


def test_a_pick_may_be_given_its_own_time(front, block):
    link = {"link": "1", "link-block": block.pk, "link-headline": "Best", "link-url": "https://x.example/"}
    time = {"link-starts_at": "2100-01-01T10:00", "link-ends_at": "2100-01-01T09:00"}
    client = desk("Editor")
    assert "This ends before it begins" in text(client.post(front, link | time))
    assert "No year after 2199" in text(client.post(front, link | {"link-starts_at": "2999-01-01T10:00"}))
    client.post(front, link | time | {"link-ends_at": "2100-01-02T09:00"})
    assert f"{Slot.objects.get().ends_at:%Y-%m-%d %H:%M}" == "2100-01-02 09:00"


# -- As of ---------------------------------------------------------------------------


@pytest.fixture
def tomorrow(block, channel):
    """A moment after which an embargo is over and a pick has ended."""
    pick(block, 1, headline="Today’s", ends_at=timezone.now() + HOUR)
    publish(channel, headline="Tomorrow’s", embargo_until=timezone.now() + 2 * HOUR)
    return moment(timezone.now() + 5 * HOUR)


def test_the_front_is_shown_as_it_will_be(front, tomorrow, settings):
    client = desk("Editor")
    assert shown(client, front)[0] == "Today’s"
    later = shown(client, f"{front}?at={tomorrow}")
    assert "Today’s" not in later
    assert "Tomorrow’s" in later
    with timezone.override("Asia/Tokyo"):
        assert "Tomorrow’s" not in shown(client, front)


def test_what_is_pinned_as_of_a_time_starts_then(front, block, tomorrow):
    story = block.from_channel.listings.get(story__headline="Newest 2").story
    press(desk("Editor"), f"{front}?at={tomorrow}", story, to=1)
    slot = Slot.objects.get(story=story)
    assert moment(slot.starts_at) == tomorrow
    assert slot.ends_at == slot.starts_at + 12 * HOUR


def test_the_past_is_only_shown(front, block):
    pick(block, 1, headline="One")
    response = desk("Editor").get(f"{front}?at={moment(timezone.now() - HOUR)}")
    assert "Nothing can be changed in the past" in text(response)
    assert response.context["mine"] == set()


@pytest.mark.parametrize("bad", ["x", "2026-02-30T10:00", "9999-12-31T10:00"])
def test_a_time_that_is_none_is_an_error_in_the_form(bad, front):
    response = desk("Editor").get(f"{front}?at={bad}")
    assert response.status_code == 200
    assert 'class="errorlist"' in text(response)


def test_the_preview_is_the_readers_page_at_that_time_and_for_nobody_else(site, channel, client):
    publish(channel, headline="Tomorrow’s", embargo_until=timezone.now() + 2 * HOUR)
    for page, row in (("home", site), ("channel", channel), ("stories", channel)):
        url = front_url(page, row) + "preview/"
        at = f"{url}?at={moment(timezone.now() + 5 * HOUR)}"
        editor = desk("Editor", page)
        response = editor.get(at)
        assert "Tomorrow’s" in text(response)
        assert "Preview for the desk" in text(response)
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex"
        assert "Tomorrow’s" not in text(editor.get(url))
        assert client.get(at).status_code == 302
    assert f'href="/look-{site.pk}.css"' in text(response)
    assert f"--site-accent: {site.accent}" in text(client.get(f"/look-{site.pk}.css"))


def test_a_preview_shows_nothing_that_is_withdrawn(site, channel):
    publishing.kill(publish(channel, headline="Secret"), reason="Wrong", by_name="Desk")
    make_story(channel, headline="Secret draft")
    url = front_url("channel", channel) + f"preview/?at={moment(timezone.now() + HOUR)}"
    assert "Secret" not in text(desk("Editor").get(url))


# -- Who, and at what cost -----------------------------------------------------------


def test_a_reporter_looks_and_changes_nothing(front, block):
    reporter = desk("Reporter")
    slot = pick(block, 1, headline="One")
    page = reporter.get(front)
    assert "Picked by Ada" in text(page)
    for button in ("front-act", "front-grip", 'name="place"', 'name="link"'):
        assert button not in text(page)
    story = block.from_channel.listings.first().story
    for data in (
        {"slot": slot.pk, "to": 2},
        {"slot": slot.pk, "remove": "on"},
        {"story": story.pk, "position": 2, "to": 2},
    ):
        assert reporter.post(front, {"block": block.pk, "seen": 2} | data).status_code == 403
    link = {"link": "1", "link-block": block.pk, "link-headline": "Best", "link-url": "https://x.example/"}
    assert reporter.post(front, link).status_code == 403
    assert list(Slot.objects.values_list("position", "ends_at")) == [(1, None)]


def test_who_may_see_no_block_sees_no_front(front, site):
    nobody = desk("Reporter")
    nobody.get("/admin/")
    user = nobody.get("/admin/").context["user"]
    user.groups.clear()
    for url in (front, front + "preview/", "/admin/sections/block/fronts/"):
        assert nobody.get(url).status_code == 403


@pytest.mark.parametrize("url", ["home/999/", "nowhere/1/", "channel/999/", f"home/{'9' * 30}/"])
def test_a_front_that_there_is_not_is_not_found(url, site):
    assert desk("Editor").get(f"/admin/sections/block/front/{url}").status_code == 404


def test_every_front_is_listed_and_linked_from_its_site_and_channel(site, channel, block):
    client = desk("Chief editor")
    pick(block, 1, headline="One", ends_at=timezone.now() + HOUR)
    listed = text(client.get("/admin/sections/block/fronts/"))
    assert "/admin/sections/block/fronts/" in text(client.get("/admin/"))
    for url in (front_url("home", site), front_url("channel", channel), front_url("stories", channel)):
        assert url in listed
    assert front_url("home", site) in text(client.get(f"/admin/sections/site/{site.pk}/change/"))
    assert front_url("stories", channel) in text(client.get(f"/admin/sections/channel/{channel.pk}/change/"))
    assert front_url("stories", channel) in text(client.get(f"/admin/sections/block/{block.pk}/change/"))


def test_a_front_costs_the_same_for_many_blocks_and_picks_as_for_one(
    site, channel, django_assert_num_queries, django_assert_max_num_queries
):
    client, barred = desk("Editor"), make_source("BAR", all_sites=False)

    def fill(blocks: int, picks: int):
        for number in range(blocks):
            block = make_block(site, f"Block {number}", from_channel=channel)
            for position in range(1, picks + 1):
                story = publish(channel, headline=f"Lighthouse {number} {position}")
                pick(block, position, story=story)
                story = make_story(channel, source=barred)
                pick(block, position + 50, story=story)

    url = front_url("home", site) + "?q=lighthouse"
    fill(1, 1)
    client.get(url)
    with django_assert_max_num_queries(15) as one:
        assert len(client.get(url).context["found"]) == 1
    fill(6, 5)
    with django_assert_num_queries(len(one)):
        assert len(client.get(url).context["found"]) == 20


def test_the_list_of_fronts_costs_the_same_for_any_number(site, channel, django_assert_num_queries):
    client = desk("Editor")
    client.get("/admin/sections/block/fronts/")
    # 6: the session; who; their rights; the blocks, the sites, the channels
    with django_assert_num_queries(6):
        client.get("/admin/sections/block/fronts/")
    for number in range(9):
        make_block(make_channel(site, f"Channel {number}"))
    with django_assert_num_queries(6):
        client.get("/admin/sections/block/fronts/")
