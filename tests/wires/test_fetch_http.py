"""Fetching over HTTP, from real servers on the loopback interface and from no other place."""

import contextlib
import gzip
import http.server
import socket
import ssl
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address

import pytest

from tests.wires.certificates import make_certificate
from wires.fetch import FetchError, NoSuchHost, is_public
from wires.fetch import http as fetching
from wires.fetch.http import Limits, back_off

BODY = b"<rss>The bridge is open.</rss>"
LOOPBACK = ["127.0.0.0/8"]


@pytest.fixture(autouse=True)
def connections(monkeypatch):
    """Where sockets went; none leaves this machine."""
    seen = []
    connect = socket.socket.connect

    def guarded(self, address):
        seen.append(address[:2])
        assert address[0] == "127.0.0.1", f"a connection to {address}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    return seen


@pytest.fixture
def names(monkeypatch):
    """The name server: for each host the answers to one look-up after the other, the last one for ever."""
    answers = {"feed.example": [["127.0.0.1"]], "lookups": []}
    real = socket.getaddrinfo

    def look_up(host, port, *args, **named):
        with contextlib.suppress(ValueError):
            return real(str(ip_address(host)), port, *args, **named)
        answers["lookups"].append(host)
        if host not in answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        found = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        with contextlib.suppress(OSError):  # whoever fetches may hang up
            self.server.pages[self.path.partition("?")[0]](self)

    def log_message(self, *args):
        pass

    def answer(self, status=200, body=b"", **headers):
        self.send_response(status)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


def page(status=200, body=BODY, **headers):
    return lambda handler: handler.answer(status, body, **headers)


@contextlib.contextmanager
def serving(tls=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # a client that refuses the certificate
    server.pages, server.requests, server.port = {}, [], server.server_port
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(names):
    with serving() as server:
        yield server


def fetch(site, path="/", *, scheme="http", host="feed.example", allow_private=LOOPBACK, **named):
    limits = {"seconds": 10, "ports": frozenset({site.port}), **named.pop("limits", {})}
    url = f"{scheme}://{host}:{site.port}{path}"
    named.setdefault("user_agent", "newsportal/1.0 (+https://news.example)")
    return fetching.fetch(url, limits=Limits(**limits), allow_private=allow_private, **named)


def endless(handler, piece, pause=0.0):
    """Goes on for as long as somebody listens."""
    while True:
        handler.wfile.write(piece)
        handler.wfile.flush()
        time.sleep(pause)


# What comes back


def test_a_page_comes_with_what_to_ask_by_the_next_time(site):
    site.pages["/"] = page(ETag='"7"', Last_Modified="Wed, 05 Mar 2025 08:00:00 GMT", Content_Type="text/xml")
    found = fetch(site, "/#part")
    assert found.data == BODY
    assert (found.etag, found.last_modified) == ('"7"', "Wed, 05 Mar 2025 08:00:00 GMT")
    assert (found.content_type, found.url) == ("text/xml", f"http://feed.example:{site.port}/")


def test_the_server_is_told_who_asks_and_by_which_name(site):
    site.pages["/"] = page()
    fetch(site)
    [(_, headers)] = site.requests
    assert headers["User-Agent"] == "newsportal/1.0 (+https://news.example)"
    assert headers["Host"] == f"feed.example:{site.port}"
    assert not {"If-None-Match", "If-Modified-Since"} & headers.keys()


def test_what_has_not_changed_has_no_data_and_keeps_its_validators(site):
    site.pages["/"] = page(304, b"")
    found = fetch(site, etag='"7"', last_modified="Wed, 05 Mar 2025 08:00:00 GMT")
    assert found.data is None
    assert (found.etag, found.last_modified) == ('"7"', "Wed, 05 Mar 2025 08:00:00 GMT")
    [(_, headers)] = site.requests
    assert headers["If-None-Match"] == '"7"'
    assert headers["If-Modified-Since"] == "Wed, 05 Mar 2025 08:00:00 GMT"


def test_validators_of_an_older_answer_do_not_outlive_it(site):
    site.pages["/"] = page()
    assert fetch(site, etag='"7"').etag == ""


def test_a_validator_of_absurd_length_is_not_kept(site):
    site.pages["/"] = page(ETag='"' + "7" * 5_000 + '"')
    assert fetch(site).etag == ""


def test_not_modified_without_a_condition_is_a_failure(site):
    site.pages["/"] = page(304, b"")
    with pytest.raises(FetchError, match="feed.example answers 304"):
        fetch(site)


@pytest.mark.parametrize("status", [204, 206, 300, 401, 404, 410, 500])
def test_any_other_status_is_a_failure(site, status):
    site.pages["/"] = page(status, b"")
    with pytest.raises(FetchError, match=f"answers {status}") as caught:
        fetch(site)
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("9" * 400, 86_400), ("-5", None), ("soon", None), ("Wed, 05 Mar 2025 08:00:00 GMT", 0)],
)
def test_a_server_may_ask_for_a_pause_of_up_to_a_day(site, value, seconds):
    site.pages["/"] = page(503, b"", Retry_After=value)
    with pytest.raises(FetchError, match="answers 503") as caught:
        fetch(site)
    assert caught.value.retry_after == seconds


