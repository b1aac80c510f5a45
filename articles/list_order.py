"""Lists are in the order of first publication: each row that puts a story on a list has that time beside it.

So one index holds what a list is of and its order, and a list of any length is read from any place in it.
The rows of a story that has left all lists have none (articles.ending), and no list reads through them.
The database itself copies the time, by triggers: whoever writes a row, in whatever way, the copy is right.
Migrations call this. On SQLite, one that has Django build one of these tables anew (AlterField,
AddConstraint ...) takes the triggers away before, by `unfollow`, and puts them back after, by `follow`.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 20_000  # rows that are filled in at once


class Copy(NamedTuple):
    """`table.column`, which follows `original.original_column` of the row that `table.key` names, or is null
    where that has something in its column `unless`."""

    table: str
    key: str
    column: str = "first_published"
    original: str = "articles_story"
    original_column: str = "first_published"
    unless: str = ""

    @property
    def name(self) -> str:
        return f"{self.table}_{self.column}"

    @property
    def watched(self) -> str:
        return ", ".join(filter(None, [self.original_column, self.unless]))

    def of(self, row: str) -> str:
        """What is copied, of a row of the original as it is called there."""
        value = f"{row}.{self.original_column}"
        return f"CASE WHEN {row}.{self.unless} IS NULL THEN {value} END" if self.unless else value


# The lock makes who writes the original wait for the rows that name it, and the other way round: else a row
# that is written at the very moment of a publication would keep the time from before.
FOLLOW = {
    "postgresql": [
        """CREATE FUNCTION {name}_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            SELECT {theirs} INTO NEW.{column} FROM {original} WHERE id = NEW.{key} FOR SHARE;
            RETURN NEW;
        END $$""",
        """CREATE TRIGGER {name}_written BEFORE INSERT OR UPDATE OF {key} ON {table}
            FOR EACH ROW EXECUTE FUNCTION {name}_written()""",
        """CREATE FUNCTION {name}_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            UPDATE {table} SET {column} = {new} WHERE {key} = NEW.id;
            RETURN NULL;
        END $$""",
        """CREATE TRIGGER {name}_moved AFTER UPDATE OF {watched} ON {original} FOR EACH ROW
            WHEN (({old}) IS DISTINCT FROM ({new}))
            EXECUTE FUNCTION {name}_moved()""",
    ],
    "sqlite": [
        """CREATE TRIGGER {name}_written AFTER INSERT ON {table} BEGIN
            UPDATE {table} SET {column} = (SELECT {theirs} FROM {original} WHERE id = NEW.{key})
            WHERE id = NEW.id; END""",
        """CREATE TRIGGER {name}_led AFTER UPDATE OF {key} ON {table} BEGIN
            UPDATE {table} SET {column} = (SELECT {theirs} FROM {original} WHERE id = NEW.{key})
            WHERE id = NEW.id; END""",
        """CREATE TRIGGER {name}_moved AFTER UPDATE OF {watched} ON {original}
            WHEN ({old}) IS NOT ({new}) BEGIN
            UPDATE {table} SET {column} = {new} WHERE {key} = NEW.id; END""",
    ],
}
FILL = """UPDATE {table} SET {column} = {theirs} FROM {original}
    WHERE {original}.id = {table}.{key} AND ({theirs}) IS NOT NULL
    AND {table}.{column} IS NULL AND {table}.id >= %s AND {table}.id < %s"""
UNFOLLOW = {
    "postgresql": [
        "DROP FUNCTION {name}_written() CASCADE",
        "DROP FUNCTION {name}_moved() CASCADE",
    ],
    "sqlite": ["DROP TRIGGER {name}_written", "DROP TRIGGER {name}_led", "DROP TRIGGER {name}_moved"],
}


def follow(schema_editor: BaseDatabaseSchemaEditor, copy: Copy) -> None:
    """From now on; rows that are there already want `fill`."""
    _execute(schema_editor, FOLLOW, copy)


def unfollow(schema_editor: BaseDatabaseSchemaEditor, copy: Copy) -> None:
    _execute(schema_editor, UNFOLLOW, copy)


def _execute(schema_editor: BaseDatabaseSchemaEditor, statements: dict[str, list[str]], copy: Copy) -> None:
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(_about(statement, copy), params=None)


def _about(statement: str, copy: Copy) -> str:
    values = {"theirs": copy.of(copy.original), "old": copy.of("OLD"), "new": copy.of("NEW")}
    return statement.format(name=copy.name, watched=copy.watched, **values, **copy._asdict())


def fill(schema_editor: BaseDatabaseSchemaEditor, copy: Copy) -> None:
    """Copies for the rows that were there before. Outside a transaction: each batch has its own, so that
    readers never wait and writers for one batch at most. Twice is as once."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {copy.table}")  # noqa: S608
        last = cursor.fetchone()[0]
        for start in range(0, last + 1, BATCH):
            with transaction.atomic(using=connection.alias):
                if connection.vendor == "postgresql":
                    cursor.execute(f"LOCK TABLE {copy.original} IN SHARE ROW EXCLUSIVE MODE")
                cursor.execute(_about(FILL, copy), [start, start + BATCH])
        if connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE {copy.table}")


def index(
    schema_editor: BaseDatabaseSchemaEditor, name: str, table: str, columns: str, only: str = ""
) -> None:
    """Makes an index, of `only` these rows, while the table is written to; outside a transaction. Twice is as
    once."""
    drop_index(schema_editor, name)  # one that was begun and never finished is there, too, and of no use
    rows = f"WHERE {only}" if only else ""
    schema_editor.execute(f"CREATE INDEX {_online(schema_editor)} {name} ON {table} ({columns}) {rows}")


def drop_index(schema_editor: BaseDatabaseSchemaEditor, name: str) -> None:
    schema_editor.execute(f"DROP INDEX {_online(schema_editor)} IF EXISTS {name}")


def _online(schema_editor: BaseDatabaseSchemaEditor) -> str:
    return "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
