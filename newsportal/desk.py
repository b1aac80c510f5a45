"""The admin, with a sign-in that works on any host name.

django.contrib.auth asks django.contrib.sites for the site of the request's host, to name it on the page,
and fails where no site has that name: on a new portal, or under another name of the same machine.
"""

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from newsportal.desk_page import desk_page


class SignIn(LoginView):
    template_name = "admin/login.html"
    authentication_form = AdminAuthenticationForm

    def get_context_data(self, **kwargs):
        context = super(LoginView, self).get_context_data(**kwargs)  # past the one that asks for the site
        return context | {self.redirect_field_name: self.get_redirect_url()} | self.extra_context

    def get_default_redirect_url(self):
        return reverse("admin:index")


# What is opened all day stands before what is looked up now and then; the rest follows by name.
DAILY = ["Story", "Front", "Picture", "Tag", "WireCopy", "Likeness", "Feed"]


class DeskSite(AdminSite):
    site_header = site_title = "News desk"
    index_title = "Desk"
    index_template = "admin/desk.html"

    def index(self, request, extra_context=None):
        return super().index(request, {"desk": desk_page(request.user), **(extra_context or {})})

    def get_urls(self):
        from newsportal.editors import my_settings  # noqa: PLC0415 (models are not read yet)

        mine = path("my-settings/", self.admin_view(my_settings), name="my_settings")
        return [mine, *super().get_urls()]

    def get_app_list(self, request, app_label=None):
        """With the fronts, which are no model's rows, where their blocks are; what is daily work first."""
        apps = super().get_app_list(request, app_label)
        url = reverse("admin:sections_fronts")
        for app in apps:
            if app["app_label"] == "sections" and request.user.has_perm("sections.view_block"):
                entry = {"name": _("Fronts"), "object_name": "Front", "admin_url": url, "add_url": None}
                app["models"].append(entry | {"view_only": True, "perms": {}})
            app["models"].sort(key=_daily_first)
        return apps

    @method_decorator(never_cache)
    def login(self, request, extra_context=None):
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        return SignIn.as_view(extra_context=context)(request)


def _daily_first(entry: dict) -> int:
    name = entry["object_name"]
    return DAILY.index(name) if name in DAILY else len(DAILY)
