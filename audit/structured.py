"""JSON-LD: each page's graph held against schema.org's vocabulary, and against what search engines ask for.

The vocabulary is Google's own, as types of TypeScript: its compiler says what is no property of a type, or a
value of the wrong kind.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lxml import html

from audit.findings import Report, node_module, program
from audit.pages import Page
from audit.portal import Portal

SECONDS = 120
# https://developers.google.com/search/docs/appearance/structured-data
REQUIRED = {
    "NewsArticle": ("headline", "datePublished", "dateModified", "author", "publisher", "mainEntityOfPage"),
    "BreadcrumbList": ("itemListElement",),
    "ItemList": ("itemListElement",),
    "NewsMediaOrganization": ("name",),
    "WebSite": ("name", "url"),
    "ImageObject": ("url",),
    "CorrectionComment": ("text", "datePublished"),
    "Person": ("name",),
    "Organization": ("name",),
    "Place": ("name",),
}
WANTED = {
    "home": {"WebSite", "NewsMediaOrganization", "ItemList"},
    "story": {"NewsArticle", "BreadcrumbList"},
}


def check(portal: Portal, pages: list[Page]) -> Report:
    graphs = {page.name: graph for page in pages if page.status == 200 for graph in _graphs(portal, page)}
    report = Report(f"JSON-LD of {len(graphs)} pages")
    for name, graph in graphs.items():
        types = {node["@type"] for node in graph["@graph"]}
        for absent in WANTED.get(name, set()) - types:
            report.add(name, f"has no {absent}")
        for wrong in wrong_in(graph["@graph"]):
            report.add(name, wrong)
    for name in WANTED.keys() - graphs.keys():
        report.add(name, "has no JSON-LD")
    _check_vocabulary(graphs, report)
    return report


def _graphs(portal: Portal, page: Page) -> list[dict]:
    tree = html.fromstring(portal.get(page.path, page.host).body)
    return [json.loads(script.text) for script in tree.iterfind('.//script[@type="application/ld+json"]')]


def wrong_in(node) -> Iterator[str]:
    """What a node, or any within it, lacks; one that only refers to another by its @id may lack all."""
    if isinstance(node, list):
        for each in node:
            yield from wrong_in(each)
    elif isinstance(node, dict):
        kind = node.get("@type")
        if kind == "ListItem":
            yield from (f"a ListItem has no {name}" for name in _item_lacks(node))
        elif kind:
            yield from (f"{kind} has no {name}" for name in REQUIRED.get(kind, ()) if not node.get(name))
        elif set(node) != {"@id"}:
            yield f"a node has no @type: {', '.join(node)}"
        for value in node.values():
            yield from wrong_in(value)


def _item_lacks(item: dict) -> list[str]:
    """Of a trail it has a name and where it leads, of a list an address."""
    wanted = ["position", "name", "item"] if "name" in item or "item" in item else ["position", "url"]
    return [name for name in wanted if not item.get(name)]


def without_input(node):
    """Without what says how an action is filled in: any property may be so marked, the types know none.

    https://schema.org/docs/actions.html
    """
    if isinstance(node, dict):
        return {name: without_input(value) for name, value in node.items() if not name.endswith("-input")}
    return [without_input(each) for each in node] if isinstance(node, list) else node


def _check_vocabulary(graphs: dict[str, dict], report: Report) -> None:
    node = program("node", debian="nodejs")
    compiler = node_module("typescript/lib/tsc.js")
    types = node_module("schema-dts/dist/schema.d.ts")
    where: list[str] = [""]
    lines = [f"import type * as s from {json.dumps(str(types.with_suffix('').with_suffix('.js')))};"]
    for name, graph in graphs.items():
        for number, part in enumerate(graph["@graph"]):
            kind = re.sub(r"\W", "", part["@type"])
            plain = json.dumps(without_input(part))
            lines.append(f"export const v{len(lines)}_{number}: s.{kind} = {plain};")
            where.append(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "graphs.ts")
        file.write_text("\n".join(lines), encoding="utf-8")
        options = ["--noEmit", "--strict", "--pretty", "false", "--target", "es2022"]
        options += ["--module", "esnext", "--moduleResolution", "bundler", "--skipLibCheck"]
        command = [node, compiler, *options, file]
        run = subprocess.run(
            command, env=os.environ, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    for line in run.stdout.splitlines():
        if found := re.match(r".*graphs\.ts\((\d+),\d+\): error TS\d+: (.*)", line):
            report.add(where[int(found[1]) - 1] or "the compiler", found[2])
        elif "error" in line:
            report.add("the compiler", line.strip())
