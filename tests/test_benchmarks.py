"""The benchmarks' invented files are what they say, whatever the machine; no speed is tested here."""

from collections import Counter

from benchmarks.wire_files import wire_files
from wires.parse import parse


def test_the_same_seed_gives_the_same_files_and_another_seed_others():
    assert list(wire_files(30, seed=1)) == list(wire_files(30, seed=1))
    assert list(wire_files(30, seed=1)) != list(wire_files(30, seed=2))


def test_every_file_is_read_and_all_formats_and_outcomes_occur():
    seen, repeated, formats = set(), 0, Counter()
    statuses, signals = set(), set()
    for _, data in wire_files(400):
        repeated += data in seen
        seen.add(data)
        parsed = parse(data)
        assert parsed.items
        assert not parsed.failures
        formats[parsed.format] += 1
        statuses |= {item.status.value for item in parsed.items}
        signals |= {item.signal.value for item in parsed.items}
    assert set(formats) == {"ninjs", "newsml_g2", "nitf", "iptc7901", "feeds"}
    assert repeated
    assert statuses >= {"usable", "canceled"}
    assert signals >= {"new", "update", "correction"}
