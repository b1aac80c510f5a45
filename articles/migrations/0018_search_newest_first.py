from django.db import migrations

ENTRY_GONE = (
    "CREATE TRIGGER articles_searchentry_gone AFTER DELETE ON articles_searchentry BEGIN"
    " DELETE FROM articles_searchwords WHERE rowid = {} OLD.position; END"
)


def anew(sign: str):
    """SQLite's index again, empty, with that sign before positions; reindex_search --missing fills it.

    Dropped with its table: to delete a million entries from it would take as long as to make them.
    """

    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "sqlite":
            for statement in (
                "DROP TRIGGER articles_searchentry_gone",
                "DROP TABLE articles_searchwords",
                "DELETE FROM articles_searchentry",
                "CREATE VIRTUAL TABLE articles_searchwords USING fts5(words, tokenize='ascii', columnsize=0)",
                ENTRY_GONE.format(sign),
            ):
                schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    """FTS5 goes through its lists forwards much faster than backwards, so the newest stories come first there."""

    dependencies = [("articles", "0017_search_by_site")]

    operations = [migrations.RunPython(anew("-"), anew("+"))]
