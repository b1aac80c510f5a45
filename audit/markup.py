"""The Nu HTML checker on the source of every page type, and on the style sheet."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from audit.findings import Report, node_module, program
from audit.pages import Page
from audit.portal import Portal

SECONDS = 120


def check(portal: Portal, pages: list[Page]) -> Report:
    java = program("java", debian="default-jre-headless")
    checker = node_module("vnu-jar/build/dist/vnu.jar")
    report = Report(f"{len(pages)} pages")
    names = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, page in enumerate(pages):
            answer = portal.get(page.path, page.host)
            if answer.status != page.status:
                report.add(page.name, f"answers {answer.status}, not {page.status}")
            file = Path(folder, f"{number}.html")
            file.write_bytes(answer.body)
            names[file.name] = page.name
        command = [java, "-Xss8m", "-jar", checker, "--format", "json", "--stdout", "--errors-only", folder]
        run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    for message in json.loads(run.stdout)["messages"]:
        name = names.get(message.get("url", "").rsplit("/", 1)[-1], "the checker")
        report.add(name, f"line {message.get('lastLine', '?')}: {message['message']}")
    return report
