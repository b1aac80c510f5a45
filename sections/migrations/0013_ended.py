from functools import partial
from importlib import import_module

from django.db import migrations

instead = import_module("articles.migrations.0019_ended").instead
BEFORE = [
    copy
    for copy in import_module("sections.migrations.0010_list_order").COPIES
    if copy.original == "articles_story"
]
COPIES = [copy._replace(unless="ended_at") for copy in BEFORE]


class Migration(migrations.Migration):
    """Listings of stories that have left all lists have no time from here on."""

    dependencies = [
        ('articles', '0019_ended'),
        ('sections', '0012_listing_sample'),
    ]

    operations = [
        migrations.RunPython(partial(instead, BEFORE, COPIES), partial(instead, COPIES, BEFORE)),
    ]
