"""Parts of a URL. What cannot be is no match, so it is a 404 before a query is made."""

import re

from sections.feed_formats import FORMATS
from sections.icons import SIZES


class UnicodeSlug:
    """A slug in any script."""

    regex = r"[-\w]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class RowId:
    """A positive key that fits the database's integers; no leading zero, so that a URL is one."""

    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class Year:
    """Four digits, of a year that datetime can count on from."""

    regex = r"[1-9][0-9]{3}"

    def to_python(self, value: str) -> int:
        year = int(value)
        if year > 9998:
            raise ValueError(value)
        return year

    def to_url(self, value: int) -> str:
        return f"{value:04}"


class TwoDigits:
    """A month or a day, always written with two digits, so that a day has one address."""

    regex = r"[0-9]{2}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:02}"


class FeedFile:
    """The last part of a feed's address."""

    regex = "|".join(map(re.escape, FORMATS))

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class IconName:
    """The files that browsers and home screens ask for as a site's icon."""

    regex = "|".join(map(re.escape, SIZES))

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
