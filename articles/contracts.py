"""What an agency's contract allows, in words, and when its stories end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Count, DateTimeField, Q, Value
from django.db.models.functions import Coalesce, Least

from articles.models import Source, Story

NEVER = Value(datetime(9000, 1, 1, tzinfo=UTC), output_field=DateTimeField())
SOON = {"within a day": 1, "within a week": 7, "within 30 days": 30}


def contract_sentence(source: Source) -> str:
    """Costs a query where the contract names sites, unless `sites` is prefetched."""
    limits = []
    if source.text_days:
        limits.append(f"text may stay up {source.text_days} day{'s' if source.text_days > 1 else ''}")
    if not source.all_sites:
        names = sorted(site.name for site in source.sites.all())
        limits.append(f"only {_listed(names)} may carry it" if names else "no site may carry it")
    if not source.archive_allowed:
        limits.append("not for the archive")
    return f"{source}: {'; '.join(limits) or 'no limits by contract'}."


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def ending(source: Source, at: datetime) -> dict[str, int]:
    """How many of its published stories end when, by contract or by rights of their own; one query."""
    end = Least(Coalesce("contract_until", NEVER), Coalesce("rights_until", NEVER))
    published = Story.objects.filter(source=source, state=Story.State.PUBLISHED).annotate(end=end)
    counts, begin = {}, at
    for days in (*SOON.values(), None):
        until = at + timedelta(days=days) if days else NEVER
        counts[f"until_{days}"] = Count("pk", filter=Q(end__gt=begin, end__lte=until))
        begin = until
    return dict(zip((*SOON, "later or never"), published.aggregate(**counts).values(), strict=True))
