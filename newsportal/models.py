from django.db import models
from django.db.models.functions import Now


class Change(models.Model):
    """A line of the outbox: something that readers see was changed, by the transaction that wrote this."""

    at = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(help_text="Of the transaction; SQLite needs none.")
    keys = models.TextField(help_text="Of what changed, as newsportal.keys names it, with spaces between")
    moments = models.TextField(help_text="At which the same changes again by the clock; seconds since 1970")

    class Meta:
        indexes = [
            models.Index(fields=["xid"], name="change_xid"),
            models.Index(fields=["at"], name="change_at"),
        ]

    def __str__(self) -> str:
        return self.keys


class ClockTold(models.Model):
    """Up to which moment somebody outside has been told of what came out by the clock."""

    to = models.CharField(max_length=100, unique=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.to


class Delivery(models.Model):
    """Up to where somebody outside has been told of changes."""

    to = models.CharField(max_length=100, unique=True)
    mark = models.BigIntegerField(help_text="As newsportal.outbox.Position")
    seen = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    last_success = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return self.to
