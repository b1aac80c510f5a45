import io
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.core.wsgi import get_wsgi_application
from environs.exceptions import EnvError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")

try:
    application = get_wsgi_application()
    # A portal with settings that contradict each other does not start, however it is started.
    call_command("check", stdout=io.StringIO())
except (EnvError, ImproperlyConfigured, SystemCheckError) as error:
    sys.exit(f"Settings: {error}")
