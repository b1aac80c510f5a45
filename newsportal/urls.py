from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("sections.urls")),
]

handler400 = "sections.errors.bad_request"
handler403 = "sections.errors.permission_denied"
handler404 = "sections.errors.not_found"
handler500 = "newsportal.away.server_error"

if settings.MEDIA_URL.startswith("/"):
    # Where no web server or object storage in front answers for pictures, Django does.
    media = re_path(rf"^{settings.MEDIA_URL[1:]}(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT})
    urlpatterns.insert(0, media)
