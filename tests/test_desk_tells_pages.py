"""What is changed on the desk's forms of names, blocks, sites and pictures, the outbox tells."""

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import reverse

from articles.models import Picture, Tag
from newsportal import outbox
from tests.factories import make_block, make_channel, make_site, make_source, publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told():
    """The keys that were told since the last time that it was asked."""
    position = None

    def keys() -> set[str]:
        nonlocal position
        with connection.cursor() as cursor:
            position = position or outbox.here(cursor, connection.vendor)
            news, position = outbox.read(cursor, connection.vendor, position)
        return set().union(*(new.keys for new in news))

    return keys


def test_tags_that_are_deleted_together(admin_client, told):
    tags = [Tag.objects.create(name=name) for name in ("Harbour", "Quay")]
    told()
    sent = {"action": "delete_selected", "_selected_action": [tag.pk for tag in tags], "post": "yes"}
    assert admin_client.post(reverse("admin:articles_tag_changelist"), sent).status_code == 302
    assert not Tag.objects.exists()
    assert told() == {f"tag:{tag.pk}" for tag in tags} | {"tag-at:harbour", "tag-at:quay"}


def test_a_tag_that_gets_another_name(admin_client, told):
    tag = Tag.objects.create(name="Harbour")
    told()
    names = {f"other_names-{name}": value for name, value in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0))}
    sent = {"name": "Port", "slug": "port", "topic": "", **names}
    assert admin_client.post(reverse("admin:articles_tag_change", args=[tag.pk]), sent).status_code == 302
    assert told() == {f"tag:{tag.pk}", "tag-at:harbour", "tag-at:port"}


def test_a_block_that_moves_from_one_page_to_another(admin_client, told):
    site = make_site()
    channel = make_channel(site)
    block = make_block(site)
    told()
    sent = {"label": "Nearby", "position": 0, "size": 5, "channel": channel.pk, "on_stories": "on"}
    sent |= {"backfill": "none", "default_hours": 12}
    done = admin_client.post(reverse("admin:sections_block_change", args=[block.pk]), sent)
    assert done.status_code == 302, done.context["errors"]
    assert told() == {f"home-blocks:{site.pk}", f"story-blocks:{channel.pk}"}


def test_a_picture_is_told_by_the_stories_and_the_blocks_that_show_it():
    channel = make_channel(make_site())
    picture = Picture.objects.create(file="one.jpg", width=64, height=48, alt_text="A quay")
    story, block = publish(channel, picture=picture), make_block(channel, on_front=False)
    block.slots.create(story=publish(channel), picture=picture)
    keys = admin.site.get_model_admin(Picture).keys_of(picture)
    assert keys == {f"story:{story.pk}", f"story-blocks:{channel.pk}"}


def test_a_site_and_a_source_are_on_all_pages():
    for row in (make_site(), make_source()):
        assert admin.site.get_model_admin(type(row)).keys_of(row) == {"network"}
