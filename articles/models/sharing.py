"""Links by which somebody without an account reads a text that is not public: append-only."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from articles.append_only import AppendOnly, AppendOnlyQuerySet
from articles.models.records import Record, Withdrawal
from articles.models.stories import Story


class ShareLinkQuerySet(AppendOnlyQuerySet):
    def with_end(self) -> QuerySet:
        """All that why_ended() asks for, in one query."""
        withdrawals = Withdrawal.objects.filter(story=OuterRef("story"), at__gte=OuterRef("at"))
        return self.select_related("story", "revocation").annotate(story_withdrawn=Exists(withdrawals))


class ShareLink(Record):
    """Shows one text of a story, as it was when the link was made, until it ends."""

    story = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="share_links")
    version = models.PositiveIntegerField(help_text="Of the story, counting every save")
    content = models.JSONField(help_text="As Story.snapshot() gives it")
    token_hash = models.CharField(max_length=64, unique=True)
    for_whom = models.CharField(max_length=150)
    expires_at = models.DateTimeField()

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.story}, for {self.for_whom}"

    def why_ended(self, at: datetime) -> str:
        """Why it shows nothing at the moment `at`, for who opens it; empty if it does. See with_end()."""
        if hasattr(self, "revocation"):
            return _("The newsroom has taken this link back.")
        if self.story_withdrawn or self.story.state == Story.State.WITHDRAWN:
            return _("The newsroom has withdrawn the story.")
        if self.expires_at <= at:
            return _("The time for which this link was made is over. The newsroom can give you a new one.")
        if any(end and end <= at for end in (self.story.rights_until, self.story.contract_until)):
            return _("The right to show the story has run out.")
        return ""


class ShareRevocation(Record):
    link = models.OneToOneField(ShareLink, on_delete=models.PROTECT, related_name="revocation")

    def __str__(self) -> str:
        return f"{self.link}: revoked"


class ShareUse(AppendOnly):
    """Somebody opened a link and was shown the text."""

    link = models.ForeignKey(ShareLink, on_delete=models.PROTECT, related_name="uses")
    at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True, help_text="Of the network, not of the machine")
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.address} at {self.at}"
