"""Segment files: what was written is read, prices apart from what happened, damage by its rows."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tradetui.domain.codec import encode_step
from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope, Payload
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import Quote
from tradetui.domain.steps import StepRecord, StepResult
from tradetui.storage.segment_file import (
    ROWS_IN_BLOCK,
    Entry,
    KeptRow,
    PrunedSpan,
    SegmentDamagedError,
    read_file,
    write_file,
)

NAME = "journal-1.seg"


def row(number: int, payload: Payload, source: Source) -> KeptRow:
    event = Envelope(
        number, 8, 9, source, "SIM", InstrumentId("BTC/USD.SIM"), type(payload).__name__, payload
    )
    body = encode_step(StepRecord(event, (), (), (), StepResult()))
    return KeptRow(number, number, body, bytes([number % 251]) * 32)


def price(number: int) -> KeptRow:
    return row(number, Quote(number, 2, number + 1, 4), Source.MARKET_DATA)


def act(number: int) -> KeptRow:
    return row(number, OperatorNoted("me", f"note {number}"), Source.CONTROL)


def mixed(count: int) -> list[Entry]:
    """Rows of which every seventh is an act, and a span without bodies in the middle."""
    rows: list[Entry] = [act(n) if n % 7 == 0 else price(n) for n in range(1, count + 1)]
    middle = count // 2
    rows[middle - 5 : middle + 5] = [
        PrunedSpan(middle - 4, middle + 5, middle - 4, b"h" * 32, b"d" * 32)
    ]
    return rows


@pytest.mark.parametrize(
    "entries",
    [
        mixed(2 * ROWS_IN_BLOCK + 300),
        [price(n) for n in range(1, 30)],
        [act(n) for n in range(1, 30)],
    ],
    ids=["mixed", "prices", "acts"],
)
def test_all_rows_are_read_in_order_from_any_place(tmp_path: Path, entries: list[Entry]) -> None:
    path = tmp_path / NAME
    write_file(path, entries)
    assert list(read_file(path)) == entries
    last = entries[-1].last_row
    for first, end in ((1, 1), (7, 14), (last // 2, last // 2 + 3), (last - 1, last + 9)):
        wanted = [one for one in entries if one.last_row >= first and one.row <= end]
        assert list(read_file(path, first, end)) == wanted
    acts = [one for one in entries if isinstance(one, KeptRow) and b"OperatorNoted" in one.body]
    assert list(read_file(path, only_eventful=True)) == acts
    assert list(read_file(path, 8, 28, only_eventful=True)) == [
        one for one in acts if 8 <= one.row <= 28
    ]


def test_who_looks_for_what_happened_does_not_open_the_prices(tmp_path: Path) -> None:
    path = tmp_path / NAME
    entries = mixed(300)
    write_file(path, entries)
    data = path.read_bytes()
    path.write_bytes(data[:-40] + bytes(8) + data[-32:])
    assert [one.row for one in read_file(path, only_eventful=True)]
    with pytest.raises(SegmentDamagedError, match="rows 1 to 300 cannot be read"):
        list(read_file(path))


def cut(data: bytes) -> bytes:
    return data[:-1]


def cut_in_the_frame(data: bytes) -> bytes:
    return data[:20]


def no_sense(data: bytes) -> bytes:
    return data[:8] + struct.pack("<IIQQ", 5, 5, 9, 3) + data[32:]


def huge(data: bytes) -> bytes:
    return data[:8] + struct.pack("<IIQQ", 2**31, 5, 1, 3) + data[32:]


def other_rows(data: bytes) -> bytes:
    size, more, _, _ = struct.unpack("<IIQQ", data[8:32])
    return data[:8] + struct.pack("<IIQQ", size, more, 1, 900) + data[32:]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "is cut short \\(in the block of rows 1 to 300\\)"),
        (cut_in_the_frame, "is cut short \\(in the frame of a block\\)"),
        (no_sense, "the frame of a block makes no sense"),
        (huge, "the frame of a block makes no sense"),
        (other_rows, "the block of rows 1 to 900 holds others"),
        (lambda data: b"X" + data[1:], "does not begin like a segment file"),
        (lambda data: b"", "does not begin like a segment file"),
    ],
)
def test_damage_is_named_by_its_rows(
    tmp_path: Path, damage: Callable[[bytes], bytes], said: str
) -> None:
    path = tmp_path / NAME
    write_file(path, mixed(300))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SegmentDamagedError, match=said):
        list(read_file(path))


def test_a_file_whose_blocks_are_one_stream_is_read_too(tmp_path: Path) -> None:
    entries = mixed(300)
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    data = packer.compress(msgspec.msgpack.encode(entries)) + packer.flush()
    path = tmp_path / NAME
    path.write_bytes(b"TTSEG\x00\x00\x02" + struct.pack("<IQQ", len(data), 1, 300) + data)
    assert list(read_file(path)) == entries
    assert list(read_file(path, 8, 20, only_eventful=True)) == entries[7:20]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SegmentDamagedError, match="cut short"):
        list(read_file(path))
