from django.urls import include, path

from benchmarks.plain.views import story

urlpatterns = [
    path("story/<int:pk>/<str:slug>/", story),
    path("", include("newsportal.urls")),  # for the addresses that the page links to
]
