"""One story's page, with select_related where a tutorial would say so and no further thought."""

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from articles.models import Story
from sections.models import Site


def story(request, pk: int, slug: str):
    now = timezone.now()
    public = Story.objects.filter(
        Q(embargo_until=None) | Q(embargo_until__lte=now),
        Q(rights_until=None) | Q(rights_until__gt=now),
        Q(contract_until=None) | Q(contract_until__gt=now),
        state="published",
        publish_at__lte=now,
    )
    found = get_object_or_404(public.select_related("source", "picture"), pk=pk)
    channel = found.listings.select_related("channel__site").get(primary=True).channel
    blocks = []
    for block in channel.blocks.filter(on_stories=True).select_related("from_channel__site"):
        newest = public.filter(listings__channel=block.from_channel).exclude(pk=pk)
        newest = newest.select_related("source", "picture").order_by("-first_published")[: block.size]
        blocks.append((block, newest))
    context = {
        "story": found,
        "channel": channel,
        "site": channel.site,
        "sites": Site.objects.prefetch_related("channels"),
        "blocks": blocks,
        "corrections": found.corrections.all(),
    }
    return render(request, "story.html", context)
