from __future__ import annotations

from difflib import get_close_matches

from django.db import models
from taggit.models import ItemBase, TagBase

from articles.media_topics import topic_name
from articles.models.names import (
    LONGEST,
    Named,
    NamedQuerySet,
    OldSlug,
    OtherName,
    folded_words,
    normal_form,
    shown_form,
)
from articles.models.slugs import unicode_slug


class TagQuerySet(NamedQuerySet):
    def get_or_create(self, defaults=None, **kwargs):
        """taggit makes tags by name alone; a name finds the tag of its normal form, or of that other name."""
        name = kwargs.pop("name", None)
        if name is None:
            return super().get_or_create(defaults, **kwargs)
        known = self.by_name([name]).get(normal_form(name))
        return (known, False) if known else self._made(name, defaults)

    def _made(self, name: str, defaults: dict | None = None) -> tuple[Tag, bool]:
        """A new tag, unless somebody else makes it at this moment."""
        values = {**(defaults or {}), "name": shown_form(name)}
        return super().get_or_create(values, normal=normal_form(name))

    def named_or_new(self, names: list[str]) -> list[Tag]:
        """The tags of these names, each once, in their order. One query, unless some are new."""
        wanted = {normal_form(name): name for name in reversed(names)}
        known = self.by_name(names)
        keys = dict.fromkeys(map(normal_form, names))
        tags = [known.get(key) or self._made(wanted[key])[0] for key in keys]
        return list(dict.fromkeys(tags))

    def near(self, name: str) -> list[str]:
        """Tags whose names are written much like this one, the likest first; one query."""
        folded = " ".join(folded_words(name))
        begins = self.filter(folded__startswith=folded[:2]).values_list("folded", "name")
        known = dict(begins.order_by("folded")[:5000]) if folded else {}
        return [known[like] for like in get_close_matches(folded, known, n=3, cutoff=0.7)]

    def get_by_natural_key(self, name):
        return self.get(normal=normal_form(name))


class Tag(Named, TagBase):
    """A subject in an editor's own words."""

    normal = models.CharField("normal form", max_length=LONGEST, unique=True, editable=False)
    topic = models.CharField(
        "Media Topic",
        max_length=15,
        blank=True,
        db_index=True,
        help_text="The IPTC's code for it, medtop:20000601: stories with that subject are offered the tag.",
    )

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def save(self, **kwargs):
        self.name = shown_form(self.name)
        if not self.slug and TagSlug.objects.filter(slug=self.slugify(self.name)).exists():
            self.slug = unicode_slug(self.name, "tag", Tag)
        super().save(**kwargs)

    def slugify(self, tag, i=None):
        slug = unicode_slug(tag, "tag")
        return slug if i is None else f"{slug}-{i + 1}"

    @property
    def topic_name(self) -> str:
        return topic_name(self.topic)


class TagName(OtherName):
    kind = "tag"

    of = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="other_names")


class TagSlug(OldSlug):
    of = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="old_slugs")


class TaggedStory(ItemBase):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged")
    content_object = models.ForeignKey("Story", on_delete=models.CASCADE, related_name="tagged")
    # The story's, copied by the database: see articles.list_order.
    first_published = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["tag", "first_published", "content_object"], name="tagged_newest"),
        ]
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="tag_once_a_story")]
