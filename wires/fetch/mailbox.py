"""Copy that comes by mail: from a maildir of this machine, or from a mailbox elsewhere over IMAP."""

import base64
import contextlib
import email.errors
import email.parser
import email.policy
import imaplib
import mailbox
import re
import ssl
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

from wires.fetch import MAX_BYTES, Deadline, FetchError

_LONGEST_HEAD = 65_536
_LONGEST_FROM = 1_000
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_CLAIMS = re.compile(r"[^\s<>()\",;:]*@[^\s<>()\",;:]*")
# What the standard library's mail parser trips over in headers made to trip it.
_STUMBLES = (
    email.errors.MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)


class Uid(NamedTuple):
    """A message in an IMAP folder. Under another `validity` the server has given all numbers anew."""

    validity: int
    number: int


NOTHING_YET = Uid(0, 0)


def maildir_entries(
    folder: Path, *, taken: Container[str] = (), max_bytes: int = MAX_BYTES
) -> Iterator[tuple[str, bytes | FetchError]]:
    """The messages in new and cur, oldest first, but for the keys `taken`. None is moved or marked."""
    try:
        box = mailbox.Maildir(folder, factory=None, create=False)
        keys = sorted(box.keys())  # a key begins with the time of delivery
    except (mailbox.Error, OSError) as error:
        raise FetchError(f"The maildir cannot be read: {type(error).__name__}.") from error
    for key in keys:
        if key in taken or key.startswith("."):
            continue
        try:
            with box.get_file(key) as file:
                data = file.read(max_bytes + 1)
        except (KeyError, FileNotFoundError):
            continue  # taken away meanwhile
        except OSError as error:
            yield key, FetchError(f"The message cannot be read: {error.strerror}.")
            continue
        yield key, data if len(data) <= max_bytes else _too_long(max_bytes)


def imap_entries(
    host: str,
    port: int,
    user: str,
    password: str,
    folder: str = "INBOX",
    since_uid: Uid = NOTHING_YET,
    *,
    seconds: float = 60,
    max_bytes: int = MAX_BYTES,
) -> Iterator[tuple[Uid, bytes | FetchError]]:
    """The messages after `since_uid`, oldest first, over TLS. Nothing is marked as read or deleted.

    `seconds` are for logging in, and again for each message. Raises FetchError when the connection fails;
    what was yielded before it stays good.
    """
    with contextlib.ExitStack() as closing:
        with contextlib.ExitStack() as guard, _named_failures(host, Deadline(seconds)) as deadline:
            client = _Client(host, port, deadline, guard, max_bytes)
            closing.callback(_leave, client)
            _log_in(client, user, password)
            validity, has_messages = _examine(client, folder)
            start = since_uid.number if validity == since_uid.validity else 0
            numbers = _numbers(client, start) if has_messages else []
        for number in numbers:
            with _named_failures(host, Deadline(seconds)) as deadline, deadline.cutting(client.sock):
                message = _message(client, number, max_bytes)
            if message is not None:
                yield Uid(validity, number), message


def sender(data: bytes) -> str:
    """The address in From, in lower case; "" unless there is exactly one that can be read in one way only.

    It is what the message claims: an allow-list of senders is worth what the mail server checks (DMARC).
    """
    head = re.split(rb"\r?\n\r?\n", data.lstrip(b"\r\n")[: _LONGEST_HEAD + 1], maxsplit=1)[0]
    if len(head) > _LONGEST_HEAD:
        return ""
    try:
        message = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)
        [value] = [str(value) for name, value in message.raw_items() if name.lower() == "from"]
        if len(value) > _LONGEST_FROM:  # the parser of addresses takes quadratic time
            return ""
        header = email.policy.default.header_factory("From", re.sub(r"[\r\n]+", "", value))
        [address] = [found.addr_spec.lower() for found in header.addresses]
    except _STUMBLES:
        return ""
    # One program takes the first of "a@x.example <b@y.example>" and another the second.
    is_unclear = any(isinstance(defect, email.errors.InvalidHeaderDefect) for defect in header.defects)
    if is_unclear and {found.lower() for found in _CLAIMS.findall(value)} != {address}:
        return ""
    return address if _ADDRESS.fullmatch(address) else ""


def _too_long(max_bytes: int) -> FetchError:
    return FetchError(f"The message has more than {max_bytes:,} bytes.")


