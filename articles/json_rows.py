from datetime import UTC, datetime

from django.db.models import F, JSONField, QuerySet, Subquery


class JSONRows(Subquery):
    """The rows of a queryset as one JSON list of objects, so that a page's small lists come in one query.

    Columns are fields of the model by name, or `name="related__field"`. Times come as the database
    writes them: read_time() reads both forms. The order is that of the queryset.
    """

    output_field = JSONField()
    template = "(SELECT coalesce(jsonb_agg(to_jsonb(_rows)), '[]') FROM (%(subquery)s) _rows)"

    def __init__(self, queryset: QuerySet, *columns: str, **related: str) -> None:
        self.columns = (*columns, *related)
        super().__init__(queryset.values(*columns, **{name: F(path) for name, path in related.items()}))

    def as_sqlite(self, compiler, connection, **kwargs):
        pairs = ", ".join(f"'{name}', {connection.ops.quote_name(name)}" for name in self.columns)
        template = f"(SELECT json_group_array(json_object({pairs})) FROM (%(subquery)s))"
        return self.as_sql(compiler, connection, template=template, **kwargs)


def read_time(text: str | None) -> datetime | None:
    """A time out of JSONRows: PostgreSQL writes its offset, SQLite stores UTC without saying so."""
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
