"""The rows of Story.places and Story.authors, with the time by which lists are in order.

The desk's form writes these as plain many-to-many fields, which have no columns of their own: the database
fills the time in beside them (articles.list_order), and it is read by these.
"""

from django.db import models


class Entry(models.Model):
    first_published = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.story_id}, {self.first_published}"


class PlaceEntry(Entry):
    story = models.ForeignKey("Story", on_delete=models.DO_NOTHING, related_name="place_entries")
    place_id = models.BigIntegerField()

    class Meta:
        managed = False
        default_permissions = ()
        db_table = "articles_story_places"


class AuthorEntry(Entry):
    story = models.ForeignKey("Story", on_delete=models.DO_NOTHING, related_name="author_entries")
    author_id = models.BigIntegerField()

    class Meta:
        managed = False
        default_permissions = ()
        db_table = "articles_story_authors"
