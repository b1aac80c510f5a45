"""Links to a text that is not public: made, opened, taken back.

A token is random and signed, so that a guessed one costs no query, and is kept as a hash only: who reads
the database cannot open a link.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles.models import Story
from articles.models.sharing import ShareLink, ShareRevocation, ShareUse
from articles.working_copy import with_working_copy

_signer = Signer(sep=".", salt="articles.ShareLink")
# How much of an address is kept: the network, so that uses can be told apart and nobody be found by it.
_KEPT_BITS = {4: 24, 6: 48}


class NoSuchLink(LookupError):
    """A token that this portal did not give out."""


class LinkEnded(LookupError):
    """The message says why, for who opened it."""


class NotShareable(Exception):
    """The message says why, for the editor."""


def make_link(story: Story, *, days: int, for_whom: str, by) -> str:
    """Returns the token, which nothing can tell again afterwards."""
    if story.state == Story.State.WITHDRAWN:
        raise NotShareable("The story is withdrawn: bring it back to the desk before you share it.")
    now, token = timezone.now(), _signer.sign(secrets.token_urlsafe(24))
    ShareLink.objects.create(
        story=story,
        version=story.version,
        content=with_working_copy(story).snapshot(),
        token_hash=_hash(token),
        for_whom=for_whom,
        expires_at=now + timedelta(days=days),
        at=now,
        by=by,
        by_name=by.get_full_name() or by.get_username(),
    )
    return token


def open_link(token: str, at: datetime) -> ShareLink:
    """One query, none for a token that we did not sign. Raises NoSuchLink and LinkEnded."""
    try:
        _signer.unsign(token)
    except BadSignature as error:
        raise NoSuchLink from error
    link = ShareLink.objects.with_end().filter(token_hash=_hash(token)).first()
    if link is None:
        raise NoSuchLink
    if why := link.why_ended(at):
        raise LinkEnded(why)
    return link


def log_use(link: ShareLink, at: datetime, address: str, user_agent: str) -> None:
    said = "".join(letter for letter in user_agent if letter.isprintable())[:300]
    ShareUse.objects.create(link=link, at=at, address=truncated(address), user_agent=said)


def revoke(link: ShareLink, by) -> None:
    """At once; twice is as once."""
    record = {"at": timezone.now(), "by": by, "by_name": by.get_full_name() or by.get_username()}
    try:
        with transaction.atomic():
            ShareRevocation.objects.create(link=link, **record)
    except IntegrityError:
        if not ShareRevocation.objects.filter(link=link).exists():
            raise


def truncated(address: str) -> str:
    """203.0.113.77 to 203.0.113.0/24; empty for what is no address, such as that of a socket."""
    try:
        version = ip_address(address).version
        return str(ip_network(f"{address.partition('%')[0]}/{_KEPT_BITS[version]}", strict=False))
    except ValueError:
        return ""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
