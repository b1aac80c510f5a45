"""Copy that others put into a folder, by FTP, SFTP or a satellite receiver. Nothing is deleted or moved."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from wires.fetch import MAX_BYTES, FetchError

PARTIAL = (".tmp", ".part", ".filepart")  # what programs call a file until it is whole


def entries(
    folder: Path,
    *,
    settle_seconds: float = 5,
    partial: tuple[str, ...] = PARTIAL,
    max_bytes: int = MAX_BYTES,
    wanted: Callable[[str, os.stat_result], bool] | None = None,
) -> Iterator[tuple[str, bytes | FetchError]]:
    """The files of a folder, oldest first, one in memory at a time; or why one could not be read.

    A file changed within the last `settle_seconds` may still be growing: it is left for the next time.
    With `wanted` a caller who remembers name, size and time of what it took is spared reading it again.
    """
    try:
        root = folder.resolve(strict=True)
        listed = sorted(_listed(root, tuple(map(str.lower, partial))))
    except OSError as error:
        raise FetchError(f"The folder cannot be read: {error.strerror}.") from error
    for _, name in listed:
        # A name that is no UTF-8 fits into no database.
        shown = os.fsencode(name).decode("utf-8", "backslashreplace")
        try:
            with _opened(root, name) as file:
                before = os.fstat(file.fileno())
                if _is_fresh(before, settle_seconds) or (wanted and not wanted(shown, before)):
                    continue
                data = _read(file, before, max_bytes)
        except FileNotFoundError:
            continue  # taken away meanwhile
        except FetchError as error:
            yield shown, error
        except OSError as error:
            yield shown, FetchError(f"The file cannot be read: {error.strerror}.")
        else:
            if data is not None:
                yield shown, data


def _listed(root: Path, partial: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    with os.scandir(root) as found:
        for entry in found:
            if entry.name.startswith(".") or entry.name.lower().endswith(partial):
                continue
            try:
                about = entry.stat()
            except FileNotFoundError:
                continue  # taken away meanwhile, or a link to nothing
            except OSError:
                yield 0, entry.name  # such as a link to itself: opening it tells why
            else:
                if stat.S_ISREG(about.st_mode):
                    yield about.st_mtime_ns, entry.name


def _opened(root: Path, name: str) -> BinaryIO:
    """Whoever uploads may put a link where a file was listed, so what is opened is what was checked."""
    path = root / name
    if path.is_symlink():
        path = Path(os.path.realpath(path, strict=True))  # a loop is an OSError, as not to Path.resolve
        if not path.is_relative_to(root):
            raise FetchError("It is a link that leads out of the folder.")
    # Without O_NONBLOCK opening a named pipe waits for its other end.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FetchError("It is no regular file.")
    return os.fdopen(descriptor, "rb")


def _read(file: BinaryIO, before: os.stat_result, max_bytes: int) -> bytes | None:
    """None if it changed while it was read: it will be whole another time."""
    if before.st_size > max_bytes:
        raise FetchError(f"The file has {before.st_size:,} bytes; {max_bytes:,} are the most.")
    data = file.read(before.st_size + 1)
    after = os.fstat(file.fileno())
    is_same = (before.st_size, before.st_mtime_ns) == (len(data), after.st_mtime_ns)
    return data if is_same else None


def _is_fresh(found: os.stat_result, settle_seconds: float) -> bool:
    """A time ahead of ours comes from another clock and says nothing."""
    return 0 <= time.time() - found.st_mtime < settle_seconds
