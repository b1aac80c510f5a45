"""Fetching over HTTP what an address typed by somebody leads to, safely.

By urllib3's connections and not by the http.client below them: they check the certificate against the name
while the socket goes to an address (`server_hostname`), refuse a body shorter than announced, and have a
maintainer for the next hole in HTTP. By a bare connection and not a pool or a session, because those
resolve, redirect, retry and follow the proxy variables of the environment behind our back.
"""

import contextlib
import email.utils
import ssl
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from ipaddress import ip_network
from urllib.parse import urljoin

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse
from urllib3.util import Url, parse_url

from wires.fetch import MAX_BYTES, Deadline, FetchError, Network, addresses_of

DAY = timedelta(days=1)
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 16_384
_LONGEST_VALIDATOR = 500


@dataclass(frozen=True, slots=True)
class Limits:
    seconds: float = 30  # for all of it: look-up, every redirect, the body
    raw_bytes: int = MAX_BYTES  # on the wire
    bytes: int = MAX_BYTES  # decompressed
    redirects: int = 5
    ports: frozenset[int] = frozenset(_PORTS.values())


@dataclass(frozen=True, slots=True)
class Fetched:
    data: bytes | None  # None: not modified since
    etag: str
    last_modified: str
    content_type: str
    url: str  # where it was in the end


def fetch(
    url: str,
    *,
    user_agent: str,
    etag: str = "",
    last_modified: str = "",
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    allow_private: Iterable[str | Network] = (),
) -> Fetched:
    """What is at the URL, or that it is what it was when it had this `etag` and `last_modified`.

    Raises FetchError. `allow_private` are networks, not open to the world, that may be asked all the same.
    """
    networks = [ip_network(network) for network in allow_private]
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {"User-Agent": user_agent} | {name: value for name, value in conditions.items() if value}
    deadline = Deadline(limits.seconds)
    with _arrived(url, headers, networks, limits, deadline) as (response, here):
        is_same = response.status == 304 and bool(etag or last_modified)
        return Fetched(
            data=None if is_same else _data(response, here, limits, deadline),
            # A 304 need not repeat the validators that it confirms.
            etag=_validator(response, "ETag") or etag * is_same,
            last_modified=_validator(response, "Last-Modified") or last_modified * is_same,
            content_type=response.headers.get("Content-Type", ""),
            url=here.url,
        )


def status(
    url: str,
    *,
    user_agent: str,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    allow_private: Iterable[str | Network] = (),
) -> int:
    """What the server answers in the end, as safely as `fetch`; nothing of the body is read.

    By GET: too many servers answer a HEAD with an error. Raises FetchError.
    """
    networks = [ip_network(network) for network in allow_private]
    headers = {"User-Agent": user_agent}
    with _arrived(url, headers, networks, limits, Deadline(limits.seconds)) as (response, _here):
        return response.status


def back_off(failures: int, interval: timedelta) -> timedelta:
    """How long to wait after so many failures in a row: twice as long each time, up to a day."""
    seconds = interval.total_seconds() * 2.0 ** min(failures, 64)
    return max(interval, timedelta(seconds=min(seconds, DAY.total_seconds())))


def _checked(text: str, limits: Limits) -> Url:
    try:
        url = parse_url(text.strip())
    except HTTPError as error:
        raise FetchError("This is no URL. A host beyond ASCII is written in its form with xn--.") from error
    if url.scheme not in _PORTS or not url.host:
        raise FetchError("Only the URL of a host with http:// or https:// is fetched.")
    if url.auth is not None:
        raise FetchError(f"The URL of {url.host} holds a user name or a password, which is not sent.")
    port = url.port if url.port is not None else _PORTS[url.scheme]
    if port not in limits.ports:
        raise FetchError(f"Port {port} of {url.host} is not among those that are fetched from.")
    return url._replace(port=None if port == _PORTS[url.scheme] else port, fragment=None)


def _next(here: Url, location: str, limits: Limits) -> Url:
    if not location:
        raise FetchError(f"{here.host} redirects to nowhere.")
    # Headers are read as latin-1; what servers put in there unescaped is UTF-8.
    location = location.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        there = _checked(urljoin(here.url, location), limits)
    except ValueError as error:
        raise FetchError(f"{here.host} redirects to what is no URL.") from error
    if here.scheme == "https" and there.scheme == "http":
        raise FetchError(f"{here.host} redirects from https down to http.")
    return there


@contextlib.contextmanager
def _arrived(
    url: str, headers: dict[str, str], networks: list[Network], limits: Limits, deadline: Deadline
) -> Iterator[tuple[HTTPResponse, Url]]:
    """The answer that is no redirect, and where it was."""
    headers = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate"} | headers
    here = _checked(url, limits)
    for _ in range(limits.redirects + 1):
        with _answer(here, headers, networks, deadline) as response:
            if response.status not in _REDIRECTS:
                yield response, here
                return
        here = _next(here, response.headers.get("Location", ""), limits)
    raise FetchError(f"There are more than {limits.redirects} redirects, the last one to {here.host}.")


