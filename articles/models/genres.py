from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Genre(models.TextChoices):
    """What a story is by its form; readers are told all but the first, in their site's language."""

    ARTICLE = "Article", _("Article")
    ANALYSIS = "Analysis", _("Analysis")
    BACKGROUNDER = "Backgrounder", _("Backgrounder")
    FACTBOX = "Factbox", _("Factbox")
    FEATURE = "Feature", _("Feature")
    INTERVIEW = "Interview", _("Interview")
    OBITUARY = "Obituary", _("Obituary")
    OPINION = "Opinion", _("Opinion")
    PREVIEW = "Preview", pgettext_lazy("genre", "Preview")
    PROFILE = "Profile", _("Profile")
    SIDEBAR = "Sidebar", _("Sidebar")
    TIMELINE = "Timeline", _("Timeline")

    @classmethod
    def words(cls, genre: str) -> str:
        """Nothing of what most stories are."""
        return "" if genre == cls.ARTICLE else str(dict(cls.choices).get(genre, genre))
