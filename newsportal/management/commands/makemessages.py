"""Django's makemessages, which finds the words of readers' pages too: those are written in Jinja2."""

from pathlib import Path

from django.core.management.commands import makemessages
from django.template import engines

KEYWORDS = ("_", "gettext", "ngettext", "pgettext", "npgettext")


def words_of(template: str) -> str:
    """The words of a Jinja2 template as Python that says the same, each on its line, for xgettext."""
    lines: dict[int, list[str]] = {}
    for number, function, said in engines["jinja2"].env.extract_translations(template, KEYWORDS):
        parts = [part for part in (said if isinstance(said, tuple) else (said,)) if part is not None]
        count = ", 0" if function in ("ngettext", "npgettext") else ""
        if parts:  # else it is a variable, whose words are found where they are written
            lines.setdefault(number, []).append(f"{function}({', '.join(map(repr, parts))}{count})")
    return "\n".join("; ".join(lines.get(number, [])) for number in range(1, max(lines, default=0) + 1))


class BuildFile(makemessages.BuildFile):
    def preprocess(self) -> None:
        if self.is_templatized and "readers" in Path(self.path).parts:
            Path(self.work_path).write_text(words_of(Path(self.path).read_text("utf-8")), encoding="utf-8")
        else:
            super().preprocess()


class Command(makemessages.Command):
    build_file_class = BuildFile
