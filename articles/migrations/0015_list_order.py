from functools import partial

from django.db import migrations, models

from articles.list_order import Copy, follow, unfollow

COPIES = [
    Copy("articles_taggedstory", "content_object_id"),
    Copy("articles_story_places", "story_id"),
    Copy("articles_story_authors", "story_id"),
]
PLAIN = ["articles_story_places", "articles_story_authors"]  # tables of which no model of ours says the columns


def add_columns(apps, schema_editor):
    kind = schema_editor.connection.data_types["DateTimeField"]
    for table in PLAIN:
        schema_editor.execute(f"ALTER TABLE {table} ADD COLUMN first_published {kind} NULL")


def remove_columns(apps, schema_editor):
    for table in PLAIN:
        schema_editor.execute(f"ALTER TABLE {table} DROP COLUMN first_published")


def of_each(act, apps, schema_editor):
    for copy in COPIES:
        act(schema_editor, copy)


class Migration(migrations.Migration):
    """From here on the copies follow. What was there before is filled in by the next, while the site is up."""

    dependencies = [
        ('articles', '0014_words_of_what_is_not_published'),
    ]

    operations = [
        migrations.AddField(
            model_name='taggedstory',
            name='first_published',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(add_columns, remove_columns),
        migrations.CreateModel(
            name='AuthorEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_published', models.DateTimeField(null=True)),
                ('author_id', models.BigIntegerField()),
            ],
            options={
                'db_table': 'articles_story_authors',
                'managed': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PlaceEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_published', models.DateTimeField(null=True)),
                ('place_id', models.BigIntegerField()),
            ],
            options={
                'db_table': 'articles_story_places',
                'managed': False,
                'default_permissions': (),
            },
        ),
        migrations.RunPython(partial(of_each, follow), partial(of_each, unfollow)),
    ]
