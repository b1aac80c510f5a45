"""Queries that are built once: the ORM writes the SQL at the first call, later ones fill in the values.

Building and compiling the querysets of a page costs several times what the database needs to answer them,
and SQL that stays the same word by word is what PostgreSQL can prepare.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property, lru_cache, wraps
from typing import Self

from django.db import connections, models, router
from django.db.models import Expression, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler
from psycopg import RawCursor
from psycopg.types.datetime import TimestamptzLoader

from articles.models import Story

MOST = 1_000  # queries kept of a kind
Span = tuple[datetime, datetime]  # from the first to before the second


class Blank(Expression):
    """A place in the query for a value of that name; may stand wherever an expression may."""

    def __init__(self, name: str, output_field: models.Field) -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler, connection):
        return "%s", [self]


class BlankKeys(Blank):
    """For any number of keys, sent as one value: the SQL is the same for all numbers of them."""

    def __init__(self, name: str) -> None:
        super().__init__(name, _Keys())

    def as_postgresql(self, compiler, connection):
        return "(SELECT unnest(CAST(%s AS bigint[])))", [self]

    def as_sqlite(self, compiler, connection):
        return "(SELECT value FROM json_each(%s))", [self]


class _Keys(models.Field):
    def get_db_prep_value(self, value: Iterable[int], connection, **_options) -> str:
        written = ",".join(map(str, value))
        return f"{{{written}}}" if connection.vendor == "postgresql" else f"[{written}]"


class Blanks:
    """What a prepared query is built with instead of values."""

    def key(self, name: str) -> Blank:
        return Blank(name, models.BigIntegerField())

    def keys(self, name: str) -> BlankKeys:
        """To stand right of `__in`."""
        return BlankKeys(name)

    def text(self, name: str) -> Blank:
        return Blank(name, models.TextField())

    def time(self, name: str) -> Blank:
        return Blank(name, models.DateTimeField())


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """Makes of `build(blanks, *shape)`, which returns a queryset, a function that gives its rows: dicts if it
    is one of values(), instances of its model otherwise.

    `function(*shape, **values)`: the query is kept for each shape; the values fill the blanks.
    """

    @lru_cache(maxsize=MOST)
    def compiled(using: str, *shape) -> _Compiled:
        return _Compiled(build(Blanks(), *shape), using)

    @wraps(build)
    def rows(*shape, **values) -> list[dict]:
        return compiled(router.db_for_read(Story), *shape).rows(values)

    return rows


def in_sql(sql: str) -> Callable[..., Callable[..., list[tuple]]]:
    """For what no queryset can say. Makes of `build(blanks, *shape)`, which returns querysets of values() and
    numbers by name, a function that asks `sql`, in which {name} stands for each, and gives tuples.

    `function(*shape, **values)`, as with prepared().
    """

    def decorate(build: Callable[..., dict[str, QuerySet | int]]) -> Callable[..., list[tuple]]:
        @lru_cache(maxsize=MOST)
        def compiled(using: str, *shape) -> tuple[str, list[_Compiled]]:
            named = build(Blanks(), *shape)
            querysets = {name: part for name, part in named.items() if isinstance(part, QuerySet)}
            parts = {name: _Compiled(queryset, using) for name, queryset in querysets.items()}
            return sql.format_map(named | {name: part.sql for name, part in parts.items()}), [*parts.values()]

        @wraps(build)
        def rows(*shape, **values) -> list[tuple]:
            using = router.db_for_read(Story)
            whole, parts = compiled(using, *shape)
            return _ask(using, whole, _params(parts, values))

        return rows

    return decorate


class Given(Expression):
    """A column of the table of values for each of which a query is asked."""

    def __init__(self, column: str, output_field: models.Field) -> None:
        super().__init__(output_field)
        self.column = column

    def as_sql(self, compiler, connection):
        return self.column, []


def in_spans(build: Callable[..., QuerySet]) -> Callable[..., list[Span]]:
    """Makes of `build(blanks, begin, end, *shape)` a function that says in which spans of time is a row.

    `function(spans, *shape, **values)` gives those of the spans that have one. One query, which looks once
    for each: it never counts, so it does not matter how many rows there are.
    """

    @lru_cache(maxsize=MOST)
    def compiled(using: str, *shape) -> _Compiled:
        ends = (Given(f"spans.{name}", models.DateTimeField()) for name in ("begins", "ends"))
        return _Compiled(build(Blanks(), *ends, *shape).values("pk")[:1], using)

    @wraps(build)
    def found(spans: list[Span], *shape, **values) -> list[Span]:
        return compiled(router.db_for_read(Story), *shape).spans(spans, values) if spans else []

    return found


Arm = tuple[tuple, list[int]]  # a shape, and keys


def in_arms(build: Callable[..., QuerySet]) -> Callable[..., list[tuple[int, int, dict]]]:
    """Makes of `build(blanks, of, *shape)` a function that asks for the rows of many keys, each to its limit.

    `function(arms, **values)`: an arm is a shape and the keys that take the place of `of`. Gives rows with
    the number of their arm and the key. All shapes have the same columns. One query, on SQLite one for each
    ARMS_AT_ONCE keys.
    """

    @lru_cache(maxsize=MOST)
    def compiled(using: str, *shape) -> _Compiled:
        return _Compiled(build(Blanks(), Given(OF, models.BigIntegerField()), *shape), using)

    @lru_cache(maxsize=MOST)
    def united(using: str, shapes: tuple) -> _United:
        return _United([compiled(using, *shape) for shape in shapes])

    @wraps(build)
    def rows(arms: list[Arm], **values) -> list[tuple[int, int, dict]]:
        if not arms:
            return []
        return united(router.db_for_read(Story), tuple(shape for shape, _keys in arms)).rows(
            [keys for _shape, keys in arms], values
        )

    return rows


class _Compiled:
    def __init__(self, queryset: QuerySet, using: str) -> None:
        self.using = using
        compiler = queryset.query.get_compiler(using)
        sql, params = compiler.as_sql()
        self.made = _dicts(queryset) if queryset.query.selected else _instances(queryset, compiler)
        expressions = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = list(compiler.get_converters(expressions).items())
        self.fields = {param.name: param.output_field for param in params if isinstance(param, Blank)}
        marks = iter(
            [f"%({param.name})s" if isinstance(param, Blank) else _literal(param) for param in params]
        )
        self.sql = re.sub("%[%s]", lambda mark: "%%" if mark[0] == "%%" else next(marks), sql)

    def params(self, values: dict) -> dict:
        connection = connections[self.using]
        return {
            name: field.get_db_prep_value(values[name], connection) for name, field in self.fields.items()
        }

    def spans(self, spans: list[Span], values: dict) -> list[Span]:
        vendor = connections[self.using].vendor
        begins, ends = (
            [f'"{_sent(each, self.using)}"' for each in side] for side in zip(*spans, strict=True)
        )
        if vendor == "postgresql":
            sent = {"begins": f"{{{','.join(begins)}}}", "ends": f"{{{','.join(ends)}}}"}
        else:
            sent = {
                "spans": f"[{','.join(f'[{begin},{end}]' for begin, end in zip(begins, ends, strict=True))}]"
            }
        asked = f"SELECT number FROM {_SPANS[vendor]} WHERE ({self.sql}) IS NOT NULL ORDER BY number"  # noqa: S608
        return [spans[number - 1] for (number,) in _ask(self.using, asked, self.params(values) | sent)]

    def rows(self, values: dict) -> list:
        return [self.made(row) for row in self.converted(_ask(self.using, self.sql, self.params(values)))]

    def converted(self, rows: Iterable[Sequence]) -> list[list]:
        connection = connections[self.using]
        lists = [list(row) for row in rows]
        for index, (converters, expression) in self.converters:
            for row in lists:
                for convert in converters:
                    row[index] = convert(row[index], expression, connection)
        return lists


def _params(parts: Iterable[_Compiled], values: dict) -> dict:
    """Of all queries in one statement."""
    return {name: value for part in parts for name, value in part.params(values).items()}


def _literal(constant: str | int) -> str:
    """A value that is the same in each call, in SQL: PostgreSQL plans for it, where of a parameter it knows
    nothing, and may use an index for rows with just that value."""
    if isinstance(constant, bool) or not isinstance(constant, str | int):
        raise TypeError(f"{constant!r} cannot be part of a prepared query; give it as a blank.")
    said = str(constant).replace("%", "%%")
    return said if isinstance(constant, int) else "'" + said.replace("'", "''") + "'"


# A table of spans, numbered from 1. However many they are, they are sent as one value or two, so that the SQL
# stays the same.
_SPANS = {
    "postgresql": "unnest(CAST(%(begins)s AS timestamptz[]), CAST(%(ends)s AS timestamptz[]))"
    " WITH ORDINALITY AS spans(begins, ends, number)",
    "sqlite": "(SELECT key + 1 AS number, json_extract(value, '$[0]') AS begins,"
    " json_extract(value, '$[1]') AS ends FROM json_each(%(spans)s)) AS spans",
}


@lru_cache(maxsize=10_000)  # the ends of years, months and days, again and again
def _sent(moment: datetime, using: str) -> str:
    """As the database reads it."""
    return str(models.DateTimeField().get_db_prep_value(moment, connections[using]))


OF = "arms.of"
ARMS_AT_ONCE = 400  # SQLite takes a statement of 500 parts


class _United:
    """Several queries in one statement, each asked for many keys."""

    def __init__(self, parts: list[_Compiled]) -> None:
        self.parts, self.using = parts, parts[0].using
        self.is_lateral = connections[self.using].vendor == "postgresql"

    def rows(self, keys: list[list[int]], values: dict) -> list[tuple[int, int, dict]]:
        params = _params(self.parts, values)
        if self.is_lateral:
            # As text: psycopg's type of a list depends on how high its numbers are.
            of = {f"of_{number}": f"{{{','.join(map(str, some))}}}" for number, some in enumerate(keys)}
            found = _ask(self.using, self._lateral, params | of)
        else:
            asked = [(number, key) for number, some in enumerate(keys) for key in some]
            found = []
            for start in range(0, len(asked), ARMS_AT_ONCE):
                sql, of = self._one_by_one(asked[start : start + ARMS_AT_ONCE])
                found += _ask(self.using, sql, params | of)
        made = map(self.parts[0].made, self.parts[0].converted(row[2:] for row in found))
        return [(number, key, row) for (number, key, *_columns), row in zip(found, made, strict=True)]

    @cached_property
    def _lateral(self) -> str:
        """The same words for any number of keys, so that it is planned once."""
        return " UNION ALL ".join(
            f"SELECT {number}, {OF}, found.* FROM unnest(CAST(%(of_{number})s AS bigint[])) AS arms(of) "  # noqa: S608
            f"CROSS JOIN LATERAL ({part.sql}) AS found"
            for number, part in enumerate(self.parts)
        )

    def _one_by_one(self, asked: list[tuple[int, int]]) -> tuple[str, dict]:
        """SQLite knows no LATERAL: a part a key."""
        selects = []
        for place, (number, _key) in enumerate(asked):
            sql = self.parts[number].sql.replace(OF, f"%(of_{place})s")
            selects.append(f"SELECT {number}, %(of_{place})s, * FROM ({sql})")  # noqa: S608
        return " UNION ALL ".join(selects), {f"of_{place}": key for place, (_, key) in enumerate(asked)}


# -- The statement, as it goes to the database ---------------------------------------


def _ask(using: str, sql: str, params: dict) -> list[tuple]:
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.cursor = _Numbered(connection.connection)
        cursor.execute(sql, params)
        return cursor.fetchall()


class _Numbered(RawCursor):
    """Sends values beside the SQL, so that PostgreSQL can keep the plan; Django's own cursor writes them into
    it. psycopg would read through a long SQL for its parameters each time: here that is done once. Times come
    by psycopg's loader in C, in UTC as our connections are; Django's loader takes them apart in Python."""

    def __init__(self, connection) -> None:
        super().__init__(connection)
        self.adapters.register_loader("timestamptz", TimestamptzLoader)

    def execute(self, query: str, params: dict) -> Self:
        numbered, names = _numbered(query)
        return super().execute(numbered, [params[name] for name in names])


@lru_cache(maxsize=MOST)
def _numbered(sql: str) -> tuple[str, list[str]]:
    """With $1 in place of %(name)s, and the names in that order."""
    names: dict[str, int] = {}

    def number(found: re.Match) -> str:
        return f"${names.setdefault(found[1], len(names) + 1)}" if found[1] else "%"

    return re.sub(r"%(?:\((\w+)\)s|%)", number, sql), list(names)


# -- Rows ----------------------------------------------------------------------------


def _dicts(queryset: QuerySet) -> Callable[[list], dict]:
    columns = list(queryset.query.selected)
    return lambda row: dict(zip(columns, row, strict=True))


def _instances(queryset: QuerySet, compiler: SQLCompiler) -> Callable[[list], models.Model]:
    """As Django makes them, with what select_related() names; annotations are left out."""
    places = slice(compiler.klass_info["select_fields"][0], compiler.klass_info["select_fields"][-1] + 1)
    names = [column[0].target.attname for column in compiler.select[places]]
    related = get_related_populators(compiler.klass_info, compiler.select, compiler.using)

    def made(row: list) -> models.Model:
        instance = queryset.model.from_db(compiler.using, names, row[places])
        for one in related:
            one.populate(row, instance)
        return instance

    return made
