from functools import partial

import django.db.models.deletion
from django.db import migrations, models

from articles.list_order import Copy, follow, unfollow

COPIES = [
    Copy("sections_listing", "story_id"),
    Copy("sections_listing", "channel_id", "site_id", "sections_channel", "site_id"),
]


def of_each(act, apps, schema_editor):
    for copy in COPIES:
        act(schema_editor, copy)


class Migration(migrations.Migration):
    """From here on the copies follow. What was there before is filled in by the next, while the site is up."""

    dependencies = [
        ('articles', '0016_list_order_filled'),
        ('sections', '0009_clock_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='listing',
            name='first_published',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='listing',
            name='site',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='sections.site'),
        ),
        migrations.RunPython(partial(of_each, follow), partial(of_each, unfollow)),
    ]
