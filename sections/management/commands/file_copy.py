import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from articles.filing import UnfilableCopy, read_copy
from articles.models import Story
from sections.filing import file_copy
from sections.models import Channel


class Command(BaseCommand):
    help = "Files copy, as pasted from a wire terminal, a mail or a page, as a draft in a channel."

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="a text file; - is standard input")
        parser.add_argument(
            "--channel",
            metavar="SLUG",
            required=True,
            help="slug of the channel, or host/slug where two sites have it",
        )
        parser.add_argument("--dry-run", action="store_true", help="read and show it, store nothing")

    def handle(self, *args, **options):
        text = self._read(options["file"])
        channel = self._channel(options["channel"])
        try:
            with transaction.atomic():
                copy = read_copy(text)
                story = file_copy(copy, channel)
                if options["verbosity"] > 0:
                    self._report(story, copy, channel)
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except UnfilableCopy as error:
            raise CommandError(f"{options['file']}: {error}") from error
        if options["verbosity"] > 0:
            done = "Dry run: nothing was stored." if options["dry_run"] else f"Filed as draft {story.pk}."
            self.stdout.write(self.style.SUCCESS(done))

    def _read(self, name: str) -> str:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}.") from error
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("cp1252", errors="replace")

    def _channel(self, slug: str) -> Channel:
        host, _, name = slug.rpartition("/")
        found = Channel.objects.select_related("site").filter(slug=name)
        if host:
            found = found.filter(site__domain=host)
        channels = list(found)
        if len(channels) == 1:
            return channels[0]
        if channels:
            ways = ", ".join(f"{channel.site.domain}/{channel.slug}" for channel in channels)
            raise CommandError(f"More than one site has a channel “{slug}”. Say which: {ways}.")
        known = ", ".join(Channel.objects.order_by("slug").values_list("slug", flat=True).distinct()[:50])
        raise CommandError(f"No channel “{slug}”. There is: {known or 'none yet; make one in the admin'}.")

    def _report(self, story: Story, copy, channel: Channel) -> None:
        shown = {
            "Channel": channel,
            "Kicker": channel.kicker,
            "Headline": story.headline,
            "Byline": story.byline or "-",
            "Dateline": story.dateline or "-",
            "Place": story.dateline_place or "-",
            "Source": story.source or "-",
            "Date": story.dateline_date or "-",
            "Paragraphs": len(copy.paragraphs),
            "Links": ", ".join(link.title for link in copy.links) or "-",
        }
        for name, value in shown.items():
            self.stdout.write(f"{name + ':':<12} {value}")
        if copy.kicker and copy.kicker.casefold() != channel.kicker.casefold():
            self.stdout.write(
                self.style.WARNING(f"The copy's own kicker is {copy.kicker}, the channel's differs.")
            )
