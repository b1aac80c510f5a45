"""The desk's pages of tags, places and authors."""

import re

import pytest

from articles.models import Author, Place, Tag, TagName
from tests.articles.test_admin import desk, read_form
from tests.factories import make_block, make_channel, make_site, make_story, publish

pytestmark = pytest.mark.django_db

TAGS = "/admin/articles/tag/"


def tag(name: str, **values) -> Tag:
    return Tag.objects.create(name=name, **values)


def errors(html: str) -> str:
    return " ".join(re.findall(r'<ul class="errorlist.*?</ul>', html, re.DOTALL))


def save(client, row, **changes):
    url = f"/admin/articles/{row._meta.model_name}/{row.pk}/change/"
    return client.post(url, read_form(client, url) | changes)


def test_the_list_says_how_much_each_tag_is_used():
    ships, ice = tag("Ships"), tag("Ice")
    make_story().tags.add(ships)
    publish(make_channel(make_site())).tags.add(ships)
    client = desk("Editor")
    html = client.get(TAGS).content.decode()
    assert re.findall(r'field-in_stories">(\d)<', html) == ["0", "2"]
    assert "Ships" not in client.get(f"{TAGS}?used=no").content.decode()
    assert "Ice" not in client.get(f"{TAGS}?used=yes").content.decode()
    assert ">no story<" in client.get(f"{TAGS}{ice.pk}/change/").content.decode()
    assert "2 stories, 1 of them published" in client.get(f"{TAGS}{ships.pk}/change/").content.decode()


def test_another_name_is_found_in_the_list_and_in_the_form(client):
    ships = tag("Ships")
    ships.other_names.create(name="Bâteaux")
    ships.other_names.create(name="Bâteaux à voile")
    found = desk("Editor").get(f"{TAGS}?q=bâteaux").context["cl"].result_list
    assert found == [ships]


def test_a_renamed_tag_is_found_by_its_old_name_and_address(client):
    ships = tag("Shipps")
    response = save(desk("Editor"), ships, name="Ships", slug="ships")
    assert response.status_code == 302
    assert Tag.objects.by_name(["shipps"]) == {"shipps": ships}
    assert client.get("/tag/shipps/").status_code == 404  # there is no site yet
    assert [old.slug for old in ships.old_slugs.all()] == ["shipps"]


def test_other_names_are_added_and_taken_away():
    ships = tag("Ships")
    client = desk("Editor")
    assert save(client, ships, **{"other_names-0-name": " Sailing   boats "}).status_code == 302
    assert [other.normal for other in ships.other_names.all()] == ["sailing boats"]
    assert save(client, ships, **{"other_names-0-DELETE": "on"}).status_code == 302
    assert not ships.other_names.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ICE", "“Ice” is a tag of its own: merge the two instead."),
        ("glaciers", "“glaciers” is another name of “Ice” already."),
        ("SHIPS", "“SHIPS” is its name already."),
        ("\ufdfa" * 60, "is no name, or one that is too long."),
    ],
)
def test_a_name_that_another_tag_has_is_refused_with_whose_it_is(name, said):
    ships, ice = tag("Ships"), tag("Ice")
    ice.other_names.create(name="Glaciers")
    html = save(desk("Editor"), ships, **{"other_names-0-name": name}).content.decode()
    assert said in errors(html)
    assert TagName.objects.count() == 1


def test_one_name_twice_in_the_form_is_refused():
    names = {
        "other_names-TOTAL_FORMS": "2",
        "other_names-0-name": "Boats",
        "other_names-1-name": "BOATS",
        "other_names-1-id": "",
    }
    assert "stands here twice" in errors(save(desk("Editor"), tag("Ships"), **names).content.decode())


def test_a_tag_is_not_called_as_another_is_called_too():
    tag("Ice").other_names.create(name="Glaciers")
    said = errors(save(desk("Editor"), tag("Ships"), name="glaciers").content.decode())
    assert "“glaciers” is another name of the tag “Ice”." in said


def test_an_address_that_leads_elsewhere_is_refused():
    tag("Ice").old_slugs.create(slug="frost")
    assert "“frost” leads to “Ice”" in errors(
        save(desk("Editor"), tag("Ships"), slug="frost").content.decode()
    )


@pytest.mark.parametrize(
    "written",
    ["20000601", "medtop:20000601", " http://cv.iptc.org/newscodes/mediatopic/20000601 ", "MEDTOP:20000601"],
)
def test_a_media_topic_is_stored_in_one_form_and_shown_with_its_name(written):
    ships = tag("Ships")
    client = desk("Editor")
    assert save(client, ships, topic=written).status_code == 302
    ships.refresh_from_db()
    assert ships.topic == "medtop:20000601"
    assert "military equipment" in client.get(f"{TAGS}{ships.pk}/change/").content.decode()


