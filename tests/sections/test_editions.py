"""The print edition of a channel's day, the calendar of the archive, the page of the network."""

import re
from datetime import UTC, datetime

import pytest

from tests.factories import make_source, make_story, publish
from tests.sections.test_story_page import path

MARCH = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAY = "/channel/russian-news/2026/03/03/"


def main(response) -> str:
    assert response.status_code == 200
    return response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]


# -- The print edition ---------------------------------------------------------------


def test_an_edition_has_the_channels_stories_of_the_day_whole_in_their_order(read, channel, moon):
    for hour, headline in [(14, "Second"), (9, "First")]:
        publish(channel, headline=headline, body=f"<p>All of {headline}.</p>", at=MARCH.replace(hour=hour))
    publish(channel, headline="The day before", at=MARCH.replace(day=2, hour=23, minute=59))
    publish(channel, headline="The day after", at=MARCH.replace(day=4, hour=0))
    publish(moon, headline="Of another channel", at=MARCH)
    make_story(channel, headline="Not public")
    page = main(read(DAY))
    assert page.index("All of First.") < page.index("All of Second.")
    for absent in ["The day before", "The day after", "Of another channel", "Not public"]:
        assert absent not in page, absent


def test_an_edition_leaves_out_what_a_contract_keeps_from_archives(read, channel):
    publish(channel, headline="May be kept", source=make_source("MWS"), at=MARCH)
    publish(channel, headline="May not be", source=make_source("PPA", archive_allowed=False), at=MARCH)
    page = read(DAY).content.decode()
    assert "May be kept" in page
    assert "May not be" not in page
    assert "PPA stories are copyright" not in page
    assert "MWS stories are copyright" in page


def test_a_story_that_lives_on_a_sister_site_is_linked_there(read, channel, moon):
    story = publish(moon, also=(channel,), at=MARCH)
    assert f'href="http://sister.test{path(story)}"' in main(read(DAY))


def test_a_day_without_stories_says_so(read, channel):
    assert "no stories" in main(read(DAY))


@pytest.mark.parametrize("address", ["2026/02/30/", "2026/13/01/", "2026/3/3/", "0000/01/01/", "9999/01/01/"])
def test_a_day_that_cannot_be_is_not_found(read, channel, address):
    assert read(f"/channel/russian-news/{address}").status_code == 404
    assert read("/channel/none/2026/03/03/").status_code == 404


def test_the_channels_page_links_to_the_edition_of_its_newest_day(read, channel):
    publish(channel, at=MARCH)
    assert f'href="{DAY}"' in main(read("/channel/russian-news/"))


# -- The calendar --------------------------------------------------------------------


def weeks(page: str) -> list[list[str]]:
    """The words of the calendar's cells, row by row."""
    body = page.split("<tbody>")[1]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def test_a_month_is_a_calendar_whose_days_with_stories_are_links(read, channel):
    publish(channel, at=MARCH)
    publish(channel, at=MARCH.replace(day=31, hour=23, minute=59))
    page = main(read("/archive/2026/03/"))
    assert weeks(page)[0] == ["", "", "", "", "", "", "1"]
    assert weeks(page)[-1] == ["30", "31", "", "", "", "", ""]
    assert all(len(week) == 7 for week in weeks(page))
    assert re.findall(r'<td><a href="([^"]*)" aria-label="([^"]*)">', page) == [
        ("/archive/2026/03/03/", "3 March 2026"),
        ("/archive/2026/03/31/", "31 March 2026"),
    ]
    assert re.findall(r'<th scope="col" abbr="(\w+)">', page)[0] == "Monday"


def test_a_month_without_stories_is_no_calendar(read, channel):
    page = main(read("/archive/2026/04/"))
    assert "<table" not in page
    assert "There are no stories of this time." in page


# -- The network ---------------------------------------------------------------------


def test_the_network_page_leads_to_all_sites_and_channels(read, channel, moon):
    channel.description = "Ships and quays"
    channel.save()
    page = main(read("/network/"))
    links = [
        "http://main.test/",
        "/channel/russian-news/",
        "http://sister.test/",
        "http://sister.test/channel/moon/",
    ]
    for link in links:
        assert f'href="{link}"' in page, link
    assert "Ships and quays" in page


def test_menus_mark_the_page_that_is_open_and_the_channel_it_is_in(read, channel):
    link = '<a href="/channel/russian-news/" aria-current="{}">'
    assert link.format("page") in read("/channel/russian-news/").content.decode()
    assert link.format("true") in read(DAY).content.decode()
