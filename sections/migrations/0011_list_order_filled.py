from importlib import import_module

from django.db import migrations, models

from articles.list_order import drop_index, fill, index

COPIES = import_module("sections.migrations.0010_list_order").COPIES
INDEXES = [
    ("listing_newest", "sections_listing", "channel_id, first_published, story_id"),
    ("listing_newest_of_site", "sections_listing", "site_id, first_published, story_id"),
]


def fill_in(apps, schema_editor):
    for copy in COPIES:
        fill(schema_editor, copy)
    for name, table, columns in INDEXES:
        index(schema_editor, name, table, columns)


def drop(apps, schema_editor):
    for name, _table, _columns in INDEXES:
        drop_index(schema_editor, name)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('sections', '0010_list_order'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(fill_in, drop)],
            [
                migrations.AddIndex(
                    model_name='listing',
                    index=models.Index(fields=['channel', 'first_published', 'story'], name='listing_newest'),
                ),
                migrations.AddIndex(
                    model_name='listing',
                    index=models.Index(fields=['site', 'first_published', 'story'], name='listing_newest_of_site'),
                ),
            ],
        ),
    ]
