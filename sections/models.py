from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sites.models import Site as HostSite
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from articles.models import Picture, Story, Tag
from articles.models.slugs import unicode_slug
from articles.models.stories import direction
from newsportal import keys
from sections import reads  # noqa: F401  (models of this app, too)
from sections.colours import BLACK, INK, SOFT, TEXT, WHITE, TooLike, too_like

colour = RegexValidator(r"^#[0-9a-fA-F]{6}\Z", "Write a colour as #1a2b3c.")


def _is_colour(value: str) -> bool:
    return bool(colour.regex.search(value))


def live_at(at: datetime, path: str = "") -> Q:
    """Of rows whose time, from `starts_at` to before `ends_at`, holds the moment; `path` leads to them."""
    ends_at = f"{path}ends_at"
    is_open = Q((f"{ends_at}__isnull", True)) | Q((f"{ends_at}__gt", at))
    return is_open & Q((f"{path}starts_at__has_come", at))


class LiveQuerySet(models.QuerySet):
    def live(self, at: datetime):
        return self.filter(live_at(at))


class Timed(models.Model):
    starts_at = models.DateTimeField("from", default=timezone.now)
    ends_at = models.DateTimeField("to", null=True, blank=True)

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "This ends before it begins."})


def languages() -> list[tuple[str, str]]:
    """Those that readers' words are translated into."""
    return settings.LANGUAGES


class Site(HostSite):
    """One website of the network: django.contrib.sites' host name and name, and its look and words.

    Extends that table because flat pages and sources' contracts point to it.
    """

    class Plate(models.TextChoices):
        CENTRED = "centred", "centred between rules"
        BAND = "band", "on a band of the accent"
        SIDE = "side", "in the accent, at the side"

    class Headlines(models.TextChoices):
        SERIF = "serif", "serif"
        SANS = "sans", "sans serif"

    tagline = models.CharField(max_length=200, blank=True)
    language = models.CharField(
        max_length=35, default="en", choices=languages, help_text="Of the portal's own words on its pages"
    )
    accent = models.CharField(
        max_length=7, default="#9b1c1c", validators=[colour], help_text="Links and rules"
    )
    paper = models.CharField(max_length=7, default="#fdfcf9", validators=[colour], help_text="Background")
    plate = models.CharField(
        "name plate", max_length=10, choices=Plate.choices, default=Plate.CENTRED,
        help_text="How its name stands at the top of every page",
    )  # fmt: skip
    headlines = models.CharField(max_length=10, choices=Headlines.choices, default=Headlines.SERIF)
    legal_text = models.TextField(blank=True, help_text="At the foot of every page")
    position = models.PositiveSmallIntegerField(default=0, help_text="In the network's menu")
    is_default = models.BooleanField(
        "default", default=False, help_text="Answers for host names that no site has."
    )

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="one_default_site",
                violation_error_message="Another site is the default already.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self):
        """The style sheet makes of the colours what is read in the dark; in the light they stand as given."""
        super().clean()
        if not (_is_colour(self.paper) and _is_colour(self.accent)):
            return  # told already
        for words in (INK, SOFT):
            _check_contrast("paper", too_like(self.paper, words, towards=WHITE), self.paper, words)
        _check_contrast("accent", too_like(self.accent, self.paper, towards=BLACK), self.accent, self.paper)

    @property
    def url(self) -> str:
        return site_url(self.domain)

    @property
    def direction(self) -> str:
        return direction(self.language)


def _check_contrast(field: str, found: TooLike | None, given: str, beside: str) -> None:
    if found:
        raise ValidationError(
            {
                field: f"{given} and {beside} have a contrast of {found.ratio:.1f} to 1; to be read they "
                f"need {TEXT} to 1. {found.instead} would do."
            }
        )


def site_url(host: str) -> str:
    """Where readers reach the site of that host name, without a closing slash."""
    return settings.SITE_URL.format(host=host)


