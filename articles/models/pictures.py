from functools import partial

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from imagefield.fields import PPOIField

from articles.renditions import BOX, RenditionsField


class PictureQuerySet(models.QuerySet):
    def delete(self):
        names = list(self.values_list("file", flat=True))
        done = super().delete()
        _remove_after_commit(names)
        return done

    delete.alters_data = True
    delete.queryset_only = True


def _crop() -> models.CharField:
    return models.CharField(max_length=20, blank=True, editable=False, validators=[RegexValidator(BOX)])


class Picture(models.Model):
    file = RenditionsField(
        upload_to="pictures/%Y/%m/", width_field="width", height_field="height", ppoi_field="focus"
    )
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    focus = PPOIField(_("focal point"), editable=False)
    crop_wide, crop_card, crop_square = _crop(), _crop(), _crop()
    renditions = models.PositiveSmallIntegerField(
        editable=False, default=0, help_text="The set of them that is stored; 0: none."
    )
    alt_text = models.CharField(max_length=300, help_text="What the picture shows, for who cannot see it.")
    caption = models.TextField(blank=True)
    credit = models.CharField(max_length=200, blank=True)
    rights_until = models.DateTimeField(null=True, blank=True, help_text="Not shown from then on.")
    created = models.DateTimeField(auto_now_add=True)

    objects = PictureQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return self.alt_text

    def delete(self, *args, **kwargs):
        name = self.file.name
        done = super().delete(*args, **kwargs)
        _remove_after_commit([name])
        return done


def _remove_after_commit(names: list[str]) -> None:
    for name in filter(None, names):
        # A storage that fails then leaves a file behind, in the log, and no half-done delete.
        transaction.on_commit(partial(_remove, name), robust=True)


def _remove(name: str) -> None:
    """The file with its renditions, unless another picture has the same one."""
    if not Picture.objects.filter(file=name).exists():
        Picture(file=name, width=1, height=1).file.delete(save=False)
