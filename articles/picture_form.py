"""The desk's form of a picture: its file, checked before anything else touches it, and how it is cropped."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from articles.models import Picture
from articles.picture_files import MOST_BYTES, Unusable, too_heavy, written_anew
from articles.renditions import BOX, CROPS, Shape


def _percent(label) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        min_value=0,
        max_value=100,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any", "class": "percent"}),
    )


def _box(ratio: str) -> list[forms.FloatField]:
    labels = [_("{ratio}: left edge, %"), _("{ratio}: upper edge, %"), _("{ratio}: width, %")]
    return [_percent(format_lazy(label, ratio=ratio)) for label in labels]


class PictureForm(forms.ModelForm):
    file = forms.FileField(
        label=_("File"),
        max_length=None,
        help_text=_(
            "JPEG, PNG, WebP or GIF. Where and with what it was taken is not kept. "
            "A file cannot be exchanged later: add another picture."
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    focus_x = _percent(_("Focal point: from the left, %"))
    focus_y = _percent(_("Focal point: from above, %"))
    wide_left, wide_top, wide_width = _box("16:9")
    card_left, card_top, card_width = _box("4:3")
    square_left, square_top, square_width = _box("1:1")

    class Meta:
        model = Picture
        fields = ["file", "alt_text", "caption", "credit", "rights_until"]
        widgets = {
            name: forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField"})
            for name, rows in (("alt_text", 2), ("caption", 3))
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        numbers = [*self._focus(), *(key for name in CROPS for key in _box_names(name))]
        for name in ["file"] if self.instance.pk else numbers:
            del self.fields[name]
        if "credit" in self.fields:
            self.fields["credit"].required = True
        self.seen = self._crops_as_stored()
        self.initial |= self._focus()
        for name in CROPS:
            if box := BOX.fullmatch(getattr(self.instance, f"crop_{name}")):
                self.initial |= {
                    key: round(100 * float(part), 1)
                    for key, part in zip(_box_names(name), box.groups(), strict=True)
                }

    def _crops_as_stored(self) -> list[str]:
        return [self.instance.focus, *(getattr(self.instance, f"crop_{name}") for name in CROPS)]

    def _focus(self) -> dict[str, float]:
        x, y = (round(100 * part, 1) for part in self.instance.file.focus)
        return {"focus_x": x, "focus_y": y}

    @property
    def is_recropped(self) -> bool:
        return self.seen != self._crops_as_stored()

    def clean_file(self) -> ContentFile:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise ValidationError(too_heavy(upload.size))
        try:
            clean, self.kind = written_anew(upload.read())
        except Unusable as error:
            raise ValidationError(str(error)) from error
        return ContentFile(clean, name="picture")

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and "focus_x" in self.fields and not self.errors:
            x, y = (50 if cleaned[name] is None else round(cleaned[name], 1) for name in self._focus())
            if [x, y] != list(self._focus().values()):
                self.instance.focus = f"{x / 100:.3f}x{y / 100:.3f}"
            for name, shape in CROPS.items():
                setattr(self.instance, f"crop_{name}", self._box(name, shape))
        return cleaned

    def _box(self, name: str, shape: Shape) -> str:
        """As it is stored; empty where the focal point decides."""
        parts = [self.cleaned_data[key] for key in _box_names(name)]
        if parts == [None, None, None]:
            return ""
        if None in parts or parts[2] == 0:
            self.add_error(
                _box_names(name)[2], _("A crop of its own needs a left edge, an upper edge and a width.")
            )
            return ""
        left, top, width = parts
        across, down = shape.ratio
        # How much of the picture's width there is room for, to the right and below.
        room = min(100 - left, (100 - top) * self.instance.height * across / (self.instance.width * down))
        if width > room + 0.05:
            self.add_error(
                _box_names(name)[2],
                _("From there the picture has room for %(room).1f %% at most.") % {"room": max(room, 0)},
            )
            return ""
        return "x".join(f"{part / 100:.3f}" for part in parts)


def _box_names(name: str) -> list[str]:
    return [f"{name}_{edge}" for edge in ("left", "top", "width")]
