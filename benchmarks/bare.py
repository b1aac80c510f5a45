"""Returns a ready response, with the headers that the portal sends: what the server itself costs."""

import json
import os
from pathlib import Path

FOLDER = Path(os.environ["BARE_RESPONSE"])
BODY = (FOLDER / "body").read_bytes()
OF_THE_SERVER = {"server", "date", "connection"}
HEADERS = [
    (name, value) for name, value in json.loads((FOLDER / "headers").read_text()) if name not in OF_THE_SERVER
]


def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
