"""What goes by a name: tags, places, authors. By other names too, and by addresses that it had before."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from articles.models.slugs import unicode_slug

LONGEST = 200  # of a normal form: folding can make a name longer


def shown_form(name: str) -> str:
    """A name as it is shown: composed accents, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def normal_form(name: str) -> str:
    """What makes two names one: case, compatibility forms, composition of accents and spacing are alike.

    Composed again after folding, for folding can take a composed letter apart.
    """
    folded = unicodedata.normalize("NFKC", shown_form(name)).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def folded_words(text: str) -> list[str]:
    """The words of a text without case and accents, as names are looked for in it."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return re.findall(r"\w+", "".join(letter for letter in plain if not unicodedata.combining(letter)))


class NamedQuerySet(models.QuerySet):
    def by_name(self, names: Iterable[str]) -> dict[str, Named]:
        """normal form -> what goes by it. One query, a second for names that nothing has as its own."""
        wanted = {normal_form(name)[:LONGEST] for name in names} - {""}
        found = {row.normal: row for row in self.filter(normal__in=wanted)} if wanted else {}
        if missing := wanted - found.keys():
            others = self.model.other_names.rel.related_model.objects.filter(normal__in=missing)
            found |= {other.normal: other.of for other in others.select_related("of")}
        return found

    def named(self, names: list[str]) -> list[Named]:
        """Those that go by these names, each once."""
        return list(dict.fromkeys(self.by_name(names).values())) if names else []

    def moved(self, slug: str) -> Named | None:
        """What had this address once, or has a name that would have it."""
        return (
            self.filter(old_slugs__slug=slug).first()
            or self.filter(other_names__slug=slug).order_by("pk").first()
        )


class Named(models.Model):
    """`normal` is what it is found by, `folded` what it is looked for in a text by."""

    normal = models.CharField("normal form", max_length=LONGEST, editable=False, db_index=True)
    folded = models.CharField(max_length=LONGEST, editable=False, db_index=True)

    class Meta:
        abstract = True

    def save(self, **kwargs):
        self.be_found()
        super().save(**kwargs)

    def be_found(self) -> None:
        """Sets what it is found by; for who writes rows without save()."""
        self.normal = normal_form(str(self))[:LONGEST]
        self.folded = " ".join(folded_words(self.name))[:LONGEST]

    def clean(self):
        super().clean()
        normal = normal_form(str(self))[:LONGEST]
        owner = type(self).objects.by_name([str(self)]).get(normal)
        if owner is None or owner.pk == self.pk:
            return
        kind = self._meta.verbose_name
        said = f"There is the {kind} “{owner}” already."
        if owner.normal != normal:
            said = f"“{self}” is another name of the {kind} “{owner}”."
        raise ValidationError({"name": said})


class OtherName(models.Model):
    """Another spelling, which finds it as its own name does: in the form, from the wire, in an address."""

    kind: ClassVar[str]

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, allow_unicode=True, editable=False)
    normal = models.CharField("normal form", max_length=LONGEST, unique=True, editable=False)
    folded = models.CharField(max_length=LONGEST, editable=False, db_index=True)

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs):
        self.name = shown_form(self.name)
        self.slug = unicode_slug(self.name, "")
        self.normal = normal_form(self.name)[:LONGEST]
        self.folded = " ".join(folded_words(self.name))[:LONGEST]
        super().save(**kwargs)

    def clean(self):
        super().clean()
        normal = normal_form(self.name)
        if not normal or len(normal) > LONGEST:
            raise ValidationError({"name": f"“{self.name[:40]}” is no name, or one that is too long."})
        owner = type(self)._meta.get_field("of").related_model.objects.by_name([self.name]).get(normal)
        if owner is None or (owner.pk == self.of_id and owner.normal != normal):
            return
        if owner.pk == self.of_id:
            said = f"“{self.name}” is its name already."
        elif owner.normal == normal:
            said = f"“{owner}” is a {self.kind} of its own: merge the two instead."
        else:
            said = f"“{self.name}” is another name of “{owner}” already."
        raise ValidationError({"name": said})


class OldSlug(models.Model):
    """An address from which readers are sent on for ever."""

    slug = models.SlugField(max_length=140, allow_unicode=True, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug
