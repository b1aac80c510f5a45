"""Ways of filtering that Django does not bring."""

from django.db.models import DateTimeField
from django.db.models.lookups import LessThanOrEqual


@DateTimeField.register_lookup
class HasCome(LessThanOrEqual):
    """`__has_come=at`: not later than the moment, as almost all rows are.

    The same as __lte, of which PostgreSQL takes one row in three to be so where it plans for a moment that
    it does not know, as prepared queries have it: a list's few newest stories would seem to take all of a
    channel, sorted. What is not null it expects to be nearly everything.
    """

    lookup_name = "has_come"

    def get_rhs_op(self, connection, rhs):
        return f"<= {rhs}"

    def as_postgresql(self, compiler, connection):
        sql, params = self.as_sql(compiler, connection)
        return f"NULLIF({sql}, FALSE) IS NOT NULL", params
