from __future__ import annotations

import unicodedata

from django.db import models
from taggit.models import ItemBase, TagBase

from articles.models.slugs import unicode_slug


def tag_name(name: str) -> str:
    """A tag as it is shown: composed accents, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def normal_form(name: str) -> str:
    """What makes two tags one: case, compatibility forms, composition of accents and spacing are alike.

    Composed again after folding, for folding can take a composed letter apart.
    """
    folded = unicodedata.normalize("NFKC", tag_name(name)).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


class TagQuerySet(models.QuerySet):
    def get_or_create(self, defaults=None, **kwargs):
        """taggit makes tags by name alone; a name finds the tag of its normal form."""
        name = kwargs.pop("name", None)
        if name is None:
            return super().get_or_create(defaults, **kwargs)
        return super().get_or_create(
            {**(defaults or {}), "name": tag_name(name)}, normal=normal_form(name), **kwargs
        )

    def named_or_new(self, names: list[str]) -> list[Tag]:
        """The tags of these names, each once, in their order. One query, unless some are new."""
        wanted = {normal_form(name): name for name in reversed(names)}
        known = {tag.normal: tag for tag in self.filter(normal__in=wanted)} if wanted else {}
        keys = dict.fromkeys(map(normal_form, names))
        return [known.get(key) or self.get_or_create(name=wanted[key])[0] for key in keys]

    def get_by_natural_key(self, name):
        return self.get(normal=normal_form(name))


class Tag(TagBase):
    """A subject in an editor's own words."""

    normal = models.CharField("normal form", max_length=200, unique=True, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def save(self, *args, **kwargs):
        self.name = tag_name(self.name)
        self.normal = normal_form(self.name)
        super().save(*args, **kwargs)

    def slugify(self, tag, i=None):
        slug = unicode_slug(tag, "tag")
        return slug if i is None else f"{slug}-{i + 1}"


class TaggedStory(ItemBase):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged")
    content_object = models.ForeignKey("Story", on_delete=models.CASCADE, related_name="tagged")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="tag_once_a_story")]
