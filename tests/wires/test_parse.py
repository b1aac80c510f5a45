"""The front door: which format it is, what a stranger's file cannot do, and what it costs."""

import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wires.parse import FORMATS, detect, parse
from wires.parse.item import Unreadable, WireItem
from wires.parse.limits import MAX_BYTES, MAX_DEPTH
from wires.parse.xml import read_xml, root_name

SAMPLES = Path(__file__).parent / "samples"
XML_FILES = sorted(
    path for name in ("newsml_g2", "newsml_1", "nitf") for path in (SAMPLES / name).glob("*.xml")
)
NITF = "<nitf><head/><body><body.content><p>{}</p></body.content></body></nitf>"

every_file = pytest.mark.parametrize("path", XML_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")


@every_file
def test_a_format_is_known_by_the_bytes(path):
    assert detect(path.read_bytes()) == path.parent.name


@every_file
def test_every_sample_is_read_in_full(path):
    parsed = parse(path.read_bytes())
    assert parsed.items
    assert all(item.format == path.parent.name for item in parsed.items)
    assert all(item.version_created.tzinfo for item in parsed.items if item.kind != "other")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xef\xbb\xbf  <!-- <x> --><?pi?><nitf>", "nitf"),
        (b'<!DOCTYPE nitf [<!ENTITY % a "<NewsML>">]><nitf>', "nitf"),
        (b"<n:newsItem xmlns:n='x'>", "newsItem"),
        ("<NewsML/>".encode("utf-16"), "NewsML"),
        (b"no xml", ""),
        (b"", ""),
        (b"<!-- never closed", ""),
        (b"<!-- a -->" * 1000 + b"x", ""),
    ],
)
def test_the_root_of_xml_is_found_behind_all_that_may_stand_before_it(head, name):
    assert root_name(head) == name


def test_bytes_of_no_known_format_are_unreadable():
    for data in (b"", b"\0\0\0", b"<html><p>x</p></html>", b"hello", b"<"):
        with pytest.raises(Unreadable, match="No known format"):
            parse(data)


def test_a_format_that_nobody_reads_is_unreadable():
    with pytest.raises(Unreadable, match="no reader"):
        parse(b"<nitf/>", format="telex")


def test_a_format_can_be_told():
    assert parse(NITF.format("It did.").encode(), format="nitf").format == "nitf"


def test_a_file_that_is_too_big_is_unreadable():
    with pytest.raises(Unreadable, match="bytes"):
        parse(b"<nitf>" + b" " * MAX_BYTES)


# Hostile XML


HOSTILE = {
    "a file of the machine": '<!DOCTYPE nitf [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + NITF.format("&x;"),
    "laughs by the billion": "<!DOCTYPE nitf [<!ENTITY l0 'ha'>"
    + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    + "]>"
    + NITF.format("&l11;"),
    "laughs behind a comment": "<!-- <x> --><!DOCTYPE nitf [<!ENTITY a 'ha'>]>" + NITF.format("&a;"),
    "an entity by a parameter": "<!DOCTYPE nitf [<!ENTITY % p \"<!ENTITY x 'y'>\">%p;]>" + NITF.format("&x;"),
    "an entity of nobody": NITF.format("&nobody;"),
    "an entity of a dtd": '<!DOCTYPE nitf SYSTEM "http://127.0.0.1:9/x.dtd">' + NITF.format("&nobody;"),
    "a deep nest": NITF.format("<b>" * (MAX_DEPTH + 1) + "</b>" * (MAX_DEPTH + 1)),
    "a nest without a bottom": "<nitf>" + "<a>" * 200_000,
    "a truncated file": NITF.format("It did.")[:60],
    "two roots": NITF.format("One") + NITF.format("Two"),
    "an inclusion": '<nitf xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_unreadable_and_at_once(name):
    started = time.process_time()
    with pytest.raises(Unreadable):
        parse(HOSTILE[name].encode())
    assert time.process_time() - started < 2


def test_no_dtd_and_no_entity_is_fetched():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        document = (
            f'<!DOCTYPE nitf PUBLIC "x" "{address}.dtd" [<!ENTITY % p SYSTEM "{address}.ent"> %p;]>'
            f'<?xml-stylesheet href="{address}.xsl"?>{NITF.format("It did.")}'
        )
        assert parse(document.encode()).items[0].body_html == "<p>It did.</p>"
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()


def test_named_characters_need_no_dtd():
    text = NITF.format("caf&eacute;&nbsp;&amp; &#8212; &#1;&lt;b&gt; <![CDATA[&eacute;]]>")
    assert parse(text.encode()).items[0].body_html == "<p>café&nbsp;&amp; — &lt;b&gt; é</p>"


def test_stray_control_characters_do_not_cost_a_file():
    assert parse(NITF.format("It\x02 did\x0b.").encode()).items[0].body_html == "<p>It did.</p>"


def test_xml_comes_under_local_names_without_comments():
    root = read_xml(b'<a:x xmlns:a="u" a:k="1" k="2" xml:lang="de"><!-- c --><a:y a:m="3"/>t</a:x>')
    assert (root.tag, dict(root.attrib), root[0].tag) == ("x", {"k": "2", "lang": "de"}, "y")
    assert dict(root[0].attrib) == {"m": "3"}


@every_file
def test_a_damaged_file_is_read_or_unreadable_and_nothing_else(path):
    chance = random.Random(path.name)  # noqa: S311 - the same damage on every run
    data = path.read_bytes()
    for _ in range(40):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.choice((0, 1, 40))] = chance.choice(
                (b"", b"<", b"&", b"\xff", b'"', b"]]>")
            )
        try:
            parsed = parse(bytes(damaged), format=path.parent.name)
        except Unreadable:
            continue
        assert all(isinstance(item, WireItem) for item in parsed.items)


def test_the_parsers_know_nothing_of_django():
    check = "import sys, wires.parse; sys.exit('django' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", check], cwd=root, check=False).returncode == 0


def test_every_format_has_a_folder_of_samples():
    assert {path.name for path in SAMPLES.iterdir()} >= set(FORMATS) & {"newsml_g2", "newsml_1", "nitf"}