@contextlib.contextmanager
def _answer(
    url: Url, headers: dict[str, str], networks: list[Network], deadline: Deadline
) -> Iterator[HTTPResponse]:
    """The answer to a request, its body still to be read; whatever goes wrong with it is a FetchError."""
    try:
        with (
            contextlib.closing(_connect(url, networks, deadline)) as connection,
            deadline.cutting(connection.sock),
        ):
            headers = {"Host": url.netloc, **headers}
            connection.request("GET", url.request_uri, headers=headers, preload_content=False)
            with contextlib.closing(connection.getresponse()) as response:
                yield response
    except (HTTPError, HTTPException, OSError, ValueError, zlib.error) as error:
        if deadline.is_over():
            raise FetchError(f"{url.host} took longer than {deadline.seconds:g} seconds.") from error
        cause = error.__cause__ or error
        raise FetchError(f"{url.host} failed: {type(cause).__name__}: {cause}") from error


def _connect(url: Url, networks: list[Network], deadline: Deadline) -> HTTPConnection:
    """A connection to an address that was checked: the name is not looked up a second time."""
    port = url.port or _PORTS[url.scheme]
    addresses = addresses_of(url.host.strip("[]"), port, networks, deadline)
    while True:
        address = addresses.pop(0)
        # A dead first address leaves time for the others.
        timeout = deadline.left() / (len(addresses) + 1)
        connection = _connection(url, str(address), port, timeout)
        try:
            connection.connect()
        except (HTTPError, OSError):
            connection.close()
            if not addresses:
                raise
        else:
            connection.timeout = deadline.left()
            return connection


def _connection(url: Url, address: str, port: int, timeout: float) -> HTTPConnection:
    if url.scheme == "http":
        return HTTPConnection(address, port, timeout=timeout)
    name, context = url.host.strip("[]"), ssl.create_default_context()
    return HTTPSConnection(address, port, timeout=timeout, server_hostname=name, ssl_context=context)


def _data(response: HTTPResponse, url: Url, limits: Limits, deadline: Deadline) -> bytes:
    if response.status != 200:
        wait = _retry_after(response.headers.get("Retry-After", ""))
        raise FetchError(f"{url.host} answers {response.status} {response.reason or ''}".strip(), wait)
    if (response.length_remaining or 0) > limits.raw_bytes:
        raise FetchError(f"{url.host} announces more than {limits.raw_bytes:,} bytes.")
    decoder = _Decoder(response.headers.get("Content-Encoding", ""))
    data, raw = bytearray(), 0
    while chunk := response.read(_CHUNK, decode_content=False):
        raw += len(chunk)
        data += decoder.decode(chunk, limits.bytes + 1 - len(data))
        if raw > limits.raw_bytes or len(data) > limits.bytes:
            most = limits.bytes if len(data) > limits.bytes else limits.raw_bytes
            raise FetchError(f"{url.host} sends more than {most:,} bytes.")
        if deadline.is_over():
            break
    # Also when the body ended: of one without a length, being cut off looks like its end.
    if deadline.is_over():
        raise TimeoutError
    decoder.finish()
    return bytes(data)


class _Decoder:
    """Undoes a Content-Encoding. urllib3's own takes a compressed body that breaks off for a whole one."""

    def __init__(self, encoding: str) -> None:
        self._name = encoding.strip().lower().removeprefix("x-")
        if self._name not in ("", "identity", "gzip", "deflate"):
            raise FetchError(f"The answer is encoded in a way that was not asked for: {encoding[:50]}")
        self._is_plain = self._name in ("", "identity")
        self._stream: zlib._Decompress | None = None
        self._ended_once = False

    def decode(self, data: bytes, room: int) -> bytes:
        """At most `room` bytes; the rest is dropped, for then the limit is exceeded."""
        if self._is_plain:
            return data
        decoded = bytearray()
        while data and room > len(decoded):
            if self._stream is None or self._stream.eof:
                self._stream = zlib.decompressobj(self._bits(data))
            try:
                decoded += self._stream.decompress(data, room - len(decoded))
            except zlib.error:
                if self._ended_once:  # padding behind the end, which every browser overlooks
                    break
                raise
            self._ended_once |= self._stream.eof
            data = self._stream.unconsumed_tail or self._stream.unused_data
        return bytes(decoded)

    def _bits(self, head: bytes) -> int:
        """Half of the servers mean by deflate the zlib format, as RFC 9110 does, the others the bare one."""
        if self._name == "gzip":
            return 16 + zlib.MAX_WBITS
        has_zlib_header = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
        return zlib.MAX_WBITS if has_zlib_header else -zlib.MAX_WBITS

    def finish(self) -> None:
        if not self._is_plain and self._stream and not self._ended_once:
            raise zlib.error("the compressed data breaks off")


def _validator(response: HTTPResponse, name: str) -> str:
    """As the server gave it, for it to be sent back; "" if it is of a kind that nobody should keep."""
    value = response.headers.get(name, "")
    return value if len(value) <= _LONGEST_VALIDATOR and value.isprintable() else ""


def _retry_after(value: str) -> float | None:
    """Seconds, of both forms in RFC 9110; no server may silence a feed for more than a day."""
    try:
        if value.strip().isdecimal():
            seconds = float(value)
        else:
            then = email.utils.parsedate_to_datetime(value)
            seconds = (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), DAY.total_seconds())
