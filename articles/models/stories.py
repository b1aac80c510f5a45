from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.sites.models import Site
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from taggit.managers import TaggableManager

from articles.clock import clock
from articles.datelines import Dateline, render_dateline
from articles.markup import clean_html, opening, plain_text, without_controls
from articles.models.genres import Genre
from articles.models.parts import Parts
from articles.models.pictures import Picture
from articles.models.slugs import unicode_slug
from articles.models.sources import Author, Place, Source
from articles.models.tags import TaggedStory
from articles.statements import insert, update

if TYPE_CHECKING:
    from articles.models.desk import WorkingCopy

# BCP 47, as far as its form goes
language_tag = RegexValidator(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", "Write it like en, fr or zh-Hant.")

# Languages that are written from right to left, by their primary subtag.
RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku-arab", "ps", "sd", "ug", "ur", "yi"}


class StaleVersion(Exception):
    """The story was saved by somebody else since this copy of it was read; nothing was written."""

    def __init__(self, story: Story) -> None:
        super().__init__(
            f"“{story.headline}” was changed by somebody else since you opened it. Nothing was saved: "
            "compare with the story as it is now and save again."
        )


class WrongDoor(Exception):
    """A writer tried to change what readers see without articles.publishing."""


class StoryQuerySet(models.QuerySet):
    def public(self, at: datetime, site: Site) -> StoryQuerySet:
        """What a reader of `site` may see at the moment `at`. Nothing else decides it.

        Story.is_public() says the same of one row; a test holds the two against each other.
        """
        in_contract = Q(contract_until__isnull=True) | Q(contract_until__gt=at)
        return self.timely(at).filter(in_contract).carried_by(site.pk)

    def timely(self, at: datetime) -> StoryQuerySet:
        """What readers may see as far as the story goes by itself; the contract may still forbid it."""
        return self.filter(
            Q(embargo_until__isnull=True) | Q(embargo_until__lte=at),
            Q(rights_until__isnull=True) | Q(rights_until__gt=at),
            state=Story.State.PUBLISHED,
            publish_at__has_come=at,
        )

    def carried_by(self, site) -> StoryQuerySet:
        """Stories that the contract of their source lets a site carry; a key of a site, or an OuterRef."""
        named = Source.sites.through.objects.filter(source_id=OuterRef("source_id"), site_id=site)
        return self.filter(Q(source__isnull=True) | Q(source__all_sites=True) | Exists(named))

    def promotable(self, at: datetime) -> StoryQuerySet:
        """Without those past their "relevant until": still readable, no longer put forward."""
        return self.filter(Q(relevant_until__isnull=True) | Q(relevant_until__gt=at))

    def incoming(self) -> StoryQuerySet:
        """Wire copy that nobody has dealt with yet."""
        return self.filter(state=Story.State.DRAFT, provider__isnull=False)

    def going_live(self, at: datetime) -> StoryQuerySet:
        """Published, and readers see it only later than `at`: embargoed or scheduled."""
        return self.filter(state=Story.State.PUBLISHED, first_published__gt=at)

    def ending(self, at: datetime, until: datetime) -> StoryQuerySet:
        """Published, and the right to show it ends after `at` and not after `until`."""
        # Each with all that its index has, or SQLite goes through all that is published.
        ends = [
            Q(ended_at__isnull=True, **{f"{name}__gt": at, f"{name}__lte": until})
            for name in ("rights_until", "contract_until")
        ]
        return self.filter(ends[0] | ends[1], state=Story.State.PUBLISHED)

    def changing(self, begin: datetime, end: datetime) -> list[StoryQuerySet]:
        """All published stories, and some others, of which readers see more or less from a moment between
        the two on: a query for each column that may say so, with the index that answers it."""
        # A state that is asked for beside an index without it has SQLite go through all that is published.
        published = {"state": Story.State.PUBLISHED}
        for_lists = published | {"ended_at": None}
        columns = {
            "first_published": published, "embargo_until": {}, "relevant_until": {},
            "rights_until": for_lists, "contract_until": for_lists,
        }  # fmt: skip
        between = [
            self.filter(**also, **{f"{name}__gt": begin, f"{name}__lt": end})
            for name, also in columns.items()
        ]
        # A story that readers saw and that was put off again; of others first_published says it.
        put_off = self.filter(publish_at__gt=F("first_published"))
        return [*between, put_off.filter(publish_at__gt=begin, publish_at__lt=end)]

    def newest_first(self) -> StoryQuerySet:
        return self.order_by("-first_published", "-id")

    def lock(self, pks: Iterable[int]) -> None:
        """Until the transaction ends; in the order of keys, as all lock who write many stories."""
        rows = self.filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk")
        list(rows.values("pk"))

    def write(self, story: Story, *, states: list[str], **changes) -> None:
        """Writes the content of `story` and `changes` if nobody wrote it since it was read.

        The one UPDATE of a story's content, and the only guard against a silent overwrite: the check of
        the version is part of it. Raises StaleVersion, or WrongDoor if the state is not one of `states`.
        A story that is new is inserted with the changes.
        """
        story.tidy()
        is_new = story._state.adding
        changes |= {} if is_new else {"version": story.version + 1, "ended_at": None}
        before = {name: getattr(story, name) for name in changes}
        vars(story).update(changes)
        if is_new:
            insert([story])
            return
        names = dict.fromkeys((*Story.CONTENT_FIELDS, "opening", *changes))
        if not update(story, *names, only_if={"version": [before["version"]], "state": states}):
            vars(story).update(before)
            if self.filter(pk=story.pk, version=story.version).exists():
                raise WrongDoor(
                    f"“{story.headline}” is public or was: change it with articles.publishing, not save()."
                )
            raise StaleVersion(story)

    def count_save(self, story: Story) -> None:
        """Counts a save beside the columns, of changes set aside or of channels, with the same guard."""
        if not self.filter(pk=story.pk, version=story.version).update(version=F("version") + 1):
            raise StaleVersion(story)
        story.version += 1


class Story(models.Model):
    """One news item with one permanent id and URL for all its versions.

    Its columns are what readers see once it is public, so after publication only articles.publishing
    writes them. `version` counts every save, and is checked in the UPDATE of the next.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        READY = "ready"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"
        SPIKED = "spiked"
        ADVISORY = "advisory"

    Genre = Genre

    headline = models.CharField(max_length=300)
    slugline = models.CharField(
        max_length=120, blank=True, help_text="The desk's short working id; groups a running story."
    )
    teaser = models.TextField(blank=True, help_text="One or two sentences under the headline.")
    body = models.TextField(blank=True)
    opening = models.TextField(
        editable=False, help_text="The first words of the body, for lists, which load no body."
    )
    byline = models.CharField(
        max_length=200, blank=True, help_text='As the agency gives it, without "by": AFP Staff Writers'
    )
    authors = models.ManyToManyField(
        Author, blank=True, related_name="stories", help_text="Whom the byline names and who have a page."
    )
    dateline_place = models.CharField(max_length=120, blank=True)
    dateline_credit = models.CharField(max_length=60, blank=True, help_text="The agency in brackets: AFP")
    dateline_date = models.DateField(null=True, blank=True)
    dateline_raw = models.CharField("dateline as filed", max_length=200, blank=True)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="stories"
    )
    located = models.ForeignKey(
        Place, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="Filed from."
    )
    places = models.ManyToManyField(Place, blank=True, related_name="stories", help_text="What it is about.")
    picture = models.ForeignKey(
        Picture, on_delete=models.PROTECT, null=True, blank=True, related_name="stories"
    )
    language = models.CharField(
        max_length=35,
        default="en",
        validators=[language_tag],
    )
    urgency = models.PositiveSmallIntegerField(
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text="1 is a flash, 9 can wait.",
    )
    genre = models.CharField(max_length=40, choices=Genre, default=Genre.ARTICLE)
    subjects = models.JSONField(
        default=list, blank=True, help_text='IPTC codes, known or not: ["medtop:20000601"]'
    )
    editors_note = models.TextField(
        "editor's note", blank=True, help_text="To receiving editors. Never public."
    )
    tags = TaggableManager(through=TaggedStory, blank=True, related_name="stories")

    # Times
    created = models.DateTimeField(auto_now_add=True)
    publish_at = models.DateTimeField(null=True, blank=True, help_text="Empty: as soon as it is published.")
    embargo_until = models.DateTimeField(
        null=True, blank=True, help_text="Never shown before, whatever else is said."
    )
    relevant_until = models.DateTimeField(
        null=True, blank=True, help_text="Not put forward from then on; its page stays."
    )
    rights_until = models.DateTimeField(null=True, blank=True, help_text="Not shown from then on.")

    # The wire's identity: the provider and its id for all versions of the item
    provider = models.CharField(max_length=120, null=True, blank=True)
    guid = models.CharField(max_length=300, null=True, blank=True)
    wire_version = models.CharField(max_length=60, blank=True)

    # Written by articles.publishing alone
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    first_published = models.DateTimeField(null=True, editable=False)
    last_updated = models.DateTimeField("last substantive update", null=True, editable=False)
    contract_until = models.DateTimeField(
        null=True, editable=False, help_text="When the source's contract has it taken down."
    )
    # Since when no list has it in its index, as the right to show it has ended: see articles.ending.
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = StoryQuerySet.as_manager()

    # The working copy whose content this instance carries instead of its own; see articles.working_copy.
    aside: WorkingCopy | None = None

    CONTENT_FIELDS = (
        "headline", "slugline", "teaser", "body", "byline", "dateline_place", "dateline_credit",
        "dateline_date", "dateline_raw", "source", "located", "picture", "language", "urgency", "genre",
        "subjects", "editors_note", "publish_at", "embargo_until", "relevant_until", "rights_until",
        "provider", "guid", "wire_version",
    )  # fmt: skip
    # Those that readers see; the body is HTML, and cleaned as such.
    TEXTS = (
        "headline", "slugline", "teaser", "byline", "dateline_place", "dateline_credit", "dateline_raw",
    )  # fmt: skip
    # In these a save() is enough; from the others a story comes back by publishing.restore or not at all.
    WORKING_STATES = [State.DRAFT, State.READY, State.SPIKED, State.ADVISORY]

    class Meta:
        verbose_name_plural = "stories"
        ordering = ["-id"]
        permissions = [
            ("publish_story", "Can publish and update stories"),
            ("correct_story", "Can correct published stories"),
            ("withdraw_story", "Can kill, take down and unpublish stories"),
            ("restore_story", "Can restore withdrawn stories"),
        ]
        indexes = [
            models.Index(fields=["state", "first_published", "id"], name="story_published"),
            models.Index(
                fields=["source", "state", "first_published", "id"],
                name="source_newest",
                condition=Q(ended_at__isnull=True),
            ),
            models.Index(fields=["slugline"], name="story_running", condition=~Q(slugline="")),
            # For the desk
            models.Index(fields=["state", "id"], name="story_at_work"),
            models.Index(fields=["created"], name="story_created"),
            # For what the clock changes
            models.Index(
                fields=["state", "rights_until"], name="rights_to_end", condition=Q(ended_at__isnull=True)
            ),
            models.Index(
                fields=["state", "contract_until"], name="contract_to_end", condition=Q(ended_at__isnull=True)
            ),
            models.Index(
                fields=["embargo_until"], name="story_embargo_end", condition=Q(embargo_until__isnull=False)
            ),
            models.Index(
                fields=["relevant_until"],
                name="story_relevant_end",
                condition=Q(relevant_until__isnull=False),
            ),
            models.Index(
                fields=["publish_at"], name="story_put_off", condition=Q(publish_at__gt=F("first_published"))
            ),
            # All that the desk's search for words reads of what is not published, of which the search
            # index knows nothing: no row of the table, which is forty times as large.
            models.Index(
                fields=["headline", "slugline", "guid", "state", "id"],
                name="story_desk_words",
                condition=~Q(state="published"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["provider", "guid"], name="story_wire_identity"),
            models.CheckConstraint(
                condition=Q(provider__isnull=True, guid__isnull=True)
                | Q(provider__isnull=False, guid__isnull=False),
                name="story_wire_identity_whole",
                violation_error_message="Provider and guid go together: give both or neither.",
            ),
            models.CheckConstraint(condition=Q(urgency__range=(1, 9)), name="story_urgency"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(publish_at__isnull=False, first_published__isnull=False),
                name="story_published_has_times",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    def save(self, **kwargs) -> None:
        """Saves a draft's content; never its state. Raises StaleVersion and WrongDoor as `write` does."""
        if self._state.adding:
            if self.state != self.State.DRAFT:
                raise WrongDoor("A story starts as a draft; articles.publishing takes it further.")
            self.tidy()
            super().save(**kwargs)
        else:
            with transaction.atomic():
                Story.objects.write(self, states=self.WORKING_STATES)

    def delete(self, *args, **kwargs):
        raise WrongDoor("A story is never deleted: spike a draft, withdraw what was public.")

    def tidy(self) -> None:
        """Brings the content into the one form in which it is stored."""
        for name in self.TEXTS:
            setattr(self, name, without_controls(getattr(self, name)))
        self.headline = " ".join(self.headline.split())
        self.teaser = self.teaser.strip()
        self.body = clean_html(self.body)
        self.opening = opening(self.body)
        self.provider = self.provider or None
        self.guid = self.guid or None

    def is_public(self, at: datetime, site: Site) -> bool:
        """Whether a reader of `site` may see it at `at`; costs what Source.may_be_carried_by costs."""
        return next(self.hidden_because(at, site), None) is None

    def hidden_because(self, at: datetime, site: Site) -> Iterator[str]:
        """Why a reader of `site` does not see it at `at`, in words for the desk; nothing if they do."""
        if self.state != self.State.PUBLISHED or self.publish_at is None:
            yield _("it is not published (%s)") % self.get_state_display().lower()
        elif self.publish_at > at:
            yield _("it goes live %s") % clock(self.publish_at)
        if self.embargo_until and self.embargo_until > at:
            yield _("embargo until %s") % clock(self.embargo_until)
        if self.rights_until and self.rights_until <= at:
            yield _("the right to show it ended %s") % clock(self.rights_until)
        if self.contract_until and self.contract_until <= at:
            yield _("the contract with its source ended its time %s") % clock(self.contract_until)
        if self.source and not self.source.may_be_carried_by(site):
            words = {"source": self.source, "site": site.name}
            yield _("the contract with %(source)s does not let %(site)s carry it") % words

    def was_public(self, at: datetime) -> bool:
        """Whether readers ever saw it before `at`: only then may they be told that it is gone."""
        return self.first_published is not None and self.first_published <= at

    @property
    def moments(self) -> list[datetime]:
        """At which what readers see of it may change by the clock."""
        times = (
            self.publish_at, self.embargo_until, self.relevant_until, self.rights_until, self.contract_until
        )  # fmt: skip
        return [moment for moment in times if moment]

    @property
    def live(self) -> Story:
        """The story as readers see it, where this instance carries changes that they do not see."""
        return self.aside.story if self.aside else self

    @property
    def slug(self) -> str:
        return unicode_slug(self.headline, "story")

    @property
    def direction(self) -> str:
        return direction(self.language)

    @property
    def dateline(self) -> str:
        return render_dateline(self.dateline_parts, self.source.dateline_pattern if self.source else "")

    @property
    def dateline_parts(self) -> Dateline:
        return Dateline(self.dateline_place, self.dateline_credit, self.dateline_date, self.dateline_raw)

    @dateline_parts.setter
    def dateline_parts(self, dateline: Dateline) -> None:
        self.dateline_place = dateline.place
        self.dateline_credit = dateline.credit
        self.dateline_date = dateline.date
        self.dateline_raw = dateline.raw

    def has_text(self) -> bool:
        return bool(plain_text(self.body))

    def snapshot(self, parts: Parts | None = None) -> dict:
        """All that an editor or the wire said, as JSON; what a StoryVersion keeps.

        Four queries, unless its parts are given.
        """
        content = {}
        for name in self.CONTENT_FIELDS:
            value = getattr(self, f"{name}_id" if name in ("source", "located", "picture") else name)
            content[name] = value.isoformat() if hasattr(value, "isoformat") else value
        return content | (parts or Parts.of(self)).snapshot()


class RelatedLink(models.Model):
    """Further reading under a story."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=200)
    url = models.URLField(
        blank=True, max_length=500, help_text="Empty: shown as words, until somebody finds it."
    )

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title


def direction(language: str) -> str:
    """ "rtl" or "ltr", for a BCP 47 language tag."""
    tag = language.lower()
    return "rtl" if tag.partition("-")[0] in RIGHT_TO_LEFT or "-arab" in tag or "-hebr" in tag else "ltr"
