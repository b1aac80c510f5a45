"""The rules of deploy/nginx.conf in a real nginx: TLS, pictures, pages that are kept for half a second."""

import ssl
from http.client import HTTPSConnection

import pytest

from tests.factories import make_channel, make_site, publish
from tests.portal_server import get, nginx, portal, wait_until
from tests.wires.certificates import make_certificate

BROWSER = "gzip, deflate, br, zstd"


@pytest.fixture
def channel(transactional_db):
    channel = make_channel(make_site(is_default=True))
    publish(channel, headline="Pilots strike", body="<p>Pilots.</p>" * 200)
    return channel


def test_readers_get_pages_and_pictures_over_tls(channel, tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "media/quay.webp").write_bytes(b"RIFF")
    certificate = make_certificate(tmp_path, "DNS:main.test")
    trusted = ssl._create_unverified_context()  # noqa: S323 (its host is an address here)
    with portal(1) as behind, nginx(tmp_path, behind, certificate) as port:
        caller = HTTPSConnection("127.0.0.1", port, context=trusted, timeout=30)
        caller.request("GET", "/latest/", headers={"Host": "main.test"})
        page = caller.getresponse()
        assert (page.status, b"Pilots strike" in page.read()) == (200, True)
        assert not {"Surrogate-Key", "xkey", "Cache-Tag"} & set(page.headers)
        caller.request("GET", "/media/quay.webp", headers={"Host": "main.test"})
        picture = caller.getresponse()
        assert (picture.read(), picture.headers["X-Content-Type-Options"]) == (b"RIFF", "nosniff")
        caller.close()


def test_each_browser_gets_the_form_that_it_asks_for_from_what_is_kept(channel, tmp_path):
    with portal(1, SHARED_CACHE_SECONDS="1") as behind, nginx(tmp_path, behind) as port:
        for accepted, form in {
            BROWSER: "br",
            "gzip": "gzip",
            "gzip, br;q=0": "gzip",
            "identity": None,
        }.items():

            def is_kept(accepted: str = accepted, form: str | None = form) -> bool:
                status, headers, body = get(port, "/latest/", "main.test", **{"Accept-Encoding": accepted})
                assert (status, headers.get("content-encoding")) == (200, form)
                assert (b"Pilots strike" in body) == (form is None)
                return headers["x-nginx-cache"] == "HIT"

            wait_until(is_kept, 20)


@pytest.mark.parametrize("told", [{}, {"PURGE_URL": "http://127.0.0.1:9/"}], ids=["nobody", "a service"])
def test_nothing_is_kept_where_the_portal_has_not_said_so_or_another_cache_is_told(channel, tmp_path, told):
    with portal(1, **told) as behind, nginx(tmp_path, behind) as port:
        wait_until(lambda: get(behind, "/latest/", "main.test")[1]["x-cache"] == "hit")
        if told:
            wait_until(lambda: "s-maxage=3570" in get(behind, "/latest/", "main.test")[1]["cache-control"])
        said = {get(port, "/latest/", "main.test")[1]["x-nginx-cache"] for _ in range(40)}
    assert said == {"MISS"}


def test_editors_go_past_what_is_kept(channel, tmp_path):
    with portal(1, SHARED_CACHE_SECONDS="1") as behind, nginx(tmp_path, behind) as port:
        wait_until(lambda: get(port, "/latest/", "main.test")[1]["x-nginx-cache"] == "HIT", 20)
        headers = get(port, "/latest/", "main.test", Cookie="sessionid=abc")[1]
        assert (headers["x-nginx-cache"], headers["x-cache"]) == ("BYPASS", "pass")
