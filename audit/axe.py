"""axe-core on every page type: WCAG 2.2 AA, at three widths, light and dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from audit.findings import Report, ToolMissing, program
from audit.pages import Page
from audit.portal import Portal

WIDTHS = [390, 768, 1440]
SCHEMES = ["light", "dark"]
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
RUN = """axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    resultTypes: ["violations"], preload: false,
}).then(found => found.violations.flatMap(({ id, nodes }) => nodes.map(
    ({ target, any, all, none }) =>
        `${id}: ${target} (${[...any, ...all, ...none].map(check => check.message).join("; ")})`)))"""


@contextmanager
def browser() -> Iterator:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as missing:
        raise ToolMissing("playwright is not installed (make audit installs it)") from missing
    path = program("chromium", "chromium-browser", "google-chrome", debian="chromium")
    flags = ["--disable-gpu", "--disable-background-networking"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # as root Chromium starts no other way
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, headless=True, args=flags)
        yield opened
        opened.close()


def check(portal: Portal, pages: list[Page]) -> Report:
    from importlib.resources import files

    with browser() as chromium, chromium.new_context(bypass_csp=True) as context:
        context.add_init_script(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
        tab = context.new_page()
        report = Report(f"{len(pages)} pages, {len(WIDTHS)} widths, light and dark")
        for page in pages:
            found: dict[str, str] = {}
            tab.goto(portal.url(page.path, page.host))
            for width in WIDTHS:
                tab.set_viewport_size({"width": width, "height": 900})
                for scheme in SCHEMES:
                    tab.emulate_media(color_scheme=scheme)
                    tab.evaluate(SETTLED)
                    for violation in tab.evaluate(RUN):
                        found.setdefault(violation, f"{width}, {scheme}")
            for violation, where in found.items():
                report.add(page.name, f"{where}: {violation}")
    return report