def test_a_pause_may_be_given_as_the_time_of_its_end(site):
    end = datetime.now(UTC) + timedelta(hours=1)
    site.pages["/"] = page(429, b"", Retry_After=format_datetime(end, usegmt=True))
    with pytest.raises(FetchError, match="answers 429") as caught:
        fetch(site)
    assert caught.value.retry_after == pytest.approx(3600, abs=5)


def test_the_reason_for_a_failure_holds_no_key_of_the_url(site):
    site.pages["/"] = page(403, b"")
    with pytest.raises(FetchError) as caught:
        fetch(site, "/?key=secret")
    assert "secret" not in str(caught.value)


# Whom it asks


@pytest.mark.parametrize(
    "url",
    ["ftp://feed.example/", "file:///etc/passwd", "//feed.example/", "feed.example", "http://", "http:///x",
     "http://[::1", "http://a:b:c/", "javascript:alert(1)", "", "http://feed.example:99999/"],
)  # fmt: skip
def test_only_http_urls_with_a_host_are_fetched(names, url):
    with pytest.raises(FetchError):
        fetching.fetch(url, user_agent="x")
    assert names["lookups"] == []


def test_a_url_with_a_password_is_refused_without_repeating_it(names):
    with pytest.raises(FetchError, match="user name or a password") as caught:
        fetching.fetch("http://ann:secret@feed.example/", user_agent="x")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("port", [0, 22, 6379, 8080])
def test_other_ports_than_those_of_the_web_are_refused(names, port):
    with pytest.raises(FetchError, match=f"Port {port} "):
        fetching.fetch(f"http://feed.example:{port}/", user_agent="x", allow_private=LOOPBACK)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0.0.0.0",
     "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1",
     "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "::127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1",
     "2002:7f00:1::"],
)  # fmt: skip
def test_an_address_that_is_not_public_is_not_asked(names, connections, address):
    names["inside.example"] = [["8.8.8.8", address]]
    with pytest.raises(FetchError, match="not an address of the public network"):
        fetching.fetch("http://inside.example/", user_agent="x")
    assert connections == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_an_address_of_the_net_at_large_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25lo]"])
def test_an_address_written_in_the_url_is_checked_as_well(names, connections, host):
    with pytest.raises(FetchError, match="not an address of the public network"):
        fetching.fetch(f"http://{host}/", user_agent="x")
    assert connections == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "localhost"])
def test_no_other_spelling_of_this_machine_helps(connections, host):
    with pytest.raises(FetchError):
        fetching.fetch(f"http://{host}/", user_agent="x")
    assert connections == []


def status(site, path="/", **named):
    limits = Limits(seconds=10, ports=frozenset({site.port}))
    url = f"http://feed.example:{site.port}{path}"
    return fetching.status(url, user_agent="newsportal", limits=limits, **{"allow_private": LOOPBACK} | named)


def test_the_status_of_a_page_is_that_of_where_it_leads_and_no_body_is_awaited(site):
    site.pages["/"] = page(301, Location="/there")
    site.pages["/there"] = page(410, Content_Length="1000000")
    assert status(site) == 410
    with pytest.raises(FetchError, match="not an address of the public network"):
        status(site, allow_private=[])


