from django.db import models
from django.db.models import Q
from django.utils.text import slugify


def unicode_slug(text: str, fallback: str, model: type[models.Model] | None = None) -> str:
    """A readable address in the text's own script, at most 80 characters, ended at a word.

    `fallback` stands in for text without a letter or digit. With a model, a slug that another row has, or
    had once, gets a number; one query for each number tried.
    """
    slug = slugify(text, allow_unicode=True)
    if len(slug) > 80:
        slug = slug[:81].rpartition("-")[0] or slug[:80]
    slug = base = slug.strip("-_") or fallback
    number = 1
    while model and model._default_manager.filter(Q(slug=slug) | Q(old_slugs__slug=slug)).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
