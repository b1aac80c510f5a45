from newsportal.settings import *  # noqa: F403
from newsportal.settings import BASE_DIR, MIDDLEWARE, TEMPLATES, env

ROOT_URLCONF = "benchmarks.plain.urls"
WSGI_APPLICATION = "benchmarks.plain.wsgi.application"
TEMPLATES = [TEMPLATES[0] | {"DIRS": [BASE_DIR / "benchmarks/plain/templates"]}]
if env.bool("PLAIN_CACHE", False):
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
