"""Stories by e-mail. All are invented."""

import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wires.parse import Unreadable, detect, parse
from wires.parse.item import Kind, Signal

SAMPLE = (Path(__file__).parent / "samples" / "mail" / "alternative_and_attachments.eml").read_bytes()


def only(data):
    [item] = parse(data).items
    return item


def mail(body="The bridge is open.\n", **headers):
    named = {
        "From": "Ann Lee <ann@desk.example>",
        "Message-ID": "<1@desk.example>",
        "Subject": "Bridge opens",
    }
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\n" for name, value in named.items())
    return f"{lines}\n{body}".encode()


def test_a_mail_is_told_by_its_headers_behind_blank_lines():
    assert detect(SAMPLE) == "mail"
    assert detect(b"From ann@desk.example Wed Mar  5 08:00:00 2025\n" + mail()) == "mail"
    assert detect(b"Subject: a memo\n\nNo mail.") == ""
    assert detect(b"The bridge is open.\nFrom: here\nDate: now\n") == ""


def test_headers_give_identity_time_and_headline():
    item = only(SAMPLE)

    assert (item.guid, item.provider) == ("<story-1@agency.example>", "press@agency.example")
    assert (item.source, item.credit) == ("Jürgen Roß", "oag")
    assert item.headline == "Café auf dem Mond"
    assert item.version_created == datetime(2025, 3, 5, 6, 59, tzinfo=UTC)
    assert (item.language, item.keywords) == ("de", ("Mond", "Raumfahrt"))


def forwarding(*mails: bytes, kind: str = "multipart/mixed") -> bytes:
    parts = [
        b"Content-Type: text/plain\n\nAs promised.",
        *(b"Content-Type: message/rfc822\n\n" + m for m in mails),
    ]
    body = b"".join(b"--cut\n" + part + b"\n" for part in parts) + b"--cut--\n"
    return (
        mail("", Subject="Fwd: two", Message_ID="<2@desk.example>", Content_Type=f'{kind}; boundary="cut"')
        + body
    )


def test_mails_that_were_forwarded_as_attachments_are_stories_of_their_own():
    mill = mail("The mill turns.\n", Message_ID="<3@mill.example>", Subject="Mill")
    outer, bridge, inner = parse(forwarding(mail(), mill)).items
    assert "As promised." in outer.body_html
    assert "other mails" in outer.hold
    assert not outer.warnings
    assert (bridge.guid, inner.guid) == ("<1@desk.example>", "<3@mill.example>")
    assert (inner.headline, inner.body_html) == ("Mill", "<p>The mill turns.</p>")
    assert "within another mail" in inner.hold


def test_what_a_bounce_brings_back_is_no_story():
    [item] = parse(forwarding(mail(), kind="multipart/report")).items
    assert item.kind is Kind.OTHER


def test_plain_text_is_preferred_and_its_wrong_charset_mended():
    item = only(SAMPLE)

    assert item.body_html == (
        "<p>Das erste Café auf dem Mond hat am Mittwoch eröffnet und war nach einer Stunde voll.</p>\n"
        "<p>Kuchen gab es auch.</p>"
    )
    assert (item.dateline_place, item.dateline_credit) == ("BERLIN", "oag")


def test_a_signature_is_for_editors_only():
    item = only(SAMPLE)

    assert "0123" not in item.body_html
    assert item.editors_notes == ("J. Roß, Tel. 0123 456",)


def test_attached_pictures_come_along_and_other_files_are_named():
    item = only(SAMPLE)

    [picture] = item.pictures
    assert (picture.caption, picture.renditions[0].href) == ("Eine Tasse.", "tasse.jpg")
    assert item.warnings == ("An attachment is not read: liste.pdf.",)


def alternative(plain, html):
    return mail(
        f"--b\nContent-Type: text/plain\n\n{plain}\n--b\nContent-Type: text/html\n\n{html}\n--b--\n",
        Content_Type="multipart/alternative; boundary=b",
    )


def test_html_is_taken_where_the_plain_text_only_excuses_itself():
    html = (
        "<html><head><style>p {color: red}</style></head><body><!--[if mso]><xml>96</xml><![endif]-->"
        "<p class=MsoNormal>The bridge over the long sound is open to all traffic.<o:p></o:p></p>"
        '<p onclick="x()">It took nine years.</p><script>no()</script></body></html>'
    )

    assert only(alternative("Please use another program.", html)).body_html == (
        "<p>The bridge over the long sound is open to all traffic.</p>\n<p>It took nine years.</p>"
    )