def test_a_host_that_does_not_exist_is_told_from_one_that_nobody_could_look_up(site, names, monkeypatch):
    with pytest.raises(NoSuchHost, match="nowhere.example is not found"):
        fetch(site, host="nowhere.example")

    def unanswered(*args, **named):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unanswered)
    with pytest.raises(FetchError, match="Temporary failure") as told:
        fetch(site, host="nowhere.example")
    assert not isinstance(told.value, NoSuchHost)


def test_a_private_network_can_be_allowed(site):
    site.pages["/"] = page()
    assert fetch(site, allow_private=["10.0.0.0/8", "127.0.0.1/32"]).data == BODY
    with pytest.raises(FetchError, match="not an address"):
        fetch(site, allow_private=["10.0.0.0/8"])


def test_a_name_that_changes_its_address_after_the_check_is_not_followed(site, names, connections):
    names["feed.example"] = [["127.0.0.1"], ["10.0.0.1"]]
    site.pages["/"] = page()
    assert fetch(site).data == BODY
    assert names["lookups"] == ["feed.example"]
    assert connections == [("127.0.0.1", site.port)]


@pytest.mark.parametrize("is_silent", [False, True])
def test_the_next_address_is_tried_when_one_is_dead(site, names, monkeypatch, is_silent):
    names["feed.example"] = [["127.0.0.2", "127.0.0.1"]]
    guarded = socket.socket.connect

    def connect(self, address):
        if address[0] == "127.0.0.2":
            time.sleep(self.gettimeout() if is_silent else 0)
            raise TimeoutError if is_silent else ConnectionRefusedError
        return guarded(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    site.pages["/"] = page()
    assert fetch(site, limits={"seconds": 1}).data == BODY


def test_a_name_nobody_knows_is_a_failure(names):
    with pytest.raises(FetchError, match="nowhere.example is not found"):
        fetching.fetch("http://nowhere.example/", user_agent="x")


def test_a_name_server_that_does_not_answer_costs_no_more_than_the_limit(monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: answered.wait(10) and [])
    with pytest.raises(FetchError, match="Looking up feed.example took longer than 0.1 seconds"):
        fetching.fetch("http://feed.example/", user_agent="x", limits=Limits(seconds=0.1))
    answered.set()


def test_a_port_where_nobody_listens_is_a_failure_with_its_reason(site, names):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(FetchError, match="Connection refused"):
        fetching.fetch(
            f"http://feed.example:{port}/",
            user_agent="x",
            limits=Limits(ports=frozenset({port})),
            allow_private=LOOPBACK,
        )


def test_the_proxies_of_the_environment_are_not_used(site, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://10.0.0.1:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://10.0.0.1:3128")
    site.pages["/"] = page()
    assert fetch(site).data == BODY


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_last_url_told(site, status):
    site.pages["/old"] = page(status, b"", Location="new?a=1")
    site.pages["/new"] = page()
    found = fetch(site, "/old", etag='"7"')
    assert (found.data, found.url) == (BODY, f"http://feed.example:{site.port}/new?a=1")
    assert [headers["If-None-Match"] for _, headers in site.requests] == ['"7"', '"7"']


def test_a_redirect_with_raw_utf_8_and_blanks_is_followed(site):
    site.pages["/old"] = page(302, b"", Location="/für alle".encode().decode("latin-1"))
    site.pages["/f%C3%BCr%20alle"] = page()
    assert fetch(site, "/old").data == BODY


def test_after_five_redirects_it_gives_up(site):
    for number in range(7):
        site.pages[f"/{number}"] = page(302, b"", Location=f"/{number + 1}")
    site.pages["/5"] = page()
    assert fetch(site, "/0").data == BODY
    site.pages["/5"] = page(302, b"", Location="/6")
    with pytest.raises(FetchError, match="more than 5 redirects"):
        fetch(site, "/0")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "not among|not an address"),
        ("http://inside.example:{port}/", "not an address of the public network"),
        ("http://feed.example:22/", "Port 22"),
        ("http://ann:secret@feed.example:{port}/", "user name or a password"),
        ("file:///etc/passwd", "http:// or https://"),
        ("http://[::1", "no URL"),
        ("", "redirects to nowhere"),
    ],
)
def test_where_a_redirect_leads_is_checked_as_the_first_url_is(site, names, connections, location, reason):
    names["inside.example"] = [["10.0.0.1"]]
    site.pages["/"] = page(302, b"", Location=location.format(port=site.port))
    with pytest.raises(FetchError, match=reason):
        fetch(site)
    assert connections == [("127.0.0.1", site.port)]


