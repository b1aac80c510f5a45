from functools import partial
from importlib import import_module

from django.db import migrations, models

from articles.list_order import follow, unfollow

BEFORE = import_module("articles.migrations.0015_list_order").COPIES
COPIES = [copy._replace(unless="ended_at") for copy in BEFORE]


def instead(old, new, apps, schema_editor):
    for one, other in zip(old, new, strict=True):
        unfollow(schema_editor, one)
        follow(schema_editor, other)


class Migration(migrations.Migration):
    """Copies of stories that have left all lists are null from here on; there are none yet."""

    dependencies = [
        ('articles', '0018_search_newest_first'),
    ]

    operations = [
        migrations.AddField(
            model_name='story',
            name='ended_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(partial(instead, BEFORE, COPIES), partial(instead, COPIES, BEFORE)),
    ]