def test_a_picture_in_the_text_and_attached_is_one():
    body = (
        '--b\nContent-Type: text/html\n\n<p>Open.</p><img src="cid:p1" alt="Bridge">\n'
        "--b\nContent-Type: image/png\nContent-ID: <p1>\nContent-Disposition: inline; filename=b.png\n"
        "\nx\n--b--\n"
    )
    item = only(mail(body, Content_Type="multipart/related; boundary=b"))

    assert [(r.href, r.name) for p in item.pictures for r in p.renditions] == [("cid:p1", "b.png")]


def test_bytes_in_headers_that_ought_to_be_encoded_are_read():
    assert only(mail(Subject="Žižkov žije")).headline == "Žižkov žije"


def test_without_a_date_the_last_servers_counts():
    item = only(mail(Received="by mx.example; Wed, 5 Mar 2025 08:00:01 +0100"))

    assert item.version_created == datetime(2025, 3, 5, 7, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("words", ["EMBARGOED UNTIL 6 MARCH, 10:00", "Sperrfrist: 6. März, 10 Uhr"])
def test_an_embargo_in_the_first_lines_holds(words):
    assert "embargo" in only(mail(f"{words}\n\nThe bridge is open.\n")).hold


def test_a_story_about_an_embargo_is_not_held():
    assert not only(mail("The government lifted its arms embargo on Tuesday.\n\nIt had lasted.\n")).hold


def test_a_correction_is_told_by_the_subject():
    assert only(mail(Subject="CORRECTION: Bridge opens")).signal is Signal.CORRECTION


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Content_Type": "multipart/report; report-type=delivery-status; boundary=b"},
    ],
)
def test_answers_of_machines_are_no_stories(headers):
    assert only(mail(**headers)).kind is Kind.OTHER


def test_an_attached_mail_is_not_taken_for_the_story():
    attached = "Content-Type: message/rfc822\n\nFrom: x@y.example\n\nSecret."
    body = f"--b\n\nThe bridge is open.\n--b\n{attached}\n--b--\n"

    story, attachment = parse(mail(body, Content_Type="multipart/mixed; boundary=b")).items
    assert story.body_html == "<p>The bridge is open.</p>"
    assert attachment.hold


def test_a_mail_nested_without_end_is_unreadable():
    body = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(400))

    with pytest.raises(Unreadable):
        parse(mail(body, Content_Type="multipart/mixed; boundary=b0"))


REAL = Path(__file__).parents[3] / "shared" / "samples" / "wire" / "email" / "simple_multipart.eml"


@pytest.mark.skipif(not REAL.exists(), reason="the shared samples are not here")
def test_a_real_mail_gives_the_facts_of_the_manifest():
    item = only(REAL.read_bytes())

    assert item.guid == "<CAHU3GgVHd6C_RSMQXvOhr6V-Ya0LwdBkqpbZ_qUwGF8JvhrQVg@mail.gmail.com>"
    assert (item.headline, item.source, item.byline) == ("Test message 1234", "a sender", "")
    assert item.version_created == datetime(2015, 2, 19, 6, 18, 40, tzinfo=UTC)
    assert item.body_html == "<p>body text</p>"


@given(data=st.data())
def test_mutated_mails_give_items_or_are_unreadable(data):
    start = data.draw(st.integers(0, len(SAMPLE)))
    end = data.draw(st.integers(start, min(len(SAMPLE), start + 100)))
    mutated = SAMPLE[:start] + data.draw(st.binary(max_size=20)) + SAMPLE[end:]
    with contextlib.suppress(Unreadable):
        assert len(parse(mutated, format="mail").items) == 1


@given(st.binary(max_size=300))
def test_arbitrary_bytes_give_an_item_or_are_unreadable(data):
    with contextlib.suppress(Unreadable):
        assert parse(data, format="mail").format == "mail"


def test_a_header_that_is_made_to_be_slow_is_not():
    started = time.process_time()
    only(mail(Subject="=?utf-8?q?a" * 20_000, Content_Type='text/plain; name="' + "=?utf-8?q?a?=" * 20_000))

    assert time.process_time() - started < 2