# Time and size


@pytest.mark.parametrize("announced", [None, "100000"])
def test_a_body_that_drips_is_given_up_when_the_time_is_over(site, announced):
    def drip(handler):
        handler.answer(200, b"", Content_Length=announced)
        endless(handler, b"x", pause=0.02)

    site.pages["/"] = drip
    start = time.monotonic()
    with pytest.raises(FetchError, match=r"feed.example took longer than 0.3 seconds"):
        fetch(site, limits={"seconds": 0.3})
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("piece", [b"x", b"X-More: 1\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_headers_that_never_end_are_given_up(site, piece):
    site.pages["/"] = lambda handler: endless(handler, piece, pause=0.02)
    start = time.monotonic()
    with pytest.raises(FetchError, match="took longer than 0.3 seconds|failed"):
        fetch(site, limits={"seconds": 0.3})
    assert time.monotonic() - start < 3


def test_the_time_is_for_all_redirects_together(site):
    def slow(handler):
        time.sleep(0.15)
        handler.answer(302, b"", Location="/")

    site.pages["/"] = slow
    with pytest.raises(FetchError, match="took longer"):
        fetch(site, limits={"seconds": 0.4})
    assert len(site.requests) < 5


def test_a_body_announced_as_too_big_is_not_read(site):
    site.pages["/"] = page(body=b"x" * 1_001)
    with pytest.raises(FetchError, match="announces more than 1,000 bytes"):
        fetch(site, limits={"raw_bytes": 1_000})


def test_a_body_of_exactly_the_limit_is_taken(site):
    site.pages["/"] = page(body=b"x" * 1_000)
    assert len(fetch(site, limits={"raw_bytes": 1_000, "bytes": 1_000}).data) == 1_000


def test_a_body_without_end_is_stopped_at_the_limit(site):
    def flood(handler):
        handler.answer(200, b"", Content_Length=None)
        endless(handler, b"x" * 10_000)

    site.pages["/"] = flood
    with pytest.raises(FetchError, match="sends more than 100,000 bytes"):
        fetch(site, limits={"raw_bytes": 100_000})


def test_a_body_shorter_than_announced_is_a_failure(site):
    site.pages["/"] = page(Content_Length="5000")
    with pytest.raises(FetchError, match="IncompleteRead"):
        fetch(site)


def test_a_body_longer_than_announced_ends_where_it_was_to_end(site):
    site.pages["/"] = page(Content_Length="5")
    assert fetch(site).data == BODY[:5]


def test_chunks_are_put_together_and_a_missing_last_one_is_a_failure(site):
    def chunks(end):
        return page(
            body=b"5\r\n<rss>\r\n6\r\n</rss>\r\n" + end, Transfer_Encoding="chunked", Content_Length=None
        )

    site.pages["/"] = chunks(b"0\r\n\r\n")
    assert fetch(site).data == b"<rss></rss>"
    site.pages["/"] = chunks(b"")
    with pytest.raises(FetchError, match="feed.example failed"):
        fetch(site)


def test_what_is_no_http_is_a_failure(site):
    site.pages["/"] = lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n")
    with pytest.raises(FetchError, match="feed.example failed: BadStatusLine"):
        fetch(site)


# Compression


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("X-GZip", gzip.compress(BODY, mtime=0)),
        ("gzip", gzip.compress(BODY[:9], mtime=0) + gzip.compress(BODY[9:], mtime=0)),
        ("gzip", gzip.compress(BODY, mtime=0) + b"\0" * 20),
        ("deflate", zlib.compress(BODY)),
        ("deflate", raw_deflate(BODY)),
        ("identity", BODY),
    ],
)
def test_a_compressed_body_is_unpacked(site, encoding, body):
    site.pages["/"] = page(body=body, Content_Encoding=encoding)
    assert fetch(site).data == BODY
    assert site.requests[0][1]["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, raw_deflate])
def test_a_bomb_is_stopped_before_it_goes_off(site, monkeypatch, pack):
    unpacked = []
    decode = fetching._Decoder.decode

    def counted(self, data, room):
        unpacked.append(decode(self, data, room))
        return unpacked[-1]

    monkeypatch.setattr(fetching._Decoder, "decode", counted)
    encoding = "gzip" if pack is gzip.compress else "deflate"
    site.pages["/"] = page(body=pack(b"\0" * 50_000_000), Content_Encoding=encoding)
    with pytest.raises(FetchError, match="sends more than 100,000 bytes"):
        fetch(site, limits={"bytes": 100_000})
    assert sum(map(len, unpacked)) == 100_001


def test_compressed_data_that_unpacks_to_nothing_counts_as_sent(site):
    def flood(handler):
        handler.answer(200, b"", Content_Length=None, Content_Encoding="gzip")
        endless(handler, gzip.compress(b"", mtime=0) * 500)

    site.pages["/"] = flood
    with pytest.raises(FetchError, match="sends more than 100,000 bytes"):
        fetch(site, limits={"raw_bytes": 100_000})


@pytest.mark.parametrize("body", [gzip.compress(BODY, mtime=0)[:-9], b"no gzip at all"])
def test_compressed_data_that_breaks_off_is_a_failure(site, body):
    site.pages["/"] = page(body=body, Content_Encoding="gzip")
    with pytest.raises(FetchError, match="feed.example failed: error"):
        fetch(site)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_refused(site, encoding):
    site.pages["/"] = page(Content_Encoding=encoding)
    with pytest.raises(FetchError, match="not asked for"):
        fetch(site)


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"), "DNS:feed.example")


@pytest.fixture
def tls_site(names, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked = []
    context.sni_callback = lambda sock, name, _: asked.append(name)
    with serving(context) as server:
        server.names = asked
        server.pages["/"] = page()
        yield server


def test_tls_goes_to_the_address_and_checks_the_name(tls_site, certificate, connections, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch(tls_site, scheme="https").data == BODY
    assert tls_site.names == ["feed.example"]
    assert connections == [("127.0.0.1", tls_site.port)]


def test_a_certificate_for_another_name_is_refused(tls_site, certificate, names, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    names["other.example"] = [["127.0.0.1"]]
    for host in ("other.example", "127.0.0.1"):
        with pytest.raises(FetchError, match="SSLCertVerificationError"):
            fetch(tls_site, scheme="https", host=host)
    assert tls_site.requests == []


def test_a_certificate_nobody_vouches_for_is_refused(tls_site):
    with pytest.raises(FetchError, match="SSLCertVerificationError"):
        fetch(tls_site, scheme="https")
    assert tls_site.requests == []


def test_a_redirect_from_https_down_to_http_is_refused(tls_site, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls_site.pages["/"] = page(301, b"", Location=f"http://feed.example:{tls_site.port}/new")
    with pytest.raises(FetchError, match="from https down to http"):
        fetch(tls_site, scheme="https")


def test_a_body_that_drips_through_tls_is_given_up_too(tls_site, certificate, monkeypatch):
    def drip(handler):
        handler.answer(200, b"", Content_Length=None)
        endless(handler, b"x", pause=0.02)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls_site.pages["/"] = drip
    with pytest.raises(FetchError, match=r"took longer than 0.5 seconds"):
        fetch(tls_site, scheme="https", limits={"seconds": 0.5})


def test_a_handshake_that_is_never_answered_is_given_up(names):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(FetchError, match="took longer"):
            fetching.fetch(
                f"https://feed.example:{port}/",
                user_agent="x",
                limits=Limits(seconds=0.2, ports=frozenset({port})),
                allow_private=LOOPBACK,
            )


# After failures


def test_each_failure_doubles_the_wait_up_to_a_day():
    minutes = timedelta(minutes=15)
    assert [back_off(failures, minutes) / minutes for failures in range(5)] == [1, 2, 4, 8, 16]
    assert back_off(7, minutes) == back_off(100_000, minutes) == timedelta(days=1)


def test_a_feed_that_is_asked_less_than_daily_is_not_asked_more_often_for_failing():
    assert back_off(3, timedelta(days=7)) == timedelta(days=7)
