"""What became of links to other sites, so that an editor is told of dead ones."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LinkCheck(models.Model):
    """An address that an editor saved in a story. articles.link_checks asks for it to be looked at."""

    class Finding(models.TextChoices):
        """Only what readers would find too: many a site answers a program with an error and a reader not."""

        WELL = "", _("Nothing is known against it")
        MISSING = "missing", _("the site answers that there is no such page.")
        GONE = "gone", _("the site answers that the page is gone for good.")
        NO_HOST = "no-host", _("there is no site of that name.")

    address = models.CharField(max_length=500, unique=True)
    asked = models.DateTimeField(db_index=True, help_text="When an editor last saved it")
    due = models.DateTimeField(null=True, db_index=True, help_text="When it is to be looked at, if at all")
    checked = models.DateTimeField(null=True)
    finding = models.CharField(max_length=10, choices=Finding, default=Finding.WELL, blank=True)

    def __str__(self) -> str:
        return self.address
