"""The engine of the database in use."""

from django.db import connection


def engine():
    """`write`, `forget`, `merge` and `find` of articles.search.postgresql or of articles.search.sqlite."""
    if connection.vendor == "postgresql":
        from articles.search import postgresql as chosen
    else:
        from articles.search import sqlite as chosen
    return chosen
