import gc
import io
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.core.wsgi import get_wsgi_application
from environs.exceptions import EnvError

from newsportal.health import with_health

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")


def with_page_cache(django):
    """Imported when Django is set up: what says which moments come asks the models."""
    from django.conf import settings  # noqa: PLC0415

    if not settings.PAGE_CACHE_MB:
        return django
    from newsportal.pagecache import PageCache  # noqa: PLC0415
    from sections.moments import moments_between  # noqa: PLC0415
    from sections.network import kept_network  # noqa: PLC0415

    return PageCache(
        django, megabytes=settings.PAGE_CACHE_MB, moments_between=moments_between, copies=[kept_network]
    )


def static_files():
    """Every page names its style sheet: better no portal than one that has a 500 for each reader."""
    from django.contrib.staticfiles.storage import staticfiles_storage  # noqa: PLC0415

    try:
        staticfiles_storage.url("css/portal.css")
    except ValueError:
        sys.exit("Static files are not collected, or are of another version: run manage.py collectstatic.")


try:
    application = with_health(with_page_cache(get_wsgi_application()))
    # A portal with settings that contradict each other does not start, however it is started.
    call_command("check", stdout=io.StringIO())
except (EnvError, ImproperlyConfigured, SystemCheckError) as error:
    sys.exit(f"Settings: {error}")
static_files()
# What is loaded by now stays: to look through it for garbage would hold up a page in some hundreds by 40 ms.
# And all that came since, ready pages and queries, is looked through a tenth as often as Python would.
gc.collect()
gc.freeze()
gc.set_threshold(*gc.get_threshold()[:2], 100)
# A thread that could go on waits so long for another to be done, and not Python's 5 ms; the one that takes
# new requests waited most. Pages from memory are a tenth more a second for it; made anew by four threads at
# once, pages cost a twentieth more.
sys.setswitchinterval(0.0005)
