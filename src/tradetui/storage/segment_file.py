"""Segment files: a span of journal rows in one compressed file that is never written again.

A file is a magic number and blocks. A block is its frame (two sizes, its first and last row) and
two gzip streams (each with its own CRC) of msgpack: the rows that are eventful, then all others.
So a reader skips blocks, and the prices in them, without opening them; and damage is found in the
block where it is. The entries of a block are whole rows with their hashes, and spans of rows whose
bodies are no longer kept.
"""

from __future__ import annotations

import hashlib
import operator
import os
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import msgspec

from tradetui.domain.eventful import is_eventful
from tradetui.storage.folder import private_umask, sync_folder

SEGMENTS_SUFFIX: Final = "-segments"
"""The folder of segment files is beside the journal's file and named after it."""

FILE_SUFFIX: Final = ".seg"

ROWS_IN_BLOCK: Final = 1_000
_MAGIC: Final = b"TTSEG\x00\x00\x03"
_FRAME: Final = struct.Struct("<IIQQ")
"""Sizes of the two compressed streams, first row, last row."""

_OLD_MAGIC: Final = b"TTSEG\x00\x00\x02"
_OLD_FRAME: Final = struct.Struct("<IQQ")
"""Of files whose blocks are one stream with all rows: they are read, and no longer written."""

_ROW: Final = operator.attrgetter("row")
_LAST_ROW: Final = operator.attrgetter("last_row")
_MAX_BLOCK: Final = 1 << 30
_LEVEL: Final = 3
"""Of deflate: written twice as fast as at the usual 6, and 2 % larger."""

_GZIP: Final = 31
"""The window of a stream with the header and the CRC of gzip."""


class SegmentDamagedError(Exception):
    """A segment file is not what was written; the message is half a sentence."""


class KeptRow(msgspec.Struct, frozen=True, array_like=True, tag=1, gc=False):
    """A row as it was in the journal."""

    row: int
    seq_id: int
    body: bytes
    hash: bytes

    @property
    def last_row(self) -> int:
        """The row itself: as a span it is one row long."""
        return self.row


class PrunedSpan(msgspec.Struct, frozen=True, array_like=True, tag=2, gc=False):
    """Neighbouring rows of one run whose bodies are no longer kept.

    ``hash`` is that of the last of them, from which the chain goes on; ``digest`` is the SHA-256 of
    all their hashes, by which a copy of the rows from elsewhere can be proven.
    """

    row: int
    last_row: int
    seq_id: int
    hash: bytes
    digest: bytes


Entry = KeptRow | PrunedSpan


@dataclass(frozen=True)
class WrittenFile:
    """What was written: its SHA-256, its size, and how many rows it holds of each kind."""

    sha256: bytes
    size: int
    kept_rows: int
    pruned_rows: int


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(tuple[Entry, ...])


def segments_folder(journal: Path) -> Path:
    """Return the folder of the segment files of a journal file."""
    return journal.with_name(journal.name + SEGMENTS_SUFFIX)


def write_file(path: Path, entries: Iterable[Entry]) -> WrittenFile:
    """Write a segment file, durable and whole, or not at all; raises OSError.

    A file of that name is replaced.
    """
    temporary = path.with_name(path.name + ".new")
    previous = private_umask()
    digest = hashlib.sha256()
    size = kept = pruned = 0
    try:
        with temporary.open("wb") as file:
            for data in _blocks(entries):
                digest.update(data.data)
                size += file.write(data.data)
                kept += data.kept
                pruned += data.pruned
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        os.umask(previous)
        temporary.unlink(missing_ok=True)
    return WrittenFile(digest.digest(), size, kept, pruned)


