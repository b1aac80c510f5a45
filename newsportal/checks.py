"""Settings that are each well-formed but cannot work together, or not on the open web."""

import re

from django.conf import settings
from django.core.checks import Error, Tags, register
from PIL import ImageFont

SITE_URL = re.compile(r"https?://\{host\}(:\d{1,5})?")


@register(Tags.security)
def check_settings(**kwargs) -> list[Error]:
    errors = []
    if not SITE_URL.fullmatch(settings.SITE_URL):
        errors.append(
            Error(
                f"SITE_URL is {settings.SITE_URL!r}.",
                hint="Write it as 'https://{host}' or 'http://{host}:8000', with the word {host} in braces.",
                id="newsportal.E001",
            )
        )
    if len(settings.SECRET_KEY) < 40:
        errors.append(
            Error(
                "SECRET_KEY is shorter than 40 characters; signed links and sessions could be forged.",
                hint="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
                id="newsportal.E002",
            )
        )
    if settings.DEBUG and settings.HTTPS:
        errors.append(
            Error(
                "DEBUG is on while SITE_URL is https: error pages would show settings to readers.",
                hint="Set DEBUG=false, or SITE_URL='http://{host}:8000' on a developer's machine.",
                id="newsportal.E003",
            )
        )
    if settings.HTTPS and "*" in settings.ALLOWED_HOSTS:
        errors.append(
            Error(
                "ALLOWED_HOSTS is '*': anybody's host name would be served and cached.",
                hint="List the host names of the network's sites, separated by commas.",
                id="newsportal.E004",
            )
        )
    return errors + check_caches_in_front()


def check_caches_in_front() -> list[Error]:
    addresses = [*settings.PURGE_VARNISH, *filter(None, [settings.PURGE_URL])]
    errors = [
        Error(
            f"PURGE_VARNISH or PURGE_URL: {address!r} is no address.",
            hint="Write it like http://127.0.0.1:6081/.",
            id="newsportal.E005",
        )
        for address in addresses
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", address)
    ]
    if any(":" not in line for line in settings.PURGE_HEADERS):
        errors.append(
            Error(
                "PURGE_HEADERS has a line without a colon.",
                hint="Write them like 'Fastly-Key: abc; Fastly-Soft-Purge: 1'.",
                id="newsportal.E006",
            )
        )
    if settings.SHARED_CACHE_SECONDS > 1 and not addresses:
        errors.append(
            Error(
                "SHARED_CACHE_SECONDS lets caches in front keep pages, and nobody tells them of changes.",
                hint="Name them in PURGE_VARNISH or PURGE_URL; without that a second is the most.",
                id="newsportal.E007",
            )
        )
    if addresses and not settings.PAGE_CACHE_MB:
        errors.append(
            Error(
                "PAGE_CACHE_MB is 0: nobody knows how long a cache in front may keep a page.",
                hint="Give the portal some memory, or take PURGE_VARNISH and PURGE_URL away.",
                id="newsportal.E008",
            )
        )
    return errors


@register(Tags.files)
def check_fonts(**kwargs) -> list[Error]:
    return [
        Error(
            f"SHARE_FONTS names {path!r}, which is no font that can be read.",
            hint="Name TrueType or OpenType files: /usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
            id="newsportal.E021",
        )
        for path in settings.SHARE_FONTS
        if not _is_font(path)
    ]


def _is_font(path: str) -> bool:
    try:
        ImageFont.truetype(path, 20)
    except OSError:
        return False
    return True
