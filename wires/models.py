"""What agencies sent, byte for byte, and what became of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property

from articles.models import Source, Story
from wires.item_json import from_json
from wires.parse import FORMATS
from wires.parse.item import WireItem


def validate_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"{name} is no time zone: write it like Europe/Helsinki.")


class Feed(models.Model):
    """An agency's service: how it is fetched, how its files are read and where its stories go."""

    class Kind(models.TextChoices):
        BY_HAND = "by_hand", "By hand: manage.py ingest"
        FOLDER = "folder", "A folder that the agency fills"
        HTTP = "http", "An address on the web"
        MAILDIR = "maildir", "A maildir folder"
        IMAP = "imap", "A mailbox (IMAP)"

    name = models.SlugField(max_length=60, unique=True, help_text="As operators call it: afp-world")
    format = models.CharField(
        max_length=20, blank=True, choices=[(name, name) for name in FORMATS], help_text="Empty: found out."
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="feeds",
        help_text="Of stories that name none",
    )  # fmt: skip
    zone = models.CharField(
        max_length=60, default="UTC", validators=[validate_zone], help_text="Of times that name none"
    )
    channel = models.ForeignKey(
        "sections.Channel", on_delete=models.PROTECT, null=True, blank=True, related_name="feeds",
        help_text="Where its stories are listed unless a rule says otherwise",
    )  # fmt: skip
    publish = models.BooleanField(
        "publish at once", default=False, help_text="Off: stories wait at the desk as drafts."
    )

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.BY_HAND)
    location = models.CharField(
        max_length=500, blank=True,
        help_text="The folder, the address, or imaps://user@host/folder (its password: FEED_PASSWORD_NAME)",
    )  # fmt: skip
    senders = models.TextField(blank=True, help_text="Of mail: the addresses it is taken from, one on a line")
    is_active = models.BooleanField("active", default=True)
    interval = models.PositiveIntegerField(default=5, help_text="Minutes between two looks")
    quiet_after = models.PositiveIntegerField(
        default=1440, help_text="Minutes of silence that are normal; longer is told to operators"
    )

    # What the last looks found
    etag = models.CharField(max_length=300, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)
    seen = models.CharField(max_length=300, blank=True, editable=False, help_text="How far it was read")
    looked = models.DateTimeField(null=True, editable=False)
    next_look = models.DateTimeField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False, help_text="By who looks at it now")
    last_success = models.DateTimeField(null=True, editable=False)
    last_item = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    last_error = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self):
        if self.kind != self.Kind.BY_HAND and not self.location:
            raise ValidationError({"location": "Say where it is fetched from."})

    @cached_property
    def listed_in(self) -> list:
        """The channels in which it may list stories, by itself and by its rules."""
        rules = self.rules.exclude(channel=None).select_related("channel")
        return [channel for channel in (self.channel, *(rule.channel for rule in rules)) if channel]

    @property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Rule(models.Model):
    """What a feed's stories have in common and where they go then. All rules that match apply, in order."""

    class Field(models.TextChoices):
        SUBJECT = "subject", "a subject code begins with"
        KEYWORD = "keyword", "a keyword is"
        SLUGLINE = "slugline", "the slugline holds"
        GENRE = "genre", "the genre is"
        URGENCY = "urgency", "the urgency is at most"

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(default=0)
    field = models.CharField("where", max_length=10, choices=Field)
    value = models.CharField(max_length=120)
    channel = models.ForeignKey(
        "sections.Channel", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    tags = models.CharField(max_length=300, blank=True, help_text="Separated by commas")
    to_desk = models.BooleanField("wait at the desk", default=False)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.get_field_display()} {self.value}"

    def clean(self):
        if self.field == self.Field.URGENCY and self.value not in list("123456789"):
            raise ValidationError({"value": "An urgency is a digit from 1 to 9."})


