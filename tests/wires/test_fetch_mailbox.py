"""Mail: from maildirs, and from a small real IMAP server on the loopback interface."""

import base64
import contextlib
import mailbox
import re
import socketserver
import ssl
import threading
import time

import pytest

from tests.wires.certificates import make_certificate
from wires.fetch import FetchError
from wires.fetch.mailbox import Uid, imap_entries, maildir_entries, sender

MAIL = b"From: Ann Lee <ann@desk.example>\r\nSubject: Bridge\r\n\r\nThe bridge is open.\r\n"

# Maildir


@pytest.fixture
def maildir(tmp_path):
    return mailbox.Maildir(tmp_path / "desk", create=True)


def put(maildir, key, data=MAIL, folder="new"):
    with open(f"{maildir._path}/{folder}/{key}", "wb") as file:  # noqa: PTH123 - what a server does
        file.write(data)


def of(maildir, **named):
    return list(maildir_entries(maildir._path, **named))


def test_new_and_old_messages_come_in_the_order_of_their_delivery(maildir):
    put(maildir, "1700000002.b.host", b"second")
    put(maildir, "1700000001.a.host:2,S", b"first", folder="cur")
    assert of(maildir) == [("1700000001.a.host", b"first"), ("1700000002.b.host", b"second")]


def test_messages_are_taken_byte_for_byte(maildir):
    put(maildir, "1.a.host", data := b"From: a\r\n\nb\rc\r\n\xff\x00")
    assert of(maildir) == [("1.a.host", data)]


def test_messages_under_way_and_those_taken_already_are_passed_over(maildir):
    put(maildir, "1.a.host", folder="tmp")
    put(maildir, "2.b.host")
    put(maildir, ".hidden")
    assert of(maildir, taken={"2.b.host"}) == []


def test_a_maildir_is_left_as_it_was(maildir):
    put(maildir, "1.a.host")
    assert of(maildir) == of(maildir)
    assert [message.get_subdir() for message in maildir] == ["new"]


def test_a_message_over_the_limit_is_told_and_the_others_read(maildir):
    put(maildir, "1.a.host", b"x" * 101)
    put(maildir, "2.b.host", b"x" * 100)
    (_, error), second = of(maildir, max_bytes=100)
    assert str(error) == "The message has more than 100 bytes."
    assert second == ("2.b.host", b"x" * 100)


def test_a_message_deleted_meanwhile_is_none(maildir):
    put(maildir, "1.a.host")
    put(maildir, "2.b.host")
    found = maildir_entries(maildir._path)
    next(found)
    maildir.remove("2.b.host")
    assert list(found) == []


@pytest.mark.parametrize("name", ["missing", "plain"])
def test_what_is_no_maildir_is_a_failure_and_is_not_made_one(tmp_path, name):
    (tmp_path / "plain").mkdir()
    with pytest.raises(FetchError, match="The maildir cannot be read"):
        list(maildir_entries(tmp_path / name))
    assert [path.name for path in tmp_path.rglob("*")] == ["plain"]


# IMAP


class Session(socketserver.StreamRequestHandler):
    """Enough of RFC 3501 for imaplib."""

    disable_nagle_algorithm = True  # it would wait 40 ms for each short line

    def handle(self):
        box = self.server.box
        with contextlib.suppress(OSError):
            self.say(box.greeting)
            while line := self.rfile.readline():
                tag, words = line.decode().rstrip("\r\n").split(" ", 1)
                box.commands.append(words)
                name = "_".join(words.split()[: 2 if words.startswith("UID") else 1]).lower()
                self.say(f"{tag} {getattr(self, name)(box, words) or 'OK done'}")
                if name == "logout":
                    break

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def capability(self, box, words):
        self.say(f"* CAPABILITY IMAP4rev1 {box.ways}")

    def authenticate(self, box, words):
        self.say("+ ")
        given = base64.b64decode(self.rfile.readline()).decode().split("\0")
        return None if given == ["", *box.account] else "NO [AUTHENTICATIONFAILED] Wrong password"

    def login(self, box, words):
        given = [re.sub(r"\\(.)", r"\1", text) for text in re.findall(r'"((?:\\.|[^"\\])*)"', words)]
        return None if given == box.account else "NO [AUTHENTICATIONFAILED] Wrong password"

    def examine(self, box, words):
        if words != f'EXAMINE "{box.folder}"':
            return "NO No such mailbox"
        self.say(f"* {len(box.messages)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {box.validity}] valid")
        return "OK [READ-ONLY] done"

    def uid_fetch(self, box, words):
        first, items = re.fullmatch(r"UID FETCH (\d+)(?::\*)? \((.+)\)", words).groups()
        wanted = [int(first)]
        if ":*" in words:
            wanted = [uid for uid in box.messages if uid >= int(first)] or [max(box.messages)]
        for uid in wanted:
            if (data := box.messages.get(uid)) is not None:
                self.fetched(box, uid, items, data)

    def fetched(self, box, uid, items, data):
        if items == "UID":
            self.say(f"* 9 FETCH (UID {uid})")
        elif items == "RFC822.SIZE":
            self.say(f"* 9 FETCH (UID {uid} RFC822.SIZE {box.lies.get(uid, len(data))})")
        else:
            self.say("* 8 FETCH (FLAGS (\\Seen))")  # what another client did just now
            self.wfile.write(b"* 9 FETCH (UID %d BODY[] {%d}\r\n" % (uid, len(data)))
            for start in range(0, len(data), 1_000):
                self.wfile.write(data[start : start + 1_000])
                time.sleep(box.pause)
            self.say(")")

    def logout(self, box, words):
        self.say("* BYE see you")


