"""Queries that are built once: the ORM writes the SQL at the first call, later ones fill in the values.

Building and compiling the querysets of a page costs several times what the database needs to answer them,
and SQL that stays the same word by word is what PostgreSQL can prepare.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, wraps

from django.db import connections, models, router
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Expression, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

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


class Blanks:
    """What a prepared query is built with instead of values."""

    def key(self, name: str) -> Blank:
        return Blank(name, models.BigIntegerField())

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


class _OfSpan(Expression):
    """The beginning or the end of the span that is looked at."""

    def __init__(self, name: str) -> None:
        super().__init__(models.DateTimeField())
        self.name = name

    def as_sql(self, compiler, connection):
        return f"spans.{self.name}", []


def in_spans(build: Callable[..., QuerySet]) -> Callable[..., list[Span]]:
    """Makes of `build(blanks, begin, end, *shape)` a function that says in which spans of time is a row.

    `function(spans, *shape, **values)` gives those of the spans that have one. One query, which looks once
    for each: it never counts, so it does not matter how many rows there are.
    """

    @lru_cache(maxsize=MOST)
    def compiled(using: str, *shape) -> _Compiled:
        rows = build(Blanks(), _OfSpan("begins"), _OfSpan("ends"), *shape)
        return _Compiled(rows.values("pk")[:1], using)

    @wraps(build)
    def found(spans: list[Span], *shape, **values) -> list[Span]:
        return compiled(router.db_for_read(Story), *shape).spans(spans, values) if spans else []

    return found


class _Compiled:
    def __init__(self, queryset: QuerySet, using: str) -> None:
        self.using = using
        compiler = queryset.query.get_compiler(using)
        sql, params = compiler.as_sql()
        self.made = _dicts(queryset) if queryset.query.selected else _instances(queryset, compiler)
        expressions = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = list(compiler.get_converters(expressions).items())
        self.fields = {param.name: param.output_field for param in params if isinstance(param, Blank)}
        self.constants: dict[str, object] = {}
        names = iter([self._name(param) for param in params])
        self.sql = re.sub("%[%s]", lambda mark: "%%" if mark[0] == "%%" else f"%({next(names)})s", sql)

    def _name(self, param) -> str:
        """A value that stands in several places is sent once."""
        if isinstance(param, Blank):
            return param.name
        name = f"_{len(self.constants)}"
        self.constants[name] = param
        return name

    def spans(self, spans: list[Span], values: dict) -> list[Span]:
        moments, rows = {}, []
        as_time = "CAST(%s AS timestamptz)" if connections[self.using].vendor == "postgresql" else "%s"
        for number, ends in enumerate(spans):
            names = [f"{name}_{number}" for name in ("begins", "ends")]
            moments |= zip(names, ends, strict=True)
            rows.append(f"({number}, {', '.join(as_time % f'%({name})s' for name in names)})")
        fields = self.fields | dict.fromkeys(moments, models.DateTimeField())
        table = f"WITH spans(number, begins, ends) AS (VALUES {', '.join(rows)})"
        sql = f"{table} SELECT number FROM spans WHERE ({self.sql}) IS NOT NULL ORDER BY number"  # noqa: S608
        return [spans[number] for (number,) in self._fetch(sql, fields, values | moments)]

    def rows(self, values: dict) -> list:
        connection = connections[self.using]
        rows = [list(row) for row in self._fetch(self.sql, self.fields, values)]
        for index, (converters, expression) in self.converters:
            for row in rows:
                for convert in converters:
                    row[index] = convert(row[index], expression, connection)
        return [self.made(row) for row in rows]

    def _fetch(self, sql: str, fields: dict[str, models.Field], values: dict) -> list[tuple]:
        connection = connections[self.using]
        params = dict(self.constants)
        for name, field in fields.items():
            params[name] = field.get_db_prep_value(values[name], connection)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Django's own cursor writes the values into the SQL, so that PostgreSQL plans it each time.
                cursor.cursor = ServerBindingCursor(connection.connection)
            cursor.execute(sql, params)
            return cursor.fetchall()


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
