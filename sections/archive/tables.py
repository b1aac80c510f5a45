"""Writes many rows of a model at once: COPY on PostgreSQL, one prepared INSERT on SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, models


class Table:
    """The rows of one model, gathered and written. What is not named has its default; no save() is called."""

    def __init__(self, model: type[models.Model], *names: str) -> None:
        self.model = model
        fields = {field.attname: field for field in model._meta.concrete_fields}
        rest = [
            field
            for name, field in fields.items()
            if name not in names and not field.null and not field.primary_key
        ]
        self._columns = [fields[name].column for name in names] + [field.column for field in rest]
        self._constants = tuple(field.get_db_prep_save(field.get_default(), connection) for field in rest)
        self.rows: list[tuple] = []

    def add(self, *values) -> None:
        self.rows.append(values + self._constants)

    def write(self) -> None:
        """Empties it into the database, in the transaction that is open."""
        table = connection.ops.quote_name(self.model._meta.db_table)
        columns = ", ".join(map(connection.ops.quote_name, self._columns))
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for row in self.rows:
                        copy.write_row(row)
            else:
                marks = ", ".join("%s" for _ in self._columns)
                rows = (tuple(map(_adapted, row)) for row in self.rows)
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        self.rows.clear()


def _adapted(value):
    """As Django stores it on SQLite."""
    return str(value.replace(tzinfo=None)) if isinstance(value, datetime) else value


def new_ids(model: type[models.Model], number: int) -> Sequence[int]:
    """Keys that nobody else gets, rising; to be used in the transaction that is open."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "pg_get_serial_sequence(%s, 'id')"
            cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [table, number])
            return sorted(key for (key,) in cursor.fetchall())
    last = model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0
    return range(last + 1, last + 1 + number)
