"""What readers see. Each view: what is asked for, compose, render."""

from collections.abc import Callable
from datetime import date
from functools import partial, wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from articles.models import Author, Place, Source, Tag
from newsportal.caching import label, shows
from sections import editions, lists, pages
from sections.cards import BadKey
from sections.history import history_page
from sections.lists import Where
from sections.network import ChannelView, Network, NoSite, load_network
from sections.page_keys import shown_on
from sections.pages import Elsewhere, GonePage, NetworkPage


class Moved(Exception):
    """What has another address now."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


def named_by(model, slug: str):
    """The tag, place or author at the address; one query. Raises Moved or Http404, for up to two more."""
    if found := model.objects.filter(slug=slug).first():
        return found
    if moved := model.objects.moved(slug):
        raise Moved(moved.slug)
    raise Http404(f"No such {model._meta.verbose_name}.")


def for_readers(view: Callable | None = None, *, reads: tuple[str, ...] = ()) -> Callable:
    """A view that is only read, on the site of the request's host, in that site's language.

    Gives it the network, for one query; what cannot be (a page key, a site) is a 404, and who asks for what
    has moved is sent on. `reads` are the query's parameters that the page depends on; it is given no other.
    """
    if view is None:
        return partial(for_readers, reads=reads)

    @require_safe
    @wraps(view)
    def wrapped(request: HttpRequest, **asked) -> HttpResponse:
        request.GET = _only(request.GET, reads)
        try:
            network = request.network = load_network(request.get_host())
            with translation.override(network.site.language):
                return label(request, view(request, network, **asked))
        except Moved as moved:
            path = reverse(request.resolver_match.view_name, kwargs={**asked, "slug": moved.slug})
            query = request.GET.urlencode()
            return label(request, HttpResponsePermanentRedirect(f"{path}?{query}" if query else path))
        except (NoSite, BadKey) as error:
            raise Http404(str(error)) from error

    wrapped.reads = reads
    return wrapped


def _only(given: QueryDict, names: tuple[str, ...]) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name in names:
        if name in given:
            kept.setlist(name, given.getlist(name))
    return kept


def channel_of(network: Network, slug: str) -> ChannelView:
    if channel := network.site.channel(slug):
        return channel
    raise Http404("No such channel on this site.")


def page_response(request: HttpRequest, template: str, page, status: int = 200) -> HttpResponse:
    context = {"page": page, "site": page.network.site, "network": page.network}
    response = render(request, f"sections/{template}.html", context, status=status)
    shown = shown_on(page)
    return shows(request, response, shown.keys, shown.until)


def sent_on(request: HttpRequest, page: Elsewhere, url: str) -> HttpResponse:
    return shows(request, HttpResponsePermanentRedirect(url), shown_on(page).keys)


PAGING = ("before", "after")


def _where(request: HttpRequest) -> Where:
    return Where(before=request.GET.get("before", ""), after=request.GET.get("after", ""))


@for_readers
def home(request, network):
    return page_response(request, "home", pages.home_page(network, timezone.now()))


@for_readers
def story(request, network, pk: int, slug: str):
    return _about_story(request, "story", pages.story_page(network, pk, slug, timezone.now()))


@for_readers(reads=("before",))
def history(request, network, pk: int, slug: str):
    before = request.GET.get("before", "")
    return _about_story(request, "history", history_page(network, pk, slug, timezone.now(), before))


def _about_story(request: HttpRequest, template: str, page) -> HttpResponse:
    if page is None:
        raise Http404("No such story.")
    if isinstance(page, Elsewhere):
        return sent_on(request, page, page.url)
    if isinstance(page, GonePage):
        return page_response(request, "gone", page, status=410)
    return page_response(request, template, page)


@for_readers(reads=PAGING)
def channel(request, network, slug: str):
    page = lists.channel_page(network, channel_of(network, slug), timezone.now(), _where(request))
    return page_response(request, "list", page)


@for_readers(reads=PAGING)
def latest(request, network):
    return page_response(request, "list", lists.latest_page(network, timezone.now(), _where(request)))


@for_readers(reads=PAGING)
def tag(request, network, slug: str):
    found = named_by(Tag, slug)
    return page_response(request, "list", lists.tag_page(network, found, timezone.now(), _where(request)))


@for_readers(reads=PAGING)
def place(request, network, slug: str):
    found = named_by(Place, slug)
    return page_response(request, "list", lists.place_page(network, found, timezone.now(), _where(request)))


@for_readers(reads=PAGING)
def author(request, network, slug: str):
    found = named_by(Author, slug)
    return page_response(request, "list", lists.author_page(network, found, timezone.now(), _where(request)))


@for_readers(reads=PAGING)
def source(request, network, code: str):
    found = get_object_or_404(Source, code=code)
    return page_response(request, "list", lists.source_page(network, found, timezone.now(), _where(request)))


@for_readers
def archive(request, network, year: int | None = None, month: int | None = None):
    if month is not None and not 1 <= month <= 12:
        raise Http404("No such month.")
    return page_response(request, "archive", lists.archive_page(network, timezone.now(), year, month))


@for_readers(reads=PAGING)
def day(request, network, year: int, month: int, day: int):
    page = lists.day_page(network, _date(year, month, day), timezone.now(), _where(request))
    return page_response(request, "list", page)


@for_readers
def edition(request, network, slug: str, year: int, month: int, day: int):
    page = editions.edition(network, channel_of(network, slug), _date(year, month, day), timezone.now())
    return page_response(request, "edition", page)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Http404("No such day.") from error


@for_readers
def all_sites(request, network):
    return page_response(request, "network", NetworkPage(network))


@for_readers(reads=PAGING)
def corrections(request, network):
    page = lists.corrections_page(network, timezone.now(), _where(request))
    return page_response(request, "corrections", page)


@for_readers
def words(request, network, name: str):
    page = pages.words_page(network, f"/{name}/")
    if page is None:
        raise Http404("No such page.")
    return page_response(request, "words", page)


@for_readers
def look(request, network, site_pk: int | None = None):
    """A site's own colours, as a style sheet: the pages' policy allows no inline style."""
    site = network.site if site_pk is None else network.site_by_pk(site_pk)
    if site is None:
        raise Http404("No such site.")
    css = f":root {{\n  --site-accent: {site.accent};\n  --site-paper: {site.paper};\n}}\n"
    for channel in network.channels.values():
        if channel.colour:
            css += f".tint-{channel.pk} {{\n  --tint: {channel.colour};\n}}\n"
    return shows(request, HttpResponse(css, content_type="text/css; charset=utf-8"), keys=[])
