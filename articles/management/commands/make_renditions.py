import sys

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from articles.models import Picture
from articles.picture_storing import add_renditions
from articles.renditions import SET, named
from newsportal import keys, outbox


class Command(BaseCommand):
    help = "Makes the renditions of pictures that have none, or not those of this release."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say how many, make none")
        parser.add_argument(
            "--look", action="store_true", help="look into the storage too, for files that it has lost"
        )

    def handle(self, *, dry_run: bool, look: bool, verbosity: int, **options):
        total = Picture.objects.count()
        made = failed = 0
        # By key: pictures are added and deleted meanwhile, and each takes its time.
        keys = list(Picture.objects.order_by("pk").values_list("pk", "renditions"))
        wanted = [pk for pk, number in keys if look or number != SET]
        for pk in tqdm(wanted, unit=" pictures", disable=verbosity == 0 or not sys.stderr.isatty()):
            picture = Picture.objects.filter(pk=pk).first()
            if picture is None or not self._lacks(picture):
                continue
            try:
                made += dry_run or self._make(picture)
            except Exception as error:  # noqa: BLE001 (a storage elsewhere has errors of its own)
                failed += 1
                self.stderr.write(f"Picture {pk}, {picture.file.name}: {error}")
        if verbosity:
            words = "to be made" if dry_run else "made"
            self.stdout.write(f"{made} {words}, {failed} failed, {total - made - failed} had theirs already.")
        if failed:
            raise CommandError(f"{failed} failed: see above. Readers get those as they were stored.")

    def _lacks(self, picture: Picture) -> bool:
        exists = picture.file.storage.exists
        return picture.renditions != SET or not all(map(exists, named(picture)))

    def _make(self, picture: Picture) -> bool:
        add_renditions(picture)
        # An editor may have moved the focal point meanwhile, and made those of the new one.
        same = Picture.objects.filter(
            pk=picture.pk, focus=picture.focus, crop_wide=picture.crop_wide,
            crop_card=picture.crop_card, crop_square=picture.crop_square,
        )  # fmt: skip
        with transaction.atomic():
            same.update(renditions=SET)
            outbox.record(*(keys.story(pk) for pk in picture.stories.values_list("pk", flat=True)))
        return True
