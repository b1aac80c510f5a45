"""Changes reach readers through a real Varnish that keeps pages for an hour."""

import json
import re
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import transaction

from articles import publishing
from newsportal import outbox
from newsportal.delivery import deliver
from newsportal.models import Delivery
from newsportal.purging import recipients
from tests.factories import make_channel, make_site, publish
from tests.portal_server import free_port, get, portal, varnish, wait_until

KEPT = {"SHARED_CACHE_SECONDS": "3600", "PURGE_VARNISH": "http://127.0.0.1/"}


def how(port: int, path: str) -> tuple[str, str]:
    status, headers, body = get(port, path, "main.test", **{"Accept-Encoding": "identity"})
    assert status == 200
    return headers["x-varnish-cache"], body.decode()


@pytest.mark.django_db(transaction=True)
def test_varnish_keeps_pages_and_drops_just_those_that_changed(tmp_path, settings):
    site = make_site(is_default=True)
    channel, other = make_channel(site), make_channel(site, "Ports", "PORTS")
    story = publish(channel, headline="Pilots strike")
    publish(other, headline="Quays rebuilt")
    with portal(1, **KEPT) as behind, varnish(tmp_path, behind) as front:
        settings.PURGE_VARNISH = [f"http://127.0.0.1:{front}/"]
        [recipient] = recipients()
        deliver(recipient)  # who is new is told of what comes
        # A process that is not sure yet gives no time for which a page may be kept.
        wait_until(lambda: how(front, "/channel/russian-news/")[0] == "hit", 20)
        wait_until(lambda: how(front, "/channel/ports/")[0] == "hit", 20)
        story.headline = "Pilots return"
        publishing.update(story, by_name="The suite")
        assert "Pilots strike" in how(front, "/channel/russian-news/")[1]
        assert deliver(recipient) == 1
        wait_until(lambda: "Pilots return" in how(front, "/channel/russian-news/")[1], 5)
        wait_until(lambda: how(front, "/channel/russian-news/")[0] == "hit", 5)
        assert "Pilots return" in how(front, "/channel/russian-news/")[1]
        assert how(front, "/channel/ports/")[0] == "hit"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("support", ["on", "off"])
def test_varnish_gives_each_browser_the_form_that_it_asks_for(tmp_path, support):
    publish(make_channel(make_site(is_default=True)), headline="Pilots strike", body="<p>Pilots.</p>" * 200)
    option = f"http_gzip_support={support}"
    with portal(1, **KEPT) as behind, varnish(tmp_path, behind, "-p", option) as front:
        for accepted, form in {
            "gzip, deflate, br, zstd": "br",
            "br": "br",
            "gzip;q=1.0, *;q=0.5": "gzip",
            "gzip, br;q=0": "gzip",
            "identity": None,
        }.items():
            page = partial(get, front, "/latest/", "main.test", **{"Accept-Encoding": accepted})
            wait_until(lambda page=page: page()[1]["x-varnish-cache"] == "hit", 20)
            status, headers, body = page()
            assert (status, headers.get("content-encoding")) == (200, form)
            assert (b"Pilots strike" in body) == (form is None)


@pytest.mark.django_db(transaction=True)
def test_a_varnish_that_is_away_is_told_when_it_is_back(settings, monkeypatch):
    sent = []
    monkeypatch.setattr("newsportal.purging.WAIT", 0)
    settings.PURGE_VARNISH = [f"http://127.0.0.1:{free_port()}/"]
    [recipient] = recipients()
    deliver(recipient)
    publish(make_channel(make_site()))
    assert deliver(recipient) == 0
    assert "refused" in Delivery.objects.get().last_error
    Delivery.objects.update(next_try=None)
    monkeypatch.setattr("newsportal.purging._send", lambda method, url, headers: sent.append(headers))
    assert deliver(recipient) == 1
    assert re.search(r"story:\d+", sent[0]["xkey-softpurge"])


@pytest.mark.django_db(transaction=True)
def test_a_service_is_told_the_keys_in_the_words_that_services_read(settings, monkeypatch):
    told = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.append(
                (self.path, self.headers["Fastly-Key"], self.headers["Surrogate-Key"].split(), body["tags"])
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words):
            pass

    monkeypatch.setattr("newsportal.purging.WAIT", 0)
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever).start()
        settings.PURGE_URL = f"http://127.0.0.1:{server.server_port}/service/abc/purge"
        settings.PURGE_HEADERS = ["Fastly-Key: secret"]
        [recipient] = recipients()
        deliver(recipient)
        with transaction.atomic():
            outbox.record(*(f"story:{number}" for number in range(40)))
        with transaction.atomic():
            outbox.record("network", "story:1")
        assert deliver(recipient) == 2
        with transaction.atomic():
            outbox.record(*(f"story:{number}" for number in range(40)))
        assert deliver(recipient) == 1
        server.shutdown()
    assert [len(keys) for _path, _key, keys, _tags in told] == [1, 30, 10]
    assert told[0] == ("/service/abc/purge", "secret", ["network"], ["network"])
    assert {key for _path, _key, keys, _tags in told[1:] for key in keys} == {f"story:{n}" for n in range(40)}
