"""Rows written with statements that were composed once.

Django composes each anew, which takes it longer than the database takes to carry it out: for a story with
all that the wire brings along, that is most of the time. For plain values, in the models' own fields; no
save() and no clean() of a model is called.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from django.db import connection, connections, router
from django.db.models import Field, Model

Row = TypeVar("Row", bound=Model)
PAUSE = 0.12  # seconds; who waits for SQLite's one lock looks for it ten times a second


def let_others() -> None:
    """To be called after each of many transactions: on SQLite nobody else would get to write between."""
    if connection.vendor == "sqlite":
        time.sleep(PAUSE)


def insert(rows: Iterable[Row]) -> list[Row]:
    """Stores new rows of one model and gives them their keys. One statement; none for no rows."""
    rows = list(rows)
    return _insert(rows) if rows else rows


def insert_unless_there(row: Model) -> bool:
    """Stores a row if no other has what must be unique of it; says whether it did.

    What somebody else is storing at this moment is waited for.
    """
    return bool(_insert([row], unless_there=True))


def update(row: Model, *names: str, only_if: Mapping[str, Sequence] = MappingProxyType({})) -> bool:
    """Writes these fields of a stored row, if it has one of these values in each field that `only_if` names;
    says whether it did."""
    connection = connections[router.db_for_write(type(row))]
    fields = [row._meta.get_field(name) for name in names]
    values = _values(row, [*fields, row._meta.pk], connection, add=False)
    for name, allowed in only_if.items():
        field = row._meta.get_field(name)
        values += [field.get_db_prep_save(value, connection) for value in allowed]
    conditions = tuple((name, len(allowed)) for name, allowed in only_if.items())
    with connection.cursor() as cursor:
        cursor.execute(_update_statement(type(row), names, conditions, connection.alias), values)
        return cursor.rowcount > 0


def _insert(rows: list[Row], *, unless_there: bool = False) -> list[Row]:
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    columns = _columns(model)
    values = [value for row in rows for value in _values(row, columns, connection, add=True)]
    with connection.cursor() as cursor:
        conflict = "ON CONFLICT DO NOTHING" if unless_there else ""
        cursor.execute(_insert_statement(model, len(rows), connection.alias, conflict), values)
        stored = list(zip(rows, cursor.fetchall(), strict=not unless_there))
    for row, (key,) in stored:
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias
    return [row for row, _ in stored]


def _values(row: Model, fields: Iterable[Field], connection, *, add: bool) -> list:
    return [field.get_db_prep_save(field.pre_save(row, add), connection) for field in fields]


@cache
def _columns(model: type[Model]) -> list[Field]:
    return [
        field for field in model._meta.local_concrete_fields if not (field.primary_key or field.generated)
    ]


@cache
def _insert_statement(model: type[Model], rows: int, alias: str, conflict: str) -> str:
    quote = connections[alias].ops.quote_name
    columns = _columns(model)
    names = ", ".join(quote(field.column) for field in columns)
    values = ", ".join(["(" + ", ".join(["%s"] * len(columns)) + ")"] * rows)
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    return f"INSERT INTO {table} ({names}) VALUES {values} {conflict} RETURNING {key}"  # noqa: S608


@cache
def _update_statement(
    model: type[Model], names: tuple[str, ...], conditions: tuple[tuple[str, int], ...], alias: str
) -> str:
    """`conditions` are fields with how many values each may have."""

    def column(name: str) -> str:
        return connections[alias].ops.quote_name(model._meta.get_field(name).column)

    written = ", ".join(f"{column(name)} = %s" for name in names)
    table = connections[alias].ops.quote_name(model._meta.db_table)
    found = [f"{column(model._meta.pk.name)} = %s"]
    found += [f"{column(name)} IN ({', '.join(['%s'] * number)})" for name, number in conditions]
    return f"UPDATE {table} SET {written} WHERE {' AND '.join(found)}"  # noqa: S608
