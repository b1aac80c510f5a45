"""Damaged files: cut, doubled, with bytes turned. Items or a clear reason, and nothing else, soon."""

import os
import random
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wires.parse import FORMATS, Unreadable, parse

OWN = Path(__file__).parent / "samples"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "wire"
SAMPLES = sorted(path for folder in (OWN, SHARED) for path in folder.rglob("*") if path.is_file())
DAMAGES = 12  # of each sample
SOON = 10  # seconds for a file of some kilobytes on a machine that does other things too


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A few wounds of the kinds that disks, lines and programs make."""
    wounded = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(wounded) or 1), chance.randint(1, 64)
        kind = chance.randrange(5)
        if kind == 0:
            wounded[at : at + length] = chance.randbytes(length)
        elif kind == 1:
            del wounded[at : at + length]
        elif kind == 2:
            wounded[at:at] = wounded[at : at + length] * chance.randint(1, 20)
        elif kind == 3:
            del wounded[at:]
        else:
            wounded[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(wounded)


def parse_or_reason(data: bytes, format: str = "") -> None:
    try:
        parsed = parse(data, format=format)
    except Unreadable:
        return
    assert all(item.guid and item.format for item in parsed.items)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_damaged_file_gives_items_or_a_reason(path):
    chance = random.Random(0 if "CI" in os.environ else None)  # as Hypothesis in conftest.py
    data = path.read_bytes()
    for _ in range(DAMAGES):
        seed = chance.getrandbits(32)
        wounded, began = damaged(data, random.Random(seed)), time.process_time()
        try:
            parse_or_reason(wounded)
        except Exception as error:
            raise AssertionError(f"{path.name} damaged with seed {seed}: {error!r}") from error
        assert time.process_time() - began < SOON, f"{path.name} damaged with seed {seed} takes long"


@given(st.binary(max_size=4000), st.sampled_from(sorted(FORMATS)))
def test_arbitrary_bytes_read_as_any_format_give_items_or_a_reason(data, format):
    parse_or_reason(data, format)


@pytest.mark.parametrize(
    "data",
    [
        b"<a>" * 200_000,
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"<!DOCTYPE a [" + b'<!ENTITY b "&b;">' * 9999,
        b"\x01" * 999_999,
    ],
    ids=["deep XML", "deep JSON", "deeper JSON", "many entities", "control bytes"],
)
def test_files_made_to_exhaust_a_reader_do_not(data):
    tracemalloc.start()
    parse_or_reason(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 200 * 1024 * 1024
