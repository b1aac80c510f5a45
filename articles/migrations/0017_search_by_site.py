from django.db import migrations


class Migration(migrations.Migration):
    """Entries from before do not say on which sites their stories stand; reindex_search --missing makes new ones."""

    dependencies = [
        ('articles', '0016_list_order_filled'),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM articles_searchentry", migrations.RunSQL.noop),
    ]
