from importlib import import_module

from django.db import migrations, models

from articles.list_order import drop_index, fill, index

COPIES = import_module("articles.migrations.0015_list_order").COPIES
INDEXES = [
    ("tagged_newest", "articles_taggedstory", "tag_id, first_published, content_object_id"),
    ("place_newest", "articles_story_places", "place_id, first_published, story_id"),
    ("author_newest", "articles_story_authors", "author_id, first_published, story_id"),
    # With the state, or SQLite would sooner go through the stories of all sources.
    ("story_by_source", "articles_story", "source_id, state, first_published, id"),
]
BEFORE = ("story_of_source", "articles_story", "source_id, first_published, id")


def fill_in(apps, schema_editor):
    for copy in COPIES:
        fill(schema_editor, copy)
    for name, table, columns in INDEXES:
        index(schema_editor, name, table, columns)
    drop_index(schema_editor, BEFORE[0])


def drop(apps, schema_editor):
    index(schema_editor, *BEFORE)
    for name, _table, _columns in INDEXES:
        drop_index(schema_editor, name)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('articles', '0015_list_order'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(fill_in, drop)],
            [
                migrations.AddIndex(
                    model_name='taggedstory',
                    index=models.Index(fields=['tag', 'first_published', 'content_object'], name='tagged_newest'),
                ),
                migrations.RemoveIndex(model_name='story', name='story_of_source'),
                migrations.AddIndex(
                    model_name='story',
                    index=models.Index(fields=['source', 'state', 'first_published', 'id'], name='story_by_source'),
                ),
            ],
        ),
    ]