class Box:
    """What the server has, and what it was asked."""

    def __init__(self):
        self.messages = {3: MAIL, 5: b"five", 9: b"n\r\n\xff\x00ine)\r\n"}
        self.account = ["desk@news.example", 'p"a\\ss word']
        self.folder, self.asked_for = "INBOX", "INBOX"
        self.validity, self.ways = 77, "AUTH=PLAIN"
        self.greeting, self.pause = "* OK ready", 0.0
        self.lies, self.commands = {}, []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"), "IP:127.0.0.1")


@pytest.fixture
def box(certificate, monkeypatch):
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *args):
            pass  # a client that hangs up or refuses the certificate

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(("127.0.0.1", 0), Session) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.box = Box()
        server.box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.box
        server.shutdown()
        thread.join()


def read(box, since=Uid(0, 0), *, user=None, password=None, host="127.0.0.1", **named):  # noqa: B008
    user, password = user or box.account[0], password or box.account[1]
    return imap_entries(host, box.port, user, password, box.asked_for, since, **named)


def test_messages_come_byte_for_byte_with_their_numbers(box):
    assert list(read(box)) == [(Uid(77, uid), data) for uid, data in box.messages.items()]


def test_nothing_is_marked_as_read_or_changed(box):
    list(read(box))
    verbs = {re.sub(r"\d+(:\*)?", "n", words) for words in box.commands}
    assert verbs == {
        "CAPABILITY",
        "AUTHENTICATE PLAIN",
        'EXAMINE "INBOX"',
        "UID FETCH n (UID)",
        "UID FETCH n (RFCn.SIZE)",
        "UID FETCH n (BODY.PEEK[])",
        "LOGOUT",
    }


def test_only_what_came_after_the_last_number_is_fetched(box):
    assert [uid.number for uid, _ in read(box, Uid(77, 3))] == [5, 9]
    assert list(read(box, Uid(77, 9))) == []


def test_when_the_server_numbers_anew_all_is_fetched_again(box):
    assert [uid for uid, _ in read(box, Uid(76, 9))] == [Uid(77, 3), Uid(77, 5), Uid(77, 9)]


def test_an_empty_folder_has_no_messages(box):
    box.messages.clear()
    assert list(read(box)) == []


def test_a_folder_may_have_a_name_with_blanks_quotes_and_umlauts(box):
    box.asked_for, box.folder = 'R&D "Entwürfe" 日', 'R&-D \\"Entw&APw-rfe\\" &ZeU-'
    assert len(list(read(box))) == 3


def test_a_folder_that_is_not_there_is_a_failure_with_the_servers_words(box):
    box.asked_for = "Nowhere"
    with pytest.raises(FetchError, match="The mail server refuses: No such mailbox"):
        list(read(box))


def test_a_server_without_authenticate_is_given_user_and_password_quoted(box):
    box.ways = ""
    assert len(list(read(box))) == 3
    assert any(words.startswith("LOGIN ") for words in box.commands)


def test_a_password_may_have_any_letters(box):
    box.account[1] = "Schlüssel"
    assert len(list(read(box))) == 3


@pytest.mark.parametrize("ways", ["AUTH=PLAIN", ""])
def test_a_wrong_password_is_a_failure_that_does_not_repeat_it(box, ways):
    box.ways = ways
    with pytest.raises(FetchError, match="Wrong password") as caught:
        list(read(box, password="guess"))
    assert "guess" not in str(caught.value)


@pytest.mark.parametrize("password", ["a\r\nLOGOUT", "a\0b"])
def test_no_command_hides_in_a_password(box, password):
    with pytest.raises(FetchError, match="holds a line break"):
        list(read(box, password=password))
    assert box.commands == ["CAPABILITY", "LOGOUT"]


def test_a_message_over_the_limit_is_not_fetched_and_the_next_ones_are(box):
    box.messages[5] = b"x" * 1_001
    found = dict(read(box, max_bytes=1_000))
    assert str(found[Uid(77, 5)]) == "The message has more than 1,000 bytes."
    assert found[Uid(77, 9)] == box.messages[9]
    assert "UID FETCH 5 (BODY.PEEK[])" not in box.commands


