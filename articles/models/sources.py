from __future__ import annotations

from hashlib import sha256

from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.text import slugify

from articles.datelines import check_pattern
from articles.models.names import Named, NamedQuerySet, OldSlug, OtherName
from articles.models.slugs import unicode_slug


def validate_dateline_pattern(pattern: str) -> None:
    try:
        check_pattern(pattern)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class SourceQuerySet(models.QuerySet):
    def named(self, *names: str) -> Source | None:
        """The source whose code or name is one of these, as copy gives them, best first."""
        for name in filter(_says_something, names):
            known = self.filter(models.Q(code__iexact=source_code(name)) | models.Q(name__iexact=name))
            if found := known.first():
                return found
        return None

    def named_or_new(self, *names: str) -> Source | None:
        """As `named`; one that the network does not know yet is made, without any limit by contract."""
        given = list(filter(_says_something, names))
        if (known := self.named(*given)) or not given:
            return known
        return self.get_or_create(code=source_code(given[0]).upper(), defaults={"name": given[0][:120]})[0]


def _says_something(name: str) -> bool:
    return any(map(str.isalnum, name))


def source_code(name: str) -> str:
    """Of a name without Latin letters, such as "أ ف ب", one that says nothing but stays the same."""
    return slugify(name)[:20].strip("-") or f"source-{sha256(name.casefold().encode()).hexdigest()[:8]}"


class Source(models.Model):
    """An agency that supplies stories, and what its contract lets the network do with them."""

    name = models.CharField(max_length=120, unique=True)
    code = models.SlugField(
        max_length=20, unique=True, help_text="As it stands in a dateline: AFP. Also its address."
    )
    credit = models.CharField(max_length=120, blank=True, help_text="Shown where credit is due.")
    copyright_notice = models.CharField(
        max_length=300, blank=True, help_text="Shown under every page that carries its text."
    )
    home_page = models.URLField(blank=True)
    dateline_pattern = models.CharField(
        max_length=80,
        blank=True,
        validators=[validate_dateline_pattern],
        help_text="How its datelines are shown: {place} ({credit}) {date}. Empty: as they were filed.",
    )
    byline_pattern = models.CharField(
        max_length=80, blank=True, help_text='Shown where a story names nobody: "AFP Staff Writers".'
    )
    is_public_domain = models.BooleanField("public domain", default=False)

    # The contract
    text_days = models.PositiveSmallIntegerField(
        "days text may stay up",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(32_000)],
        help_text="Counted from first publication; empty: no limit.",
    )
    archive_allowed = models.BooleanField(
        "archiving allowed", default=True, help_text="Off: its stories are not in the archive by date."
    )
    feeds_full_text = models.BooleanField(
        "whole text in feeds", default=False, help_text="Off: feeds and data files carry its teasers only."
    )
    all_sites = models.BooleanField(
        "all sites may carry it", default=True, help_text="Off: only the sites chosen below."
    )
    sites = models.ManyToManyField(Site, blank=True, related_name="+", verbose_name="sites that may carry it")

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def may_be_carried_by(self, site: Site) -> bool:
        """By contract. Costs a query where the contract names sites, unless `sites` is prefetched."""
        return self.all_sites or any(allowed.pk == site.pk for allowed in self.sites.all())


class Author(Named):
    """A writer with a page: staff, or one whom an agency names often."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=140, unique=True, allow_unicode=True, blank=True)
    role = models.CharField(max_length=120, blank=True, help_text="Science correspondent")
    biography = models.TextField(blank=True)

    objects = NamedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs):
        self.slug = self.slug or unicode_slug(self.name, "author", type(self))
        super().save(**kwargs)


class AuthorName(OtherName):
    kind = "author"

    of = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="other_names")


class AuthorSlug(OldSlug):
    of = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="old_slugs")


class Place(Named):
    """Somewhere a story is about, or was filed from."""

    name = models.CharField(max_length=120)
    country = models.CharField(max_length=120, blank=True)
    slug = models.SlugField(max_length=140, unique=True, allow_unicode=True, blank=True)

    objects = NamedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name", "country"], name="place_once")]

    def __str__(self) -> str:
        return f"{self.name}, {self.country}" if self.country else self.name

    def save(self, **kwargs):
        self.slug = self.slug or unicode_slug(str(self), "place", type(self))
        super().save(**kwargs)


class PlaceName(OtherName):
    kind = "place"

    of = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="other_names")


class PlaceSlug(OldSlug):
    of = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="old_slugs")
