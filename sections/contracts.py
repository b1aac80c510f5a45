"""What a source's contract lets readers see, on the sites where its stories live."""

from __future__ import annotations

from datetime import datetime, timedelta

from articles.models import Source, Story, StoryQuerySet
from sections.cards import with_home

Terms = tuple[int | None, list[int] | None]  # days, and keys of sites; None where there is no limit


# The columns of a row that say what becomes of its text outside its page.
TERMS = ("source__feeds_full_text", "source__is_public_domain")


def is_passed_on(row: dict) -> bool:
    """Whether feeds and data files may have the whole text: our own, or the contract says so."""
    return bool(row["source__is_public_domain"]) or row["source__feeds_full_text"] is not False


def shown(source: Source, terms: Terms, at: datetime) -> StoryQuerySet:
    """Its stories that readers see, were these the terms."""
    days, sites = terms
    stories = with_home(Story.objects.timely(at).filter(source=source)).filter(home__isnull=False)
    if days:
        stories = stories.filter(first_published__gt=at - timedelta(days=days))
    return stories if sites is None else stories.filter(home__channel__site__in=sites)


def consequences(source: Source, before: Terms, after: Terms, at: datetime) -> tuple[int, int]:
    """How many stories readers lose and get back by other terms; two queries."""
    old, new = (shown(source, terms, at) for terms in (before, after))
    lost = old.exclude(pk__in=new.values("pk")).count()
    return lost, new.exclude(pk__in=old.values("pk")).count()
