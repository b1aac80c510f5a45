import django.db.models.deletion
from django.db import migrations, models

# Each database keeps words as it can: see articles/search/postgresql.py and sqlite.py.
CREATE = {
    "postgresql": [
        "ALTER TABLE articles_searchentry ADD COLUMN words text NOT NULL",
        "ALTER TABLE articles_searchentry SET (toast_tuple_target = 128)",
        # What is not sorted in yet is read by every search: not more than some dozen stories.
        "CREATE INDEX search_words ON articles_searchentry"
        " USING gin (array_to_tsvector(string_to_array(words, ' '))) WITH (gin_pending_list_limit = 256)",
        # No statistics are gathered, which would read all texts: they could not say what is frequent when.
        "ALTER TABLE articles_searchentry ALTER COLUMN words SET STATISTICS 0",
        "ALTER INDEX search_words ALTER COLUMN 1 SET STATISTICS 0",
    ],
    "sqlite": [
        "CREATE VIRTUAL TABLE articles_searchwords USING fts5(words, tokenize='ascii', columnsize=0)",
        # An entry goes with its words however it goes: with its story, too.
        "CREATE TRIGGER articles_searchentry_gone AFTER DELETE ON articles_searchentry BEGIN"
        " DELETE FROM articles_searchwords WHERE rowid = OLD.position; END",
    ],
}
DROP = {
    "postgresql": ["ALTER TABLE articles_searchentry DROP COLUMN words"],
    "sqlite": ["DROP TRIGGER articles_searchentry_gone", "DROP TABLE articles_searchwords"],
}


def create(apps, schema_editor):
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("articles", "0010_clock_indexes")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "story",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entry",
                        to="articles.story",
                    ),
                ),
            ],
            options={"db_table": "articles_searchentry"},
        ),
        migrations.RunPython(create, drop),
    ]