@contextlib.contextmanager
def _named_failures(host: str, deadline: Deadline) -> Iterator[Deadline]:
    try:
        yield deadline
    except (imaplib.IMAP4.error, OSError, EOFError, ValueError) as error:
        if deadline.is_over():
            raise FetchError(f"{host} took longer than {deadline.seconds:g} seconds.") from error
        cause = error.args[0] if error.args and isinstance(error.args[0], bytes) else str(error)
        words = cause.decode("utf-8", "replace") if isinstance(cause, bytes) else cause
        raise FetchError(f"The mailbox at {host} failed: {type(error).__name__}: {words[:200]}") from error


class _Client(imaplib.IMAP4_SSL):
    """One that no server can keep waiting for its greeting, or fill the memory of."""

    def __init__(
        self, host: str, port: int, deadline: Deadline, guard: contextlib.ExitStack, max_bytes: int
    ) -> None:
        self._limits = deadline, guard, max_bytes
        super().__init__(host, port, ssl_context=ssl.create_default_context(), timeout=deadline.seconds)

    def open(self, *args: object, **named: object) -> None:
        super().open(*args, **named)
        deadline, guard, _ = self._limits
        guard.enter_context(deadline.cutting(self.sock))

    def read(self, size: int) -> bytes:
        most = self._limits[2]
        if size > most:
            raise self.abort(f"{size:,} bytes are announced; {most:,} are the most.")
        return super().read(size)


def _log_in(client: _Client, user: str, password: str) -> None:
    if re.search(r"[\0\r\n]", user + password):
        raise FetchError("The user name or the password holds a line break.")
    if "AUTH=PLAIN" in client.capabilities:  # takes any letter, LOGIN only ASCII
        client.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    else:
        client.login(_quoted(user), password)


def _leave(client: _Client) -> None:
    """What was fetched stays good when the goodbye fails."""
    with contextlib.suppress(imaplib.IMAP4.error, OSError):
        client.sock.settimeout(5)
        with Deadline(5).cutting(client.sock):
            client.logout()
    with contextlib.suppress(OSError):
        client.shutdown()


def _examine(client: _Client, folder: str) -> tuple[int, bool]:
    """Opens the folder for reading only. Its validity, and whether there is anything in it."""
    exists = _result(client.select(_quoted(_utf_7(folder)), readonly=True))[-1]
    validity = client.response("UIDVALIDITY")[1][-1]
    return int(validity or 0), int(exists or 0) > 0


def _numbers(client: _Client, start: int) -> list[int]:
    # Not SEARCH, whose answer is one line: imaplib refuses that of a large mailbox.
    lines = _result(client.uid("FETCH", f"{start + 1}:*", "(UID)"))
    found = [re.search(rb"\bUID (\d+)", line) for line in lines if isinstance(line, bytes)]
    # "5:*" also means "*:5", and so has the last message even if that is number 3.
    return sorted({int(match[1]) for match in found if match and int(match[1]) > start})


def _message(client: _Client, number: int, max_bytes: int) -> bytes | FetchError | None:
    """None if it was deleted meanwhile."""
    lines = _result(client.uid("FETCH", str(number), "(RFC822.SIZE)"))
    sizes = [re.search(rb"\bRFC822\.SIZE (\d+)", line) for line in lines if isinstance(line, bytes)]
    if any(int(match[1]) > max_bytes for match in sizes if match):
        return _too_long(max_bytes)
    parts = _result(client.uid("FETCH", str(number), "(BODY.PEEK[])"))
    return next((part[1] for part in parts if isinstance(part, tuple) and b"BODY[]" in part[0].upper()), None)


def _result(answer: tuple[str, list]) -> list:
    kind, lines = answer
    if kind != "OK":
        words = b" ".join(line for line in lines if isinstance(line, bytes))
        raise FetchError(f"The mail server refuses: {words.decode('utf-8', 'replace')[:200]}")
    return lines


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf_7(name: str) -> str:
    """The name of a folder as IMAP spells it (RFC 3501, 5.1.3)."""

    def shifted(match: re.Match[str]) -> str:
        coded = base64.b64encode(match[0].encode("utf-16-be"), altchars=b"+,")
        return f"&{coded.decode().rstrip('=')}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))
