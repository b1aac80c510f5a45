"""Stories that no database has, for what is pure."""

from datetime import UTC, datetime

from articles.models import Story


def a_story(minute: int = 0, **content) -> Story:
    at = datetime(2026, 5, 4, 12, minute, tzinfo=UTC)
    return Story(**{"pk": 1, "headline": "Calm", "first_published": at, **content})
