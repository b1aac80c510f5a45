"""Links that lead nowhere: into our own network by what is in the database, to other sites by what the
worker found there, for which `have_checked` asks after a save.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, urlsplit

from django.db.models import CharField, Value
from django.db.models.functions import Cast
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _

from articles.link_checks import ask_for, known_dead
from articles.models import LinkCheck, Story
from sections.models import Site


def dead_links(addresses: Iterable[str]) -> dict[str, str]:
    """{address: why no reader gets there}. One query, none where no address could be asked for."""
    paths = {address: urlsplit(address) for address in addresses if _is_whole(address)}
    routes = {address: _route(parts.path) for address, parts in paths.items() if _may_be_ours(address, parts)}
    ours, states, findings = _known({parts.netloc for parts in paths.values()} - {""}, routes)
    routes = {address: route for address, route in routes.items() if paths[address].netloc in {"", *ours}}
    troubles = {address: _trouble(route, states) for address, route in routes.items()}
    elsewhere = {address: LinkCheck.Finding(finding).label for address, finding in findings.items()}
    return {address: trouble for address, trouble in (elsewhere | troubles).items() if trouble}


def have_checked(addresses: Iterable[str]) -> None:
    """Has those that lead to other sites looked at; three queries."""
    hosts = {address: urlsplit(address).netloc for address in addresses if _is_whole(address)}
    ours = set(Site.objects.filter(domain__in=hosts.values()).order_by().values_list("domain", flat=True))
    ask_for(address for address, host in hosts.items() if host not in ours)


def _may_be_ours(address: str, parts: SplitResult) -> bool:
    return bool(parts.netloc) or address.startswith("/")


def _known(
    hosts: set[str], routes: Mapping[str, ResolverMatch | None]
) -> tuple[set[str], dict[int, str], dict[str, str]]:
    """Which of the hosts are ours, the states of the stories that the routes lead to, and what was found
    against their addresses."""
    wanted = {route.kwargs["pk"] for route in routes.values() if _is_story(route)}
    if not hosts and not wanted:
        return set(), {}, {}
    sites = Site.objects.filter(domain__in=hosts).order_by().values_list("domain", Value(""))
    stories = Story.objects.filter(pk__in=wanted).order_by().values_list(Cast("pk", CharField()), "state")
    elsewhere = known_dead(routes).order_by().values_list("address", "finding")
    rows = list(sites.union(stories, elsewhere, all=True))
    ours = {name for name, said in rows if not said}
    states = {int(name): said for name, said in rows if said and name.isdigit()}
    return ours, states, {name: said for name, said in rows if said and not name.isdigit()}


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
