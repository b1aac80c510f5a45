"""What happened to a story: append-only."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.append_only import AppendOnly
from articles.models.stories import Story


class Record(AppendOnly):
    """Who did it and when; `by_name` outlives the account, and names the wire where nobody signed in."""

    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_name = models.CharField(max_length=150)

    class Meta:
        abstract = True


class StoryVersion(Record):
    """A published state of a story, whole, as it was."""

    class Kind(models.TextChoices):
        ORIGINAL = "original"
        UPDATE = "update"
        CORRECTION = "correction"
        RESTORED = "restored"

    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... of the story's public versions")
    kind = models.CharField(max_length=20, choices=Kind)
    reason = models.TextField(blank=True)
    wire_version = models.CharField(max_length=60, blank=True)
    content = models.JSONField(help_text="As Story.snapshot() gives it")

    class Meta:
        ordering = ["story", "-number"]
        constraints = [models.UniqueConstraint(fields=["story", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"Version {self.number} of {self.content['headline']}"


class Correction(Record):
    """A public note on an error mended. Taken back only by another that supersedes it."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("Correction")
        CLARIFICATION = "clarification", _("Clarification")
        NOTE = "note", _("Editor's note to readers")

    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="corrections")
    version = models.OneToOneField(StoryVersion, on_delete=models.PROTECT, related_name="correction")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.CORRECTION)
    note = models.TextField(help_text="What was wrong and what is right, in words for readers")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["at"], name="correction_at")]

    def __str__(self) -> str:
        return self.note


class Withdrawal(Record):
    """A story taken away, and the words in which readers are told so."""

    class Kind(models.TextChoices):
        UNPUBLISH = "unpublish", "Unpublished"
        TAKE_DOWN = "take_down", "Taken down on request"
        KILL = "kill", "Killed"

    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="withdrawals")
    kind = models.CharField(max_length=20, choices=Kind)
    headline = models.CharField(
        max_length=300,
        help_text="What the withdrawn page calls the story; not the headline if that may not be repeated",
    )
    notice = models.TextField(blank=True, help_text="For readers")
    reason = models.TextField(help_text="For the desk; never public")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["at"], name="withdrawal_at")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.headline}"


class Act(Record):
    """One line of a story's log."""

    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="acts")
    verb = models.CharField(max_length=20)
    from_state = models.CharField(max_length=20, choices=Story.State)
    to_state = models.CharField(max_length=20, choices=Story.State)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["at"], name="act_at")]

    def __str__(self) -> str:
        return f"{self.verb}: {self.from_state} to {self.to_state}"
