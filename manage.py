#!/usr/bin/env python
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import OperationalError
from environs.exceptions import EnvError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsportal.settings")
    try:
        execute_from_command_line(sys.argv)
    except (EnvError, ImproperlyConfigured) as error:
        sys.exit(f"Settings: {error}\nREADME.md, 'Settings', says what each may be.")
    except OperationalError as error:
        # Operators meet these: a server that is down, a wrong password, a database not migrated yet.
        sys.exit(f"Database: {str(error).strip()}\nCheck DATABASE_URL, and run 'manage.py migrate'.")
