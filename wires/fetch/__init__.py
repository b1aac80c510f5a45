"""How copy comes in: over HTTP, from a folder, from a mailbox. No Django and no database in here."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_BYTES = 32 * 1024 * 1024  # what the parsers take at most
_MOST_ADDRESSES = 4  # of one host that are tried
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address as seen from a network that has only IPv6


class FetchError(Exception):
    """Why something could not be fetched, in words for the log of the feed.

    `retry_after` are the seconds that the other side asked us to wait. The words name a host and never a
    whole URL, in which there may be a key.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NoSuchHost(FetchError):
    """The name servers know no such host; that they did not answer is another matter."""


class Deadline:
    """When a whole exchange must be over. A socket's own timeout starts anew with every byte that drips."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Seconds, never 0, which to a socket means not to wait at all and not that the time is up."""
        return max(self._end - time.monotonic(), 0.01)

    @contextlib.contextmanager
    def cutting(self, sock: socket.socket) -> Iterator[None]:
        """Shuts the socket when the time is up, which wakes whoever waits for it."""
        # A moment later, so that whoever is woken finds the deadline over.
        watch = threading.Timer(self.left() + 0.02, _shut, [sock])
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()


def _shut(sock: socket.socket) -> None:
    # Not sock.shutdown(): that of a TLS socket drops the session another thread is reading from.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def addresses_of(host: str, port: int, allowed: Sequence[Network], deadline: Deadline) -> list[Address]:
    """Where the host is, looked up once. One address out of bounds condemns it: an honest host has none."""
    found = [ip_address(entry[4][0]) for entry in _look_up(host, port, deadline)]
    for address in found:
        inner = _unwrapped(address)
        if not is_public(inner) and not any(inner in network for network in allowed):
            raise FetchError(f"{host} is at {address}, which is not an address of the public network.")
    return list(dict.fromkeys(found))[:_MOST_ADDRESSES]


def _look_up(host: str, port: int, deadline: Deadline) -> list[tuple]:
    """getaddrinfo takes no time limit, so it runs beside us, and is left alone when it hangs."""
    outcome: list[list[tuple] | Exception] = []

    def look_up() -> None:
        try:
            outcome.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as error:
            outcome.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if not outcome:
        raise FetchError(f"Looking up {host} took longer than {deadline.seconds:g} seconds.")
    if isinstance(outcome[0], socket.gaierror) and outcome[0].errno == socket.EAI_NONAME:
        raise NoSuchHost(f"The host {host} is not found: {outcome[0]}") from outcome[0]
    if isinstance(outcome[0], Exception):
        raise FetchError(f"The host {host} is not found: {outcome[0]}") from outcome[0]
    return outcome[0]


def is_public(address: Address) -> bool:
    """Whether anyone on the net may reach it. is_global alone says so of multicast and reserved ranges."""
    special = address.is_private or address.is_loopback or address.is_link_local or address.is_unspecified
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (special or site_local or address.is_multicast or address.is_reserved)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that packets to an IPv6 one may end at."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
