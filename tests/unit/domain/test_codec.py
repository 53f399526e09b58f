"""Bytes of records: refused when they are of anything else, and linked by their hashes."""

from __future__ import annotations

import msgspec
import pytest
from tests.support.records import record_of

from tradetui.domain import codec, steps, timers


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x93\x01\x02\x03", codec.encode(timers.Heartbeat(1, ()))]
)
def test_bytes_of_anything_else_are_refused(data):
    for decode in (codec.decode_step, codec.decode_header):
        with pytest.raises(msgspec.DecodeError):
            decode(data)


@pytest.mark.parametrize(
    ("record", "decode"),
    [(steps.StepRecord, codec.decode_step), (steps.JournalHeader, codec.decode_header)],
)
def test_text_that_is_not_utf8_is_refused_as_such(record, decode):
    data = codec.encode(record_of(record, is_full=True))
    said = []
    for place in range(len(data)):
        try:
            decode(data[:place] + b"\x90" + data[place + 1 :])
        except msgspec.DecodeError as error:
            said.append(str(error))
    assert any("not UTF-8" in text for text in said)


def test_numbers_beyond_64_bits_do_not_get_into_the_journal():
    with pytest.raises(OverflowError):
        codec.encode(timers.Heartbeat(2**64, ()))


def test_digest_and_chain():
    first, second = timers.Heartbeat(1, ("a",)), timers.Heartbeat(2, ("a",))
    assert codec.digest(first) == codec.digest(timers.Heartbeat(1, ("a",)))
    assert codec.digest(first) != codec.digest(second)
    assert len(codec.digest(first)) == 64
    link = codec.chain(b"", codec.encode(first))
    assert codec.chain(link, b"x") != codec.chain(link, b"y")
    assert codec.chain(link, b"x") != codec.chain(b"", b"x")
    assert len(link) == 32


def test_a_chain_of_many_links_as_one_by_one():
    bodies = [b"a", b"", b"c"]
    expected, previous = [], b"start"
    for body in bodies:
        previous = codec.chain(previous, body)
        expected.append(previous)
    assert codec.chain_all(b"start", bodies) == expected
    assert codec.chain_all(b"start", []) == []
    assert codec.encode_step(timers.Heartbeat(1, ())) == codec.encode(timers.Heartbeat(1, ()))
