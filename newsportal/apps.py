from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.sites.apps import SitesConfig as ContribSitesConfig


class PortalConfig(AppConfig):
    name = "newsportal"
    verbose_name = "News portal"

    def ready(self) -> None:
        from newsportal import checks  # noqa: F401, PLC0415  (registers the system checks)


class SitesConfig(ContribSitesConfig):
    """django.contrib.sites without the "example.com" row that it puts into every new database."""

    def ready(self) -> None:
        pass


class DeskConfig(AdminConfig):
    default_site = "newsportal.desk.DeskSite"
