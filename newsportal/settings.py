"""All settings, read from the environment (or a .env file beside manage.py).

Values of the wrong type are refused here by environs, by name; values that do not fit each other are
refused by newsportal/checks.py. README.md lists every variable.
"""

import os
from ipaddress import ip_network
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, ValidationError, validate

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(os.environ.get("ENV_FILE", str(BASE_DIR / ".env")), recurse=False)

# -- The portal ----------------------------------------------------------------

VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))

# How a reader reaches a site of the network; {host} is the site's host name. The scheme decides whether
# cookies are secure and plain HTTP is redirected.
SITE_URL = env.str("SITE_URL", "https://{host}")
HTTPS = SITE_URL.startswith("https://")

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", ".localhost"])
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)

# -- Applications --------------------------------------------------------------

INSTALLED_APPS = [
    "newsportal.apps.PortalConfig",
    "articles",
    "sections",
    "wires",
    "taggit",
    "django_prose_editor",
    "newsportal.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.flatpages",
    "django.contrib.messages",
    "django.contrib.sessions",
    "newsportal.apps.SitesConfig",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "newsportal.editors.zone_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "newsportal.urls"
WSGI_APPLICATION = "newsportal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates/readers"],
        "OPTIONS": {"environment": "sections.page_templates.environment"},
    },
]

# -- Database ------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that will write takes its lock at the start, so that it can wait for it; one that
        # reads first and writes later would fail at once with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The file is read where the system keeps it in memory, for all connections once: up to 2 GB of it.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        " PRAGMA mmap_size=2147418112; PRAGMA cache_size=-16000;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # The queries of readers' pages (articles.prepared) are prepared at once, and no others. One plan does for
    # all values: left to itself PostgreSQL plans a home page of 50 channels anew for each reader, which takes
    # it five times as long as to carry it out. To compile a plan takes longer still, and so does to start
    # other processes for a few hundred rows, which would be taken from other readers besides.
    planning = "-c jit=off -c plan_cache_mode=force_generic_plan -c max_parallel_workers_per_gather=0"
    prepare = {"prepare_threshold": 0, "options": planning}
    DATABASES["default"]["OPTIONS"] = {
        **(prepare if env.bool("DATABASE_PREPARE", True) else {}),
        **DATABASES["default"].get("OPTIONS", {}),
    }
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL", 8, validate=validate.Range(1, 1000)),
        "timeout": 3,  # seconds; who waits that long for a connection is told to come again
    }
else:
    raise ImproperlyConfigured(
        "DATABASE_URL names neither PostgreSQL nor SQLite. "
        "Use postgresql://user:password@host:5432/name, or sqlite:////folder/file.sqlite3."
    )

# -- Language and time ---------------------------------------------------------

LANGUAGE_CODE = "en"  # of the desk; a site's pages are in the site's own
LANGUAGES = [
    ("en", "English"), ("ar", "العربية"), ("es", "Español"), ("fr", "Français"), ("ru", "Русский"),
    ("zh-hans", "简体中文"),
]  # fmt: skip
LOCALE_PATHS = [BASE_DIR / "locale"]  # readers' words; see tests/catalogues.py
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = "newsportal.formats"

# -- Files ---------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = env.str("MEDIA_URL", "/media/")
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Renditions are made by articles.picture_storing, by name and not by a signal, from files it has checked.
IMAGEFIELD_AUTOGENERATE = False
IMAGEFIELD_VALIDATE_ON_SAVE = False
IMAGEFIELD_BIN_DEPTH = 2

# Fonts for the pictures that go with links, where the portal's own has no letters of a headline. Chinese,
# Japanese and Korean would weigh 20 MB: they are drawn where the system has Noto's (SIL Open Font License).
SHARE_FONTS = env.list(
    "SHARE_FONTS", sorted(map(str, Path("/usr/share/fonts").rglob("NotoSansCJK-Bold.ttc")))
)

# -- Pages from memory -----------------------------------------------------------

# Of a process; 0 turns it off.
PAGE_CACHE_MB = env.int("PAGE_CACHE_MB", 64, validate=validate.Range(0, 100_000))
# Caches in front that are told of changes: Varnish with its xkey module, by address, or a service that takes
# a POST with the keys in Surrogate-Key (as Fastly does) and the headers given here.
PURGE_VARNISH = env.list("PURGE_VARNISH", [])
PURGE_URL = env.str("PURGE_URL", "")
PURGE_HEADERS = env.list("PURGE_HEADERS", [], delimiter=";")
# How long they may keep a page: where nobody tells them of changes, not at all.
SHARED_CACHE_SECONDS = env.int(
    "SHARED_CACHE_SECONDS", 3600 if PURGE_VARNISH or PURGE_URL else 0, validate=validate.Range(0, 86_400)
)

# -- Feeds ---------------------------------------------------------------------


def _network(text: str):
    try:
        return ip_network(text.strip())
    except ValueError as error:
        raise ValidationError(f"{error}; write it like 10.20.0.0/16") from error


# A feed's address may lead to the open net only, so that nobody reads the inside of ours through the admin;
# agencies' receivers in our own network are named here.
FEED_PRIVATE_NETWORKS = env.list("FEED_PRIVATE_NETWORKS", [], subcast=_network)
# Whether the worker looks at links to other sites that editors save, to warn of dead ones
CHECK_LINKS = env.bool("CHECK_LINKS", True)
# Of mailboxes: FEED_PASSWORD_AFP_WORLD is that of the feed afp-world.
FEED_PASSWORDS = {name: value for name, value in os.environ.items() if name.startswith("FEED_PASSWORD_")}

# -- Machines that read the sites --------------------------------------------------

AI_CRAWLERS_ALLOWED = env.bool("AI_CRAWLERS_ALLOWED", False)  # else robots.txt shuts them out
# RFC 9116: whom to tell of a weakness, as mailto:security@example.org or the https address of a form
SECURITY_CONTACT = env.str("SECURITY_CONTACT", "", validate=validate.Regexp(r"^((mailto:|https://).+)?$"))
ADS_TXT = env.list("ADS_TXT", [], delimiter=";")  # its lines

# Stories' pages tell when they are read, for "most read". No reader is counted, only the story.
COUNT_READS = env.bool("COUNT_READS", True)

# Who is told of what is new, changed or withdrawn; nobody where these are empty.
WEBSUB_HUB = env.str("WEBSUB_HUB", "", validate=validate.Regexp(r"^(https?://\S+)?$"))
INDEXNOW_KEY = env.str("INDEXNOW_KEY", "", validate=validate.Regexp(r"^([A-Za-z0-9-]{8,128})?$"))
INDEXNOW_URL = env.str(
    "INDEXNOW_URL", "https://api.indexnow.org/indexnow", validate=validate.Regexp(r"^https?://\S+$")
)

# -- Tags ----------------------------------------------------------------------

TAGGIT_STRIP_UNICODE_WHEN_SLUGIFYING = False

# -- Security ------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31_536_000 if HTTPS else 0, validate=validate.Range(0))
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

# Nothing of a third party on any page, and no inline script or style.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"] + ([MEDIA_URL] if MEDIA_URL.startswith("http") else []),
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Rights end where a user's remit ends: sections/rights.py says where each row stands.
AUTHENTICATION_BACKENDS = ["newsportal.editors.EditorBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = LOGOUT_REDIRECT_URL = "admin:login"

# -- Logging -------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.str(
            "LOG_LEVEL", "WARNING", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"])
        ),
    },
}