def test_a_server_that_lies_about_a_size_does_not_fill_the_memory(box):
    box.messages[5], box.lies[5] = b"x" * 2_000, 10
    found = read(box, max_bytes=1_000)
    assert next(found)[0] == Uid(77, 3)
    with pytest.raises(FetchError, match="2,000 bytes are announced; 1,000 are the most"):
        next(found)


def test_a_message_deleted_meanwhile_is_no_imap_entry(box):
    found = read(box)
    next(found)
    del box.messages[5]
    assert [uid.number for uid, _ in found] == [9]


def test_who_stops_early_leaves_the_server_politely(box):
    found = read(box)
    next(found)
    found.close()
    assert box.commands[-1] == "LOGOUT"


def test_a_message_that_drips_is_given_up_and_those_before_it_are_kept(box):
    found = read(box, seconds=1)
    assert next(found)[0] == Uid(77, 3)
    box.messages[5], box.pause = b"x" * 100_000, 0.05
    start = time.monotonic()
    with pytest.raises(FetchError, match=r"127.0.0.1 took longer than 1 seconds"):
        next(found)
    assert time.monotonic() - start < 4


def test_the_time_of_the_caller_between_messages_does_not_count(box):
    for _ in read(box, seconds=1):
        time.sleep(0.4)
    assert box.commands[-1] == "LOGOUT"


@pytest.mark.parametrize("greeting", ["* BYE closed for today", "220 mail.example ESMTP"])
def test_a_server_that_does_not_greet_is_a_failure(box, greeting):
    box.greeting = greeting
    with pytest.raises(FetchError, match=r"The mailbox at 127.0.0.1 failed"):
        list(read(box))


def test_a_certificate_nobody_vouches_for_is_refused(box, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(FetchError, match="SSLCertVerificationError"):
        list(read(box))
    assert box.commands == []


def test_a_certificate_for_another_name_is_refused(box):
    with pytest.raises(FetchError, match="SSLCertVerificationError"):
        list(read(box, host="localhost"))
    assert box.commands == []


def test_a_port_where_nobody_listens_is_a_failure_with_its_reason(box):
    with pytest.raises(FetchError, match="Connection refused"):
        list(imap_entries("127.0.0.1", 1, "ann", "secret"))


# From whom


def from_header(value):
    return b"Subject: Bridge\r\nFrom: " + value + b"\r\n\r\nFrom: other@desk.example\r\n"


@pytest.mark.parametrize(
    "value",
    [
        b"ann@desk.example",
        b"Ann Lee <Ann@Desk.Example>",
        b"Ann Lee. <ann@desk.example> (the desk)",
        b"ann@desk.example <ann@desk.example>",
        b'"boss@other.example" <ann@desk.example>',
        b"=?utf-8?q?=3Cboss=40other=2Eexample=3E=2C?= <ann@desk.example>",
        b"Ann\r\n Lee\r\n\t<ann@desk.example>",
        "Änn Lee <ann@desk.example>".encode(),
        "Änn Lee <ann@desk.example>".encode("latin-1"),
    ],
)
def test_the_sender_is_the_address_in_from_and_not_the_name_beside_it(value):
    assert sender(from_header(value)) == "ann@desk.example"


@pytest.mark.parametrize(
    "value",
    [
        b"ann@desk.example <boss@other.example>",
        b"ann@desk.example, boss@other.example",
        b"<ann@desk.example> <boss@other.example>",
        b"ann@desk.example)boss@other.example",
        b"ann@desk.example\0<boss@other.example>",
        b"ann@desk.example@other.example",
        b"=?utf-8?q?ann=40desk.example?=",
        b"ann@[127.0.0.1]",
        b"undisclosed-recipients:;",
        b"Ann Lee",
        b"",
        b"ann@desk.example" + b" " * 2_000,
        b"(" * 900,
    ],
)
def test_a_sender_that_can_be_read_in_two_ways_or_in_none_is_nobody(value):
    assert sender(from_header(value)) == ""


def test_two_senders_are_nobody():
    assert sender(b"From: ann@desk.example\nFROM: boss@other.example\n\nText") == ""


def test_a_sender_is_looked_for_in_the_headers_only():
    assert sender(b"Subject: Bridge\n\nFrom: ann@desk.example\n") == ""
    assert sender(b"X: " + b"x" * 70_000 + b"\nFrom: ann@desk.example\n\nText") == ""
    assert sender(b"\xff\x00\x01") == sender(b"") == ""


def test_a_line_of_a_mail_spool_and_blank_lines_before_the_headers_are_no_hindrance():
    assert sender(b"\r\n" + MAIL) == "ann@desk.example"
    assert sender(b"From other@spool Wed Mar  5 08:00:00 2025\n" + MAIL) == "ann@desk.example"
