from django.db import models

from articles.models.stories import Story


class SearchEntry(models.Model):
    """That a story stands in the search index, and where; articles.search writes it.

    Its words are stored beside it, as each database has it: see articles/search/postgresql.py and sqlite.py.
    """

    position = models.BigIntegerField(primary_key=True)
    story = models.OneToOneField(Story, on_delete=models.CASCADE, related_name="search_entry")

    class Meta:
        db_table = "articles_searchentry"

    def __str__(self) -> str:
        return str(self.story)
