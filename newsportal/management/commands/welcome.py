"""What somebody who starts the portal on a machine of their own needs to know; `make run` prints it."""

import hashlib
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from sections.models import Site, site_url

EDITOR = "editor"
CHIEF_EDITOR = "Chief editor"


class Command(BaseCommand):
    help = "Prints the addresses of the network and how to sign in; makes an editor if nobody could."

    def handle(self, *, verbosity: int, **options):
        try:
            made = make_editor()
        except IntegrityError:  # another process made the same account at this moment
            made = False
        if verbosity:
            self.stdout.write("\n".join(["", *_addresses(), "", *_sign_in(made=made), ""]))


@transaction.atomic
def make_editor() -> bool:
    """An account that can do an editor's work and no administrator's, unless somebody can sign in already."""
    users = get_user_model().objects
    if users.filter(is_staff=True).exists():
        return False
    if users.filter(username=EDITOR).exists():
        raise CommandError(
            f"Nobody may use the admin, and “{EDITOR}” is an account of somebody else. "
            "Make one with: python manage.py createsuperuser"
        )
    password = secrets.token_urlsafe(12)
    editor = users.create_user(EDITOR, password=password, is_staff=True)
    editor.groups.add(*Group.objects.filter(name=CHIEF_EDITOR))
    # Before the account is committed: a password without its account does no harm, and is overwritten.
    _remember(password)
    return True


def password_file() -> Path:
    """One for each database, so that a second one on this machine does not overwrite the first's."""
    database = "|".join(str(connection.settings_dict[part]) for part in ("NAME", "HOST", "PORT"))
    return Path(settings.VAR_DIR) / f"editor-password-{hashlib.sha256(database.encode()).hexdigest()[:8]}"


def _remember(password: str) -> None:
    file = password_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(password + "\n", encoding="utf-8")


def remembered_password() -> str:
    """The editor's, if it is still the one that was made for them; else nothing."""
    editor = get_user_model().objects.filter(username=EDITOR, is_staff=True, is_active=True).first()
    file = password_file()
    password = file.read_text(encoding="utf-8").strip() if editor and file.exists() else ""
    return password if password and editor.check_password(password) else ""


def _addresses() -> list[str]:
    sites = list(Site.objects.order_by("position", "name"))
    if not sites:
        return ["  The network has no site yet. Load the sample with: python manage.py load_sample"]
    home = next((site for site in sites if site.is_default), sites[0])
    lines = [(site.name, site.url + "/") for site in sites]
    lines.append(("Admin", site_url(home.domain) + reverse("admin:index")))
    width = max(len(name) for name, _ in lines)
    return [f"  {name:{width}}  {address}" for name, address in lines]


def _sign_in(*, made: bool) -> list[str]:
    if password := remembered_password():
        made_now = "  (made just now)" if made else ""
        return [f"  Sign in as {EDITOR}, password {password}{made_now}"]
    staff = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("pk")
    known = staff.filter(username=EDITOR).first() or staff.first()
    name = known.get_username() if known else EDITOR
    return [f"  Sign in as {name}. A new password: python manage.py changepassword {name}"]