def read_file(
    path: Path, first_row: int = 0, last_row: int | None = None, *, only_eventful: bool = False
) -> Iterator[Entry]:
    """Yield the entries that touch the rows asked for, in order; ``only_eventful``: those that are
    more than a price that passed by (a file whose blocks are one stream gives all).

    Raises SegmentDamagedError, which names the rows that cannot be read, or OSError.
    """
    with path.open("rb") as file:
        struct_of_frame = _frame_after(file.read(len(_MAGIC)))
        while data := file.read(struct_of_frame.size):
            frame = _Frame.read(struct_of_frame, data)
            if last_row is not None and frame.first > last_row:
                return
            if frame.last < first_row:
                file.seek(frame.size + frame.more, os.SEEK_CUR)
                continue
            entries = _entries_in(file, frame, only_eventful=only_eventful)
            begin = bisect_left(entries, first_row, key=_LAST_ROW)
            for entry in entries[begin:]:
                if last_row is not None and entry.row > last_row:
                    return
                yield entry


def sha256_of(path: Path) -> bytes:
    """Return the SHA-256 of a file; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


@dataclass(frozen=True)
class _Written:
    data: bytes
    kept: int
    pruned: int


def _blocks(entries: Iterable[Entry]) -> Iterator[_Written]:
    yield _Written(_MAGIC, 0, 0)
    block: list[Entry] = []
    for entry in entries:
        block.append(entry)
        if len(block) == ROWS_IN_BLOCK:
            yield _frame(block)
            block = []
    if block:
        yield _frame(block)


def _frame(block: list[Entry]) -> _Written:
    streams: tuple[list[Entry], list[Entry]] = ([], [])
    kept = pruned = 0
    for entry in block:
        if isinstance(entry, KeptRow):
            kept += 1
            streams[not is_eventful(entry.body)].append(entry)
        else:
            pruned += entry.last_row - entry.row + 1
            streams[1].append(entry)
    data = [zlib.compress(_encoder.encode(one), _LEVEL, _GZIP) if one else b"" for one in streams]
    frame = _FRAME.pack(len(data[0]), len(data[1]), block[0].row, block[-1].last_row)
    return _Written(frame + b"".join(data), kept, pruned)


class _Frame(NamedTuple):
    """What stands before a block: the sizes of its two streams, its first and last row."""

    size: int
    more: int
    first: int
    last: int

    @classmethod
    def read(cls, struct_of_frame: struct.Struct, data: bytes) -> _Frame:
        if len(data) < struct_of_frame.size:
            raise SegmentDamagedError("is cut short (in the frame of a block)")
        fields = struct_of_frame.unpack(data)
        frame = cls(*fields) if struct_of_frame is _FRAME else cls(fields[0], 0, *fields[1:])
        if frame.size + frame.more > _MAX_BLOCK or frame.last < frame.first:
            raise SegmentDamagedError("is damaged (the frame of a block makes no sense)")
        return frame


def _frame_after(magic: bytes) -> struct.Struct:
    if magic == _MAGIC:
        return _FRAME
    if magic == _OLD_MAGIC:
        return _OLD_FRAME
    raise SegmentDamagedError("does not begin like a segment file")


def _entries_in(file: BinaryIO, frame: _Frame, *, only_eventful: bool) -> tuple[Entry, ...]:
    """Read a block; the stream of the rows that nobody wants is passed over."""
    first, last = frame.first, frame.last
    eventful = _stream(_data(file, frame.size, frame), first, last)
    if not frame.more:
        entries = eventful
    elif only_eventful:
        file.seek(frame.more, os.SEEK_CUR)
        return eventful
    else:
        others = _stream(_data(file, frame.more, frame), first, last)
        entries = tuple(sorted(eventful + others, key=_ROW)) if eventful else others
    if not entries or (entries[0].row, entries[-1].last_row) != (first, last):
        raise SegmentDamagedError(f"is damaged: the block of rows {first} to {last} holds others")
    return entries


def _data(file: BinaryIO, size: int, frame: _Frame) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise SegmentDamagedError(
            f"is cut short (in the block of rows {frame.first} to {frame.last})"
        )
    return data


@lru_cache(maxsize=4)
def _stream(data: bytes, first: int, last: int) -> tuple[Entry, ...]:
    """Return what a stream holds; kept for the next short read, which is often of the same one."""
    if not data:
        return ()
    try:
        return _decoder.decode(zlib.decompress(data, _GZIP))
    except (zlib.error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SegmentDamagedError(
            f"is damaged: rows {first} to {last} cannot be read ({error})"
        ) from error
