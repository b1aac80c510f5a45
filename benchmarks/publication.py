"""From the commit of a publication until whoever asks sees it, while others ask as fast as they can."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.servers import Server, reading

ASKING = 16  # at a time, each by a new connection: whichever worker takes it has to show the story
QUIET = 1.0  # seconds without an old answer, and the story is visible everywhere


def delays(server: Server, host: str, times: int) -> list[float]:
    """Seconds, of each publication: until the end of the last answer without it."""
    from articles import publishing
    from articles.models import Story
    from sections.models import Channel, Listing

    channel = Channel.objects.filter(site__domain=host).first()
    found = []
    with ThreadPoolExecutor(ASKING) as readers, reading(server, "/latest/", Host=host):
        for number in range(times):
            headline = f"Delay {os.getpid()} {number}"
            story = Story.objects.create(headline=headline, body="<p>Measured.</p>")
            Listing.objects.create(story=story, channel=channel, primary=True)

            def shown(_asked: int, headline: str = headline) -> bool:
                _status, _headers, body = server.get("/latest/", Host=host)
                return headline.encode() in body

            if any(readers.map(shown, range(ASKING))):
                raise SystemExit(f"“{headline}” is shown before it is published.")
            publishing.publish(story, by_name="The benchmark")
            began = last_old = time.perf_counter()
            while time.perf_counter() < last_old + QUIET:
                if not all(readers.map(shown, range(ASKING))):
                    last_old = time.perf_counter()
            found.append(last_old - began)
    return found