class Channel(models.Model):
    """A section of a site."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="channels")
    title = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, allow_unicode=True, blank=True)
    kicker = models.CharField(max_length=40, help_text="The label over its headlines: MILPLEX")
    colour = models.CharField(
        max_length=7, blank=True, validators=[colour], help_text="Of its kickers and rules. Empty: the site's"
    )
    description = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["site", "position", "title"]
        constraints = [models.UniqueConstraint(fields=["site", "slug"], name="channel_slug_once_a_site")]

    def __str__(self) -> str:
        return f"{self.site.name}: {self.title}"

    def save(self, *args, **kwargs):
        self.slug = self.slug or unicode_slug(self.title, "channel")
        super().save(*args, **kwargs)

    def clean(self):
        super().clean()
        if self.colour and _is_colour(self.colour) and self.site_id:
            paper = self.site.paper
            _check_contrast("colour", too_like(self.colour, paper, towards=BLACK), self.colour, paper)


class ChannelLink(models.Model):
    """A standing related link, under every story of the channel."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=500)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class InSample(models.Func):
    """Of a row's key: whether it is one of a sample of the table, so that many rows are told from few by an
    index of few. A prime, so that no rhythm in which keys are given keeps the rows of a site out of it."""

    EVERY = 1009
    # The number is no parameter: a planner takes the sample's index only where it reads it. SQLite's wants a
    # constant after the sign, and that of a remainder is a placeholder's, too.
    template = f"(%(expressions)s - %(expressions)s / {EVERY} * {EVERY} = 0)"
    output_field = models.BooleanField()


class Listing(Timed):
    """A story in a channel. The primary one gives the story its kicker and the site it lives on."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="listings")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="listings")
    primary = models.BooleanField(default=False)
    # The channel's and the story's, copied by the database: see articles.list_order.
    site = models.ForeignKey(
        Site, on_delete=models.DO_NOTHING, null=True, editable=False, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    first_published = models.DateTimeField(null=True, editable=False)

    objects = LiveQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["channel", "first_published", "story"], name="listing_newest"),
            models.Index(fields=["site", "first_published", "story"], name="listing_newest_of_site"),
            models.Index(
                fields=["site", "first_published"], name="listing_sample", condition=Q(InSample("pk"))
            ),
            models.Index(fields=["starts_at"], name="listing_start"),
            models.Index(fields=["ends_at"], name="listing_end", condition=Q(ends_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["story", "channel"], name="listed_once_a_channel"),
            models.UniqueConstraint(
                fields=["story"],
                condition=Q(primary=True),
                name="one_primary_listing",
                violation_error_message="A story has one primary channel.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.story} in {self.channel}"


class Block(models.Model):
    """A labelled group of stories on a channel's page, on its story pages, or on a site's home page."""

    class Backfill(models.TextChoices):
        NONE = "none", "Nothing: editors' picks only"
        CHANNEL = "channel", "The newest of a channel"
        TAG = "tag", "The newest with a tag"
        SITE = "site", "The newest of a site"

    label = models.CharField(max_length=60)
    home_of = models.ForeignKey(
        Site, on_delete=models.CASCADE, null=True, blank=True, related_name="home_blocks",
        help_text="For a home page: the site.",
    )  # fmt: skip
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="blocks",
        help_text="For a channel: on its page and under its stories.",
    )  # fmt: skip
    on_front = models.BooleanField("on the front", default=True)
    on_stories = models.BooleanField("under stories", default=True)
    position = models.PositiveSmallIntegerField(default=0)
    size = models.PositiveSmallIntegerField(default=5, help_text="How many stories it shows")
    backfill = models.CharField("after the picks", max_length=10, choices=Backfill, default=Backfill.CHANNEL)
    from_channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="+",
        help_text="Of any site of the network",
    )  # fmt: skip
    from_tag = models.ForeignKey(Tag, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    from_site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    max_age = models.PositiveSmallIntegerField(
        "oldest",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(32_000)],
        help_text="In days; empty: no limit",
    )
    may_repeat = models.BooleanField(
        default=False, help_text="Shows stories that stand above it on the page too."
    )
    default_hours = models.PositiveSmallIntegerField(
        "a pick stays",
        null=True,
        blank=True,
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text="Hours, where nobody says another end; empty: until it is removed",
    )
    version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Counts every act on its slots, and is checked in the next."
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(home_of__isnull=True, channel__isnull=False)
                | Q(home_of__isnull=False, channel__isnull=True),
                name="block_has_one_page",
                violation_error_message="A block belongs to a home page or to a channel: choose one.",
            ),
            models.CheckConstraint(
                condition=Q(backfill="none")
                | Q(backfill="channel", from_channel__isnull=False)
                | Q(backfill="tag", from_tag__isnull=False)
                | Q(backfill="site", from_site__isnull=False),
                name="block_backfill_named",
                violation_error_message="Say which channel, tag or site it is filled from.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def page_keys(self) -> set[str]:
        """Of the pages on which it stands, also where it has nothing to show yet."""
        if self.home_of_id:
            return {keys.listed(keys.HOME_BLOCKS, self.home_of_id)}
        places = {keys.FRONT_BLOCKS: self.on_front, keys.STORY_BLOCKS: self.on_stories}
        return {keys.listed(kind, self.channel_id) for kind, is_there in places.items() if is_there}

    def end_of_pick(self, starts_at: datetime) -> datetime | None:
        """When a pick ends if nobody says otherwise."""
        return starts_at + timedelta(hours=self.default_hours) if self.default_hours else None


class Slot(Timed):
    """An editor's pick in a block: a story, or a link to a sister site."""

    block = models.ForeignKey(Block, on_delete=models.CASCADE, related_name="slots")
    position = models.PositiveSmallIntegerField(default=0)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, null=True, blank=True, related_name="slots")
    url = models.URLField(max_length=500, blank=True, help_text="Instead of a story")
    headline = models.CharField(max_length=300, blank=True, help_text="Instead of the story's own")
    teaser = models.TextField(blank=True, help_text="Instead of the story's own")
    picture = models.ForeignKey(
        Picture, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="Instead of the story's own",
    )  # fmt: skip
    picked_by = models.CharField(max_length=150, blank=True, editable=False)

    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(story__isnull=False, url="")
                | (Q(story__isnull=True) & ~Q(url="") & ~Q(headline="")),
                name="slot_story_or_link",
                violation_error_message="A slot holds a story, or a link with a headline.",
            )
        ]

    def __str__(self) -> str:
        return self.headline or str(self.story)

    def meets(self, other: Slot) -> bool:
        """Whether there is a moment that lies in the time of both."""
        return (self.ends_at is None or self.ends_at > other.starts_at) and (
            other.ends_at is None or other.ends_at > self.starts_at
        )

    def clean(self):
        super().clean()
        if self.block_id is None or self.starts_at is None:
            return
        others = Slot.objects.filter(block=self.block_id).exclude(pk=self.pk).select_related("story")
        others = others.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=self.starts_at))
        for other in others.defer("story__body"):
            if self.meets(other):
                self._refuse_beside(other)

    def _refuse_beside(self, other: Slot) -> None:
        words = {"other": other, "position": other.position, "who": other.picked_by or _("the portal")}
        if other.position == self.position:
            taken = _("“%(other)s” has position %(position)s in this block at that time; %(who)s picked it.")
            raise ValidationError({"position": taken % words})
        if self.story_id is not None and other.story_id == self.story_id:
            twice = _("This block has the story at that time: position %(position)s; %(who)s picked it.")
            raise ValidationError({"story": twice % words})