@pytest.mark.parametrize("written", ["20000602x", "subj:11001000", "99999999", "war"])
def test_what_is_no_media_topic_is_refused(written):
    assert "is no Media Topic" in errors(save(desk("Editor"), tag("Ships"), topic=written).content.decode())


# -- Merging -----------------------------------------------------------------------


def test_an_editor_sees_what_will_happen_and_merges():
    ships, boats = tag("Ships"), tag("Boats")
    channel = make_channel(make_site())
    publish(channel).tags.add(boats)
    make_block(channel, backfill="tag", from_tag=boats)
    client = desk("Editor")
    chosen = {"action": "merge_selected", "_selected_action": [ships.pk, boats.pk]}
    page = client.post(TAGS, chosen, follow=True).content.decode()
    assert "1 blocks (from tag)" in page
    assert f'value="{boats.pk}" checked' in page  # the most used
    assert Tag.objects.count() == 2
    done = client.post(f"{TAGS}merge/", {"row": [ships.pk, boats.pk], "keep": ships.pk}, follow=True)
    assert "Merged into “Ships”: “Boats”. 1 stories changed." in done.content.decode()
    assert Tag.objects.get() == ships
    again = client.post(f"{TAGS}merge/", {"row": [ships.pk, boats.pk], "keep": ships.pk}, follow=True)
    assert "nothing: it is done already" in again.content.decode()


def test_more_to_merge_are_named_one_on_a_line():
    ships = tag("Ships")
    tag("Boats").other_names.create(name="Skiffs")
    page = desk("Editor").get(f"{TAGS}merge/", {"row": ships.pk, "names": "SKIFFS\r\nRafts\r\n"})
    assert [str(row) for row in page.context["rows"]] == ["Boats", "Ships"]
    assert "Nothing here is called “Rafts”." in page.content.decode()


@pytest.mark.parametrize("keep", ["", "x", "9" * 30, "0"])
def test_a_merge_without_one_to_keep_does_nothing(keep):
    ships, boats = tag("Ships"), tag("Boats")
    page = desk("Editor").post(f"{TAGS}merge/", {"row": [ships.pk, boats.pk, "y" * 9], "keep": keep})
    assert "Choose which tag is kept" in page.content.decode()
    assert Tag.objects.count() == 2


@pytest.mark.parametrize("model", ["tag", "place", "author"])
def test_who_may_not_change_and_delete_does_not_merge(model):
    url = f"/admin/articles/{model}/merge/"
    reporter = desk("Reporter")
    assert reporter.get(url).status_code == 403
    ships, boats = tag("Ships"), tag("Boats")
    assert reporter.post(url, {"row": [ships.pk, boats.pk], "keep": ships.pk}).status_code == 403
    assert "merge/" not in reporter.get(f"{TAGS}{ships.pk}/change/").content.decode()
    assert Tag.objects.count() == 2


def test_places_and_authors_are_merged_on_their_pages():
    client = desk("Editor")
    kyiv, kiev = Place.objects.create(name="Kyiv", country="Ukraine"), Place.objects.create(name="Kiev")
    page = client.get("/admin/articles/place/merge/", {"names": "Kyiv, Ukraine\nkiev"})
    assert set(page.context["rows"]) == {kyiv, kiev}
    client.post("/admin/articles/place/merge/", {"row": [kyiv.pk, kiev.pk], "keep": kyiv.pk})
    assert Place.objects.get() == kyiv
    ada, quist = Author.objects.create(name="Ada Quist"), Author.objects.create(name="A. Quist")
    client.post("/admin/articles/author/merge/", {"row": [ada.pk, quist.pk], "keep": ada.pk})
    assert Author.objects.get() == ada


def test_the_list_is_in_the_order_of_the_alphabet_whatever_has_capitals():
    for name in ("Wayfarer", "heatwave", "Élan", "drones"):
        tag(name)
    html = desk("Editor").get(TAGS).content.decode()
    assert re.findall(r'field-name"><a[^>]*>([^<]+)<', html) == ["drones", "Élan", "heatwave", "Wayfarer"]


def test_the_page_of_a_merge_takes_the_same_queries_for_two_and_for_twenty(django_assert_num_queries):
    client = desk("Editor")
    tags = [tag(f"Tag {n}") for n in range(20)]
    for one in tags:
        make_story().tags.add(one)
        one.other_names.create(name=f"Other {one}")
    client.get(f"{TAGS}merge/")
    for rows in (tags[:2], tags):
        # 8: session, user, rights; the tags, their names, their uses, the newest stories, blocks
        with django_assert_num_queries(8):
            client.get(f"{TAGS}merge/", {"row": [one.pk for one in rows]})
