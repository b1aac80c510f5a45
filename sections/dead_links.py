"""Links into our own network that lead nowhere.

Others' pages are not asked: a save would wait for them with the database's lock in its hands, and many a
site answers a program with an error where a reader finds the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from django.db.models import CharField, Value
from django.db.models.functions import Cast
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _

from articles.models import Story
from sections.models import Site


def dead_links(addresses: Iterable[str]) -> dict[str, str]:
    """{address: why no reader gets there}. One query, none where nothing could lead into the network."""
    paths = {address: urlsplit(address) for address in addresses if _is_whole(address)}
    routes = {address: _route(parts.path) for address, parts in paths.items() if _may_be_ours(address, parts)}
    ours, states = _known({parts.netloc for parts in paths.values()} - {""}, routes.values())
    routes = {address: route for address, route in routes.items() if paths[address].netloc in {"", *ours}}
    troubles = {address: _trouble(route, states) for address, route in routes.items()}
    return {address: trouble for address, trouble in troubles.items() if trouble}


def _may_be_ours(address: str, parts: SplitResult) -> bool:
    return bool(parts.netloc) or address.startswith("/")


def _known(hosts: set[str], routes: Iterable[ResolverMatch | None]) -> tuple[set[str], dict[int, str]]:
    """Which of the hosts are ours, and the states of the stories that the routes lead to."""
    wanted = {route.kwargs["pk"] for route in routes if _is_story(route)}
    if not hosts and not wanted:
        return set(), {}
    sites = Site.objects.filter(domain__in=hosts).order_by().values_list("domain", Value(""))
    stories = Story.objects.filter(pk__in=wanted).order_by().values_list(Cast("pk", CharField()), "state")
    rows = list(sites.union(stories, all=True))
    ours = {name for name, state in rows if not state}
    return ours, {int(name): state for name, state in rows if state}


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