class Remit(models.Model):
    """Where a user's rights hold. Who has none may act everywhere; one that names nothing is nowhere.

    So a channel that is deleted leaves its editor with less to do, and never with the whole network.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="remit")
    sites = models.ManyToManyField(
        Site, blank=True, related_name="remits", help_text="With their home pages and all their channels."
    )
    channels = models.ManyToManyField(
        Channel,
        blank=True,
        related_name="remits",
        help_text="The user's rights hold in these sites and channels only. Without a remit: everywhere.",
    )

    def __str__(self) -> str:
        apart = [channel for channel in self.reached if channel.site_id not in self.site_keys]
        return ", ".join(map(str, [*self.named_sites, *apart])) or "nothing yet"

    @cached_property
    def named_sites(self) -> list[Site]:
        return list(self.sites.all()) if self.pk else []

    @cached_property
    def reached(self) -> list[Channel]:
        """The channels it names, and those of its sites."""
        if not self.pk:
            return []
        named = Q(pk__in=self.channels.values("pk")) | Q(site__in=self.sites.values("pk"))
        return list(Channel.objects.filter(named).select_related("site"))

    @cached_property
    def site_keys(self) -> frozenset[int]:
        return frozenset(site.pk for site in self.named_sites)

    @cached_property
    def channel_keys(self) -> frozenset[int]:
        return frozenset(channel.pk for channel in self.reached)
