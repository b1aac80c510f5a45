"""What editors have under way at a story, and that no reader sees."""

from django.conf import settings
from django.db import models

from articles.models.stories import Story


class WorkingCopy(models.Model):
    """Changes to a story that was published, saved and not published yet. articles.working_copy writes it."""

    story = models.OneToOneField(Story, on_delete=models.CASCADE, related_name="working_copy")
    content = models.JSONField(help_text="As Story.snapshot() gives it")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    by_name = models.CharField(max_length=150)

    class Meta:
        verbose_name_plural = "working copies"

    def __str__(self) -> str:
        return f"Changes to “{self.content['headline']}” by {self.by_name}"


class Presence(models.Model):
    """Somebody has a story's form open, and said so a moment ago. It locks nothing."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    seen = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "user"], name="present_once_at_a_story")]

    def __str__(self) -> str:
        return f"{self.user} at “{self.story}”"