class Dispatch(models.Model):
    """One received file or entry, as it was, kept before anything is made of it."""

    class Outcome(models.TextChoices):
        RECEIVED = "received", "Received, not read yet"
        TAKEN = "taken", "Read"
        PARTLY = "partly", "Read, but for some items"
        QUARANTINED = "quarantined", "Could not be read"

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, null=True, blank=True, related_name="dispatches")
    name = models.CharField(max_length=300, help_text="The file, address or message it came as")
    received = models.DateTimeField(auto_now_add=True)
    sha256 = models.CharField(max_length=64, unique=True)
    data = models.BinaryField()
    format = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RECEIVED)
    reason = models.TextField(blank=True, help_text="What could not be read of it, and why")

    class Meta:
        verbose_name_plural = "dispatches"
        ordering = ["-id"]
        indexes = [models.Index(fields=["outcome", "id"], name="dispatch_outcome")]

    def __str__(self) -> str:
        return f"{self.pk}: {self.name}"


class WireStory(models.Model):
    """The agency's own identity of a story, over all its versions; also of one that was only killed yet."""

    provider = models.CharField(max_length=120)
    guid = models.CharField(max_length=300)
    story = models.OneToOneField(
        Story, on_delete=models.PROTECT, null=True, blank=True, related_name="wire_story"
    )
    written = models.CharField(
        max_length=64, blank=True, help_text="Digest of the content as the wire last wrote it"
    )
    withheld = models.BooleanField(default=False, help_text="Unpublished because the agency withholds it")
    # By which stories that may be alike are found
    headline_start = models.CharField(max_length=24, blank=True, editable=False)
    text_start = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "wire stories"
        constraints = [models.UniqueConstraint(fields=["provider", "guid"], name="wire_story_once")]
        indexes = [
            models.Index(fields=["headline_start"], name="wire_story_headline"),
            models.Index(fields=["text_start"], name="wire_story_text"),
        ]

    def __str__(self) -> str:
        return self.guid


class WireCopy(models.Model):
    """One version of a wire story as the agency sent it. All are kept, the late and the older too."""

    class Standing(models.TextChoices):
        APPLIED = "applied", "In the story"
        OLDER = "older", "Older than what is in the story"
        WAITING = "waiting", "Waits for an editor"
        REFUSED = "refused", "Refused by an editor"
        STOP = "stop", "Withdraws or withholds the story"

    wire_story = models.ForeignKey(WireStory, on_delete=models.PROTECT, related_name="copies")
    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="copies")
    version = models.CharField(max_length=60, blank=True)
    version_created = models.DateTimeField()
    status = models.CharField(max_length=10)
    digest = models.CharField(max_length=64, help_text="Of the item, so that a repetition is known")
    item = models.JSONField()
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.OLDER)

    class Meta:
        verbose_name_plural = "wire copies"
        ordering = ["wire_story", "version_created", "id"]
        constraints = [models.UniqueConstraint(fields=["wire_story", "digest"], name="wire_copy_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(standing="waiting"), name="wire_copy_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.wire_story} {self.version}".strip()

    @cached_property
    def wire_item(self) -> WireItem:
        """What it says, as it was read."""
        return from_json(self.item)


class Likeness(models.Model):
    """Two stories that may be the same under two ids; an editor decides, nothing is merged."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="likenesses")
    other = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")
    percent = models.PositiveSmallIntegerField()
    dismissed = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "likenesses"
        constraints = [models.UniqueConstraint(fields=["story", "other"], name="likeness_once")]

    def __str__(self) -> str:
        return f"{self.story} / {self.other}"


class PictureOrder(models.Model):
    """A picture that a story came with, to be fetched once the story is stored."""

    class Outcome(models.TextChoices):
        WANTED = "wanted", "To be fetched"
        DONE = "done", "On the story"
        DROPPED = "dropped", "Not needed any more"
        FAILED = "failed", "Given up"

    story = models.OneToOneField(Story, on_delete=models.CASCADE, related_name="picture_order")
    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="+")
    picture = models.JSONField(help_text="As the agency describes it")
    folder = models.TextField(blank=True, help_text="Where the story's own file lay")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WANTED)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True, help_text="Why it is not there")
    next_try = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["next_try"], condition=models.Q(outcome="wanted"), name="picture_wanted")
        ]

    def __str__(self) -> str:
        return f"Picture of {self.story}"
