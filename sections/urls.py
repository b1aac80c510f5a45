from django.urls import path, register_converter

from sections import (
    converters,
    counting,
    feed_lists,
    feeds,
    search_views,
    share_picture,
    shared,
    sitemaps,
    story_data,
    views,
    wellknown,
)

register_converter(converters.UnicodeSlug, "uslug")
register_converter(converters.RowId, "id")
register_converter(converters.Year, "year")
register_converter(converters.TwoDigits, "two")
register_converter(converters.FeedFile, "feed")
register_converter(converters.IconName, "icon")

app_name = "sections"

urlpatterns = [
    path("", views.home, name="home"),
    path("look.css", views.look, name="look"),
    path("look-<id:site_pk>.css", views.look, name="look-of"),
    path("latest/", views.latest, name="latest"),
    path("corrections/", views.corrections, name="corrections"),
    path("network/", views.all_sites, name="network"),
    # /story/<id>/<slug>/
    path("story/<id:pk>/", views.story, {"slug": ""}, name="story-by-id"),
    path("story/<id:pk>/<uslug:slug>/", views.story, name="story"),
    path("story/<id:pk>/<uslug:slug>/history/", views.history, name="history"),
    path("story/<id:pk>/<uslug:slug>.json", story_data.ninjs, name="story-ninjs"),
    path("story/<id:pk>/<uslug:slug>.jsonld", story_data.linked_data, name="story-linked-data"),
    path("story/<id:pk>/share-<slug:mark>.png", share_picture.share_picture, name="share-picture"),
    path("read/<id:pk>/", counting.count_read, name="count-read"),
    # Lists
    path("channel/<uslug:slug>/", views.channel, name="channel"),
    path("channel/<uslug:slug>/<year:year>/<two:month>/<two:day>/", views.edition, name="edition"),
    path("tag/<uslug:slug>/", views.tag, name="tag"),
    path("place/<uslug:slug>/", views.place, name="place"),
    path("author/<uslug:slug>/", views.author, name="author"),
    path("source/<slug:code>/", views.source, name="source"),
    # /search/
    path("search/", search_views.search, name="search"),
    path("search/suggest.json", search_views.suggest, name="suggest"),
    path("search/<feed:file>", feeds.search, name="feed-search"),
    path("opensearch.xml", search_views.description, name="opensearch"),
    # /archive/
    path("archive/", views.archive, name="archive"),
    path("archive/<year:year>/", views.archive, name="archive-year"),
    path("archive/<year:year>/<two:month>/", views.archive, name="archive-month"),
    path("archive/<year:year>/<two:month>/<two:day>/", views.day, name="archive-day"),
    # Feeds: <list>/rss.xml, atom.xml, feed.json
    path("<feed:file>", feeds.site, name="feed-site"),
    path("channel/<uslug:slug>/<feed:file>", feeds.channel, name="feed-channel"),
    path("tag/<uslug:slug>/<feed:file>", feeds.tag, name="feed-tag"),
    path("place/<uslug:slug>/<feed:file>", feeds.place, name="feed-place"),
    path("author/<uslug:slug>/<feed:file>", feeds.author, name="feed-author"),
    path("source/<slug:code>/<feed:file>", feeds.source, name="feed-source"),
    path("feeds/", feed_lists.feeds, name="feeds"),
    path("network.opml", feed_lists.opml, name="opml"),
    # A text that is not public, for who was given the link
    path("preview/<str:token>/", shared.shared, name="shared"),
    # For machines
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-pages.xml", sitemaps.pages, name="sitemap-pages"),
    path("sitemap-news.xml", sitemaps.news, name="sitemap-news"),
    path("sitemap-<year:year>-<two:month>-<two:day>-<id:part>.xml", sitemaps.third, name="sitemap-third"),
    path("robots.txt", wellknown.robots, name="robots"),
    path("indexnow.txt", wellknown.indexnow, name="indexnow"),
    path("ads.txt", wellknown.ads, name="ads"),
    path(".well-known/security.txt", wellknown.security, name="security"),
    path("manifest.webmanifest", wellknown.manifest, name="manifest"),
    path("<icon:name>", wellknown.site_icon, name="icon"),
    # What the publisher says of itself: about, privacy
    path("<slug:name>/", views.words, name="words"),
]
