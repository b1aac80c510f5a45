from __future__ import annotations

from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models


def check_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is no time zone; Australia/Sydney is one.")


class Editor(models.Model):
    """What somebody set for their own work at the desk."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="editor"
    )
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[check_zone],
        help_text="In which times are typed and shown to you; empty: the portal's own.",
    )

    def __str__(self) -> str:
        return str(self.user)
