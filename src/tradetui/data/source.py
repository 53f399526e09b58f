"""Bytes to frames of text: plain and gzipped CSV in blocks, Parquet in slices.

A file is never held whole as text: a block of a few megabytes is cut at a line end, split into
columns, parsed and dropped.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from tradetui.data.problems import DataError
from tradetui.domain.text import printable

if TYPE_CHECKING:
    import polars as pl

_BLOCK: Final = 4 << 20
_MAX_HEADER: Final = 64 << 10
_MAX_LINE: Final = 1 << 20
_MAX_BYTES: Final = 8 << 30
"""Of text, unpacked: a guard against files that unpack without end."""

_PARQUET_ROWS: Final = 100_000
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Frame:
    """Some rows as text; ``first_line`` is the line of the first (Parquet: its row plus 2)."""

    first_line: int
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: its header, its notes, and its rows."""

    path: Path
    header: tuple[str, ...]
    notes: tuple[str, ...]
    is_parquet: bool

    def frames(self, columns: list[int]) -> Iterator[Frame]:
        """Yield the rows, only the columns asked for, named by their index, every cell text."""
        if self.is_parquet:
            return _parquet_frames(self.path, self.header, columns)
        return _csv_frames(self.path, len(self.header), columns)


def open_source(path: Path) -> Source:
    """Look at the start of a file: which form it has, and its header."""
    label = printable(str(path))
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as e:
        raise DataError(f"{label}: {e.strerror or e}; check the name and its permissions") from e
    if not magic:
        raise DataError(f"{label}: the file is empty; copy it again")
    if magic == b"PAR1":
        return Source(path, _parquet_header(path), (), True)
    return _open_csv(path, label)


def _open_csv(path: Path, label: str) -> Source:
    with _reader(path) as file:
        line = _read(file, label, _MAX_HEADER, line=1, by_line=True)
    if not line.strip():
        raise DataError(f"{label}: line 1 is empty; put the header first")
    notes: tuple[str, ...] = ()
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{label}: the text is UTF-16; save it as UTF-8")
    if line.startswith(_BOM):
        line, notes = line.removeprefix(_BOM), ("a byte order mark was skipped",)
    if b"\0" in line or (not line.endswith(b"\n") and len(line) >= _MAX_HEADER):
        raise DataError(
            f"{label}: this is not a text file; give a CSV, gzipped CSV or Parquet file"
        )
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as e:
        raise DataError(
            f"{label}: line 1 is not UTF-8 text; give a CSV, gzipped CSV or Parquet file"
        ) from e
    return Source(path, tuple(cell.strip().strip('"') for cell in text.split(",")), notes, False)


def _reader(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_gzip else path.open("rb")


def _read(file: IO[bytes], label: str, size: int, *, line: int, by_line: bool = False) -> bytes:
    try:
        return file.readline(size) if by_line else file.read(size)
    except EOFError as e:
        raise DataError(
            f"{label}: the gzip data end early, after line {line:,}; copy the file again"
        ) from e
    except (gzip.BadGzipFile, zlib.error) as e:
        raise DataError(
            f"{label}: the gzip data are damaged after line {line:,} ({e}); copy the file again"
        ) from e
    except OSError as e:
        raise DataError(f"{label}: cannot be read ({e.strerror or e}); check the disk") from e


def _csv_frames(path: Path, width: int, columns: list[int]) -> Iterator[Frame]:
    label = printable(str(path))
    with _reader(path) as file:
        _read(file, label, _MAX_HEADER, line=1, by_line=True)
        line, rest, total = 2, b"", 0
        while True:
            data = _read(file, label, _BLOCK, line=line)
            total += len(data)
            if total > _MAX_BYTES:
                raise DataError(
                    f"{label}: more than {_MAX_BYTES >> 30} GiB of text; split the file"
                )
            cut = data.rfind(b"\n") + 1 if data else 0
            block, rest = (rest + data[:cut], data[cut:]) if data else (rest, b"")
            if data and not cut:
                block, rest = b"", block + rest
            if len(rest) > _MAX_LINE:
                raise DataError(f"{label}: line {line:,} has no end; this is not a CSV file")
            if block:
                yield Frame(line, _split(label, block, line, width, columns))
                line += block.count(b"\n")
            if not data:
                return


def _split(label: str, block: bytes, line: int, width: int, columns: list[int]) -> pl.DataFrame:
    """Split a block into columns of text; a row with more cells than the header is refused by
    line.
    """
    import polars as pl

    if b"\0" in block:
        at = line + block[: block.index(b"\0")].count(b"\n")
        raise DataError(f"{label}: line {at:,}: binary data in a text file; copy the file again")
    names = ",".join(str(index) for index in range(width)).encode()
    try:
        return pl.read_csv(
            names + b"\n" + block.replace(b'"', b""),
            infer_schema=False,
            columns=[str(index) for index in columns],
            quote_char=None,
        )
    except pl.exceptions.PolarsError as e:
        raise DataError(f"{label}: {_why(block, line, width)}") from e


def _why(block: bytes, line: int, width: int) -> str:
    """Find the line that polars would not take."""
    for number, row in enumerate(block.split(b"\n"), start=line):
        try:
            row.decode("utf-8")
        except UnicodeDecodeError:
            return f"line {number:,}: not UTF-8 text; save the file as UTF-8"
        if row.count(b",") >= width:
            return (
                f"line {number:,}: {row.count(b',') + 1} cells, the header has {width}; "
                "mend the line"
            )
    return f"after line {line:,}: the rows cannot be split into {width} columns; mend the lines"


def _parquet_header(path: Path) -> tuple[str, ...]:
    import polars as pl

    try:
        return tuple(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as e:
        raise DataError(
            f"{printable(str(path))}: not a readable Parquet file "
            f"({printable(str(e), 120)}); copy it again"
        ) from e


def _parquet_frames(path: Path, header: tuple[str, ...], columns: list[int]) -> Iterator[Frame]:
    import polars as pl

    names = [header[index] for index in columns]
    try:
        frame = pl.read_parquet(path, columns=names)
    except (pl.exceptions.PolarsError, OSError) as e:
        raise DataError(
            f"{printable(str(path))}: not a readable Parquet file "
            f"({printable(str(e), 120)}); copy it again"
        ) from e
    for start in range(0, frame.height, _PARQUET_ROWS):
        part = frame.slice(start, _PARQUET_ROWS)
        cells = {
            str(index): _as_text(part[name]) for index, name in zip(columns, names, strict=True)
        }
        yield Frame(start + 2, pl.DataFrame(cells))


def _as_text(series: pl.Series) -> pl.Series:
    """Write a Parquet column as text: a double as its shortest decimal, a moment as ns."""
    import polars as pl

    if series.dtype.is_temporal():
        return series.cast(pl.Datetime("ns")).cast(pl.Int64).cast(pl.String)
    if series.dtype.is_float():
        texts = [None if value is None else repr(value) for value in series.to_list()]
        return pl.Series(series.name, texts, pl.String)
    return series.cast(pl.String)
