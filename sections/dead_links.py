"""Links into our own network that lead nowhere.

Others' pages are not asked: a save would wait for them with the database's lock in its hands, and many a
site answers a program with an error where a reader finds the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _

from articles.models import Story
from sections.models import Site


def dead_links(addresses: Iterable[str]) -> dict[str, str]:
    """{address: why no reader gets there}. Two queries at most, none where nothing leads into the network."""
    paths = {address: urlsplit(address) for address in addresses if _is_whole(address)}
    hosts = {parts.netloc for parts in paths.values() if parts.netloc}
    ours = set(Site.objects.filter(domain__in=hosts).values_list("domain", flat=True)) if hosts else set()
    routes = {
        address: _route(parts.path)
        for address, parts in paths.items()
        if parts.netloc in ours or (not parts.netloc and address.startswith("/"))
    }
    wanted = {route.kwargs["pk"] for route in routes.values() if _is_story(route)}
    states = dict(Story.objects.filter(pk__in=wanted).values_list("pk", "state")) if wanted else {}
    troubles = {address: _trouble(route, states) for address, route in routes.items()}
    return {address: trouble for address, trouble in troubles.items() if trouble}


def _is_whole(address: str) -> bool:
    try:
        return bool(urlsplit(address).path or urlsplit(address).netloc)
    except ValueError:
        return False


def _route(path: str) -> ResolverMatch | None:
    try:
        return resolve(path or "/")
    except Resolver404:
        return None


def _is_story(route: ResolverMatch | None) -> bool:
    return route is not None and route.view_name in ("sections:story", "sections:story-by-id")


def _trouble(route: ResolverMatch | None, states: dict[int, str]) -> str:
    if route is None:
        return _("there is no such page.")
    if not _is_story(route):
        return ""
    state = states.get(route.kwargs["pk"])
    if state is None:
        return _("there is no such story.")
    if state == Story.State.WITHDRAWN:
        return _("that story was withdrawn.")
    return "" if state == Story.State.PUBLISHED else _("that story is not published.")
