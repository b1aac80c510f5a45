"""The portal's settings for the suite: nothing of the developer's own .env file, and cheap passwords."""

import atexit
import os
import shutil
import tempfile

if "PYTEST_XDIST_WORKER" not in os.environ:  # the workers share the folder of who started them
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="newsportal-tests-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

os.environ.update(
    ENV_FILE=os.devnull,
    SECRET_KEY="only-for-the-suite-" * 3,
    SITE_URL="http://{host}",
)
os.environ.pop("DEBUG", None)

from newsportal.settings import *  # noqa: E402, F403
from newsportal.settings import DATABASES, STATIC_ROOT, STORAGES, VAR_DIR  # noqa: E402

STATIC_ROOT.mkdir(exist_ok=True)

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in production: an in-memory database has neither WAL nor its way of locking.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "suite.sqlite3")}

ALLOWED_HOSTS = ["*"]
SHARE_FONTS = []  # whatever fonts this machine has
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
