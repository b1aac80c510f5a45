"""What keeps the architecture easy to see, checked on the source itself."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["articles", "sections", "wires", "newsletters"]
# Whom each app may import, besides itself and newsportal's neutral modules.
MAY_IMPORT = {
    "articles": set(),
    "sections": {"articles"},
    "wires": {"articles"},
    "newsletters": {"articles", "sections"},
}
NEUTRAL = {"newsportal.caching", "newsportal.keys", "newsportal.outbox"}
BANNED_NAMES = {"utils", "helpers", "services", "common", "misc"}
SIGNALS = re.compile(
    r"@receiver|import receiver|\b(?:pre|post)_(?:save|delete|init|migrate)\b(?!\()|m2m_changed|signals\."
)


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("app", [app for app in APPS if (ROOT / app).exists()])
def test_imports_point_one_way(app):
    foreign = (set(APPS) | {"newsportal"}) - MAY_IMPORT[app] - {app}
    for path in modules(app):
        wrong = {
            name
            for name in imports(path)
            if name.split(".")[0] in foreign and not any(name.startswith(neutral) for neutral in NEUTRAL)
        }
        if imports(path) & NEUTRAL:
            wrong.discard("newsportal")
        assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}"


def test_the_apps_have_no_signals():
    for path in modules(*APPS, "newsportal"):
        found = SIGNALS.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)} uses {found[0]}"


def test_no_module_has_a_name_that_says_nothing():
    for path in modules(*APPS, "newsportal", "tests"):
        parts = {*path.relative_to(ROOT).with_suffix("").parts}
        assert not parts & BANNED_NAMES, path.relative_to(ROOT)


def test_only_publishing_writes_a_storys_state():
    columns = "(?:state|first_published|contract_until)"
    pattern = re.compile(rf"update\([^)]*\b{columns}=|\.{columns} = ")
    allowed = {ROOT / "articles/publishing.py"}
    for path in modules(*APPS, "newsportal"):
        if path not in allowed and "migrations" not in path.parts:
            found = pattern.search(path.read_text(encoding="utf-8"))
            assert not found, f"{path.relative_to(ROOT)} writes {found[0]!r}"


def test_only_curation_writes_slots():
    pattern = re.compile(r"\bslots?(?:\.objects)?\.(?:save|delete|create|update|bulk_\w+)\(", re.IGNORECASE)
    for path in modules(*APPS, "newsportal"):
        if path != ROOT / "sections/curation.py" and "migrations" not in path.parts:
            found = pattern.search(path.read_text(encoding="utf-8"))
            assert not found, f"{path.relative_to(ROOT)} writes slots: {found[0]!r}"


# Where rows of Story are written, and why each needs no version to be checked or checks it.
WRITERS = {
    "articles/models/stories.py": {"update"},  # write() and count_save(), with the check
    "articles/publishing.py": {"update"},  # a locked row's state, the contract's days: no content
    "articles/merge_names.py": {"update"},  # counts a save of each story that is touched: no content
}
IN_BULK = {"update", "bulk_update", "bulk_create", "update_or_create", "get_or_create", "create", "delete"}


def test_story_rows_are_written_with_their_version_checked():
    """Whatever else writes a story calls its save() or articles.publishing, which go through write()."""
    for path in modules(*APPS, "newsportal"):
        if "migrations" in path.parts:
            continue
        found = {
            call.func.attr
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
            if call.func.attr in IN_BULK and writes_stories(call.func.value)
        }
        place = str(path.relative_to(ROOT))
        assert found <= WRITERS.get(place, set()), f"{place} writes stories by {sorted(found)}"


def writes_stories(chain: ast.expr) -> bool:
    """Whether a chain of calls starts at Story.objects, or at a queryset of Story itself."""
    names = []
    while isinstance(chain, ast.Call | ast.Attribute):
        if isinstance(chain, ast.Attribute):
            names.append(chain.attr)
        chain = chain.func if isinstance(chain, ast.Call) else chain.value
    start = chain.id if isinstance(chain, ast.Name) else ""
    return names[-1:] == ["objects"] and start == "Story" or names[-1:] == ["stories"] and start != "self"


def test_no_story_is_saved_around_its_own_save():
    for path in modules(*APPS, "newsportal"):
        text = path.read_text(encoding="utf-8")
        found = re.search(r"save_base\(|Model\.save\(|models\.Model\.save", text)
        assert not found, f"{path.relative_to(ROOT)} goes around save(): {found[0]!r}"


def test_the_public_predicate_stands_in_one_place():
    pattern = re.compile(
        r"embargo_until__|publish_at__|rights_until__(?!gt|lte\b)|State\.PUBLISHED\b.*filter|state=.published"
    )
    for path in modules(*APPS, "newsportal"):
        if path.parent.name == "migrations" or path == ROOT / "articles/models/stories.py":
            continue
        found = pattern.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)} decides by itself what is public: {found[0]!r}"


def test_templates_stay_short_and_start_with_what_they_extend():
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 120, path.relative_to(ROOT)
        if "{% extends" in text:
            assert text.startswith("{% extends"), path.relative_to(ROOT)
        nameless = re.search(r"^\s*{% endblock %}", text, re.MULTILINE)
        assert not nameless, f"{path.relative_to(ROOT)} ends a long block without its name"


def test_pages_hold_no_inline_style_or_script():
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<script(?![^>]*\bsrc=)|<style|\son[a-z]+=[\"']", text), (
            path.relative_to(ROOT)
        )
