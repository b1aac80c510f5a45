"""Storing a picture's file and its renditions, both before the row that names them: no page ever names a file
that is not there."""

from __future__ import annotations

import hashlib
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction

from articles.models import Picture
from articles.picture_files import SUFFIXES, written_anew
from articles.renditions import SET, named, render


def store(picture: Picture, data: bytes) -> None:
    """The picture gets its file, cleaned, and all renditions; the caller saves the row. Raises Unusable."""
    keep(picture, *written_anew(data))


def keep(picture: Picture, clean: bytes, kind: str) -> None:
    name = f"{hashlib.sha256(clean).hexdigest()[:20]}.{SUFFIXES[kind]}"
    # The name is given twice: of a file without one Django takes no measures.
    picture.file.save(name, ContentFile(clean, name=name), save=False)
    try:
        add_renditions(picture)
    except BaseException:
        picture.file.delete(save=False)
        raise


def add_renditions(picture: Picture) -> None:
    render(picture)
    picture.renditions = SET


def save_cropped_anew(picture: Picture) -> None:
    """After its focal point or a crop has changed. Caches may hold pages with the old files for a moment."""
    old = named(Picture.objects.get(pk=picture.pk)).keys()
    add_renditions(picture)
    picture.save()
    transaction.on_commit(partial(_remove, picture.file.storage, old - named(picture).keys()), robust=True)


def _remove(storage: Storage, files: set[str]) -> None:
    for name in files:
        storage.delete(name)
