"""What every wire format is read into: one neutral story, no format and no database in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an item is; only a story, or a kill or hold of one, changes what readers see."""

    STORY = "story"
    PICTURE = "picture"
    PACKAGE = "package"
    OTHER = "other"  # events, plans, vocabularies, graphics, video


class Status(StrEnum):
    """pubStatus of ninjs and NewsML-G2; management-status of NITF; Status of NewsML 1."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class Signal(StrEnum):
    """What the agency says a new version is. Informative: the status decides."""

    NEW = "new"
    UPDATE = "update"
    CORRECTION = "correction"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class WireLink:
    title: str
    url: str = ""
    guid: str = ""  # of another item, where the link is to one
    rel: str = ""  # "evolvedFrom", "member", "related" ...


@dataclass(frozen=True, slots=True)
class Rendition:
    href: str  # as in the file: may be a bare file name, may need a login; never to be hot-linked
    name: str = ""
    content_type: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class WirePicture:
    guid: str = ""
    headline: str = ""
    caption: str = ""
    credit: str = ""
    alt_text: str = ""
    renditions: tuple[Rendition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WireItem:
    """One item of a message. Strings are NFC, without control characters; "" is absent.

    `guid` is common to all versions. Times are aware, UTC; `naive_times` says that the file gave no zone
    and the feed's was assumed. `hold` gives the reason why an editor must look before readers may: an
    embargo hinted at in words, no body, an advisory. Nothing of `editors_notes` is for readers.
    """

    format: str
    kind: Kind = Kind.STORY
    provider: str = ""
    guid: str = ""
    version: str = ""
    version_created: datetime | None = None
    first_created: datetime | None = None
    status: Status = Status.USABLE
    signal: Signal = Signal.NEW
    embargo_until: datetime | None = None
    expires: datetime | None = None
    hold: str = ""
    is_advisory: bool = False
    naive_times: bool = False
    cancels: tuple[str, ...] = ()  # guids of other documents that this one withdraws
    replaces: tuple[str, ...] = ()  # guids that this one continues or replaces: linked, not merged

    headline: str = ""
    headline_is_derived: bool = False
    slugline: str = ""
    byline: str = ""
    dateline_text: str = ""  # as filed
    dateline_place: str = ""
    dateline_credit: str = ""
    dateline_date: date | None = None
    located: str = ""
    source: str = ""  # who wrote it; the provider is who sent it
    credit: str = ""
    language: str = ""  # BCP 47
    body_html: str = ""  # cleaned; without dateline, byline, sign-off and notes
    correction_note: str = ""  # for readers, where the provider marks it so
    editors_notes: tuple[str, ...] = ()

    copyright_holder: str = ""
    copyright_notice: str = ""
    usage_terms: str = ""
    urgency: int | None = None
    genre: str = ""
    subjects: tuple[str, ...] = ()  # "medtop:20000601", "subj:11001000", provider codes as sent
    keywords: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    pictures: tuple[WirePicture, ...] = ()
    links: tuple[WireLink, ...] = ()
    warnings: tuple[str, ...] = field(default=())


class Unreadable(ValueError):
    """The bytes, or one item of them, cannot be read; the message names the reason for an operator."""
