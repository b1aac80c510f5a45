"""Looks at the running portal from outside: python -m audit [CHECK ...]

Each finding is told with its page; with any, the status is 1. A tool that is not installed makes its check be
left out, and says so; where CI is set, that is a failure as well.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from audit import axe, feeds, fixed_files, lighthouse, markup, sitemaps, structured
from audit.findings import Report, ToolMissing
from audit.pages import pages
from audit.portal import served, set_up

CHECKS = {
    "html": ("Nu HTML checker", markup.check),
    "axe": ("axe-core, WCAG 2.2 AA", axe.check),
    "feeds": ("feeds", feeds.check),
    "sitemaps": ("sitemaps", sitemaps.check),
    "fixed-files": ("fixed files", fixed_files.check),
    "json-ld": ("structured data", structured.check),
    "lighthouse": ("Lighthouse, mobile", lighthouse.check),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="audit", description=__doc__.splitlines()[0])
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=", ".join(CHECKS) + " (default: all)")
    chosen = parser.parse_args().checks or list(CHECKS)
    if unknown := set(chosen) - CHECKS.keys():
        parser.error(f"there is no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    failed = False
    with tempfile.TemporaryDirectory() as folder, served(set_up(Path(folder))) as portal:
        looked_at = pages(portal)
        for name in chosen:
            title, check = CHECKS[name]
            began = time.monotonic()
            try:
                report = check(portal, looked_at)
            except ToolMissing as missing:
                failed |= bool(os.environ.get("CI"))
                say(f"{title:22} left out: {missing}")
                continue
            failed |= bool(report.findings)
            tell(title, report, time.monotonic() - began)
    return int(failed)


def tell(title: str, report: Report, seconds: float) -> None:
    found = f"{len(report.findings)} findings" if report.findings else "nothing found"
    say(f"{title:22} {report.looked_at:44} {found:16} {seconds:5.0f} s")
    if report.remark:
        say(f"{'':22} {report.remark}")
    for finding in report.findings:
        say(f"  {finding.page}: {finding.what}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
