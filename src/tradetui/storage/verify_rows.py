"""Walking a journal's runs and rows once, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from tradetui.domain.codec import GENESIS, chain, decode_header, decode_step
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.domain.units import I64_MAX
from tradetui.storage.journal_rows import fill_rows, instrument_row
from tradetui.storage.row_source import RowSource
from tradetui.storage.segment_file import Entry, KeptRow

_PROJECTED_AT_ONCE: Final = 2_000


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written: a sentence, and where, as far as that is known."""

    what: str
    run_id: str = ""
    seq_id: int | None = None
    row: int | None = None


@dataclass(frozen=True)
class Anchor:
    """The hash of the chain at a row, from a checkpoint: what comes before need not be checked."""

    row: int
    hash: bytes


class EnoughError(Exception):
    """So many faults were found that the check stops."""


@dataclass
class Faults:
    """What was found, up to ``most``."""

    most: int
    found: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Take a fault; raises EnoughError when it is the last one wanted."""
        self.found.append(fault)
        if len(self.found) >= self.most:
            raise EnoughError


@dataclass(frozen=True)
class _Run:
    run: int
    run_id: str
    header: bytes
    hash: bytes
    seal: bytes
    first_row: int
    ended_how: str
    last_seq_id: int | None
    last_hash: bytes | None


class _Projection:
    """The rows of a table that is made from steps, handed out step by step."""

    def __init__(self, source: RowSource, columns: str, table: str, order: str) -> None:
        self._source = source
        self._sql = f"SELECT {columns} FROM {table} WHERE row >= ? ORDER BY {order} LIMIT ?"
        self._rows: list[Any] = []
        self._next = 0
        self._is_done = False

    def start(self, row: int) -> None:
        """Begin at a row."""
        self._rows, self._next, self._is_done = [], row, False

    def upto(self, row: int) -> list[Any]:
        """Return all rows not handed out yet that belong to ``row`` or before."""
        if not self._is_done and row >= self._next:
            self._fetch(row)
        taken = 0
        for found in self._rows:
            if found[0] > row:
                break
            taken += 1
        result, self._rows = self._rows[:taken], self._rows[taken:]
        return result

    def _fetch(self, row: int) -> None:
        while not self._is_done and self._next <= row:
            limit = _PROJECTED_AT_ONCE
            rows = self._source.query(self._sql, self._next, limit)
            while len(rows) == limit and rows[0][0] == rows[-1][0]:  # one step alone is longer
                limit *= 2
                rows = self._source.query(self._sql, self._next, limit)
            self._is_done = len(rows) < limit
            if not self._is_done:
                last = rows[-1][0]
                rows = [found for found in rows if found[0] < last]
                self._next = last
            self._rows += rows


class RowChecker:
    """Checks the runs and, in each, the rows; counts what it has seen."""

    def __init__(self, source: RowSource, faults: Faults) -> None:
        self._source = source
        self._faults = faults
        self.runs = 0
        self.rows = 0
        self.pruned = 0
        self._newest = -1
        self._fills = _Projection(
            source,
            "row, place, seq_id, strategy_id, instrument_id, event_time, body",
            "fills",
            "row, place",
        )
        self._instruments = _Projection(
            source, "row, seq_id, instrument_id, body", "instruments", "row"
        )

    def check(self, anchor: Anchor | None = None) -> int:
        """Check everything, or what follows the anchor; return the number of rows checked.

        An engine may write meanwhile: what it adds after the check began is not looked at.
        """
        runs, self._newest = self._begun()
        begin = 0 if anchor is None else anchor.row + 1
        self._fills.start(begin)
        self._instruments.start(begin)
        head = GENESIS
        for number, run in enumerate(runs, start=1):
            self.runs = number
            header = self._check_run(run, number, head)
            end = runs[number].first_row if number < len(runs) else I64_MAX
            head = self._check_steps(run, header, end, anchor)
        self._check_strays(runs, begin)
        return self.rows

    def _begun(self) -> tuple[list[_Run], int]:
        """Return the runs and the number of the newest row, both of one moment."""
        archived = "(SELECT max(last_row) FROM segments)" if self._source.has_segments else "NULL"
        found = self._source.query(
            "SELECT run, run_id, header, hash, seal, first_row, ended_how, last_seq_id, last_hash, "
            f"max(ifnull((SELECT max(row) FROM steps), -1), ifnull({archived}, -1)) "
            "FROM runs ORDER BY run"
        )
        return [_Run(*row[:-1]) for row in found], found[-1][-1] if found else -1

    def _check_run(self, run: _Run, number: int, previous: bytes) -> JournalHeader | None:
        def fault(what: str) -> None:
            self._faults.add(Fault(what, run.run_id))

        if run.run != number:
            fault(f"run {number} is missing (the next one found is {run.run})")
        if run.hash != chain(GENESIS, run.header):
            fault(f"the header of run {run.run_id} was altered")
        if run.seal != chain(previous, run.hash):
            fault(
                f"run {run.run_id} does not follow the run before it: rows at that run's end are "
                "missing or were altered"
            )
        try:
            header = decode_header(run.header)
        except msgspec.MsgspecError as error:
            fault(f"the header of run {run.run_id} cannot be read ({error})")
            return None
        if header.run_id != run.run_id:
            fault(f"the header of run {run.run_id} is that of run {header.run_id}")
        return header

    def _check_steps(
        self, run: _Run, header: JournalHeader | None, end: int, anchor: Anchor | None
    ) -> bytes:
        """Check one run's rows after the anchor; return the hash that the next run builds on."""
        opening = header.opening_seq if header is not None else 0
        if anchor is not None and end - 1 <= anchor.row:
            return run.last_hash if run.last_hash is not None else run.hash
        walk = _Walk(run, opening, run.first_row, (run.hash,))
        if anchor is not None and anchor.row >= run.first_row:
            self._check_anchor(run, opening, anchor)
            walk.row, walk.heads = anchor.row + 1, (anchor.hash,)
        for entry in self._source.entries(walk.row, min(end, self._newest + 1)):
            self._check_entry(walk, entry)
        return self._check_end(walk)

    def _check_anchor(self, run: _Run, opening: int, anchor: Anchor) -> None:
        """Compare the anchor with its row, if that is not archived yet."""
        rows = self._source.query("SELECT hash FROM steps WHERE row = ?", anchor.row)
        if rows and rows[0][0] != anchor.hash:
            seq_id = opening + anchor.row - run.first_row + 1
            self._faults.add(
                Fault(
                    f"step {seq_id} of run {run.run_id} (row {anchor.row}) is not the one that its "
                    "checkpoint was made at",
                    run.run_id,
                    seq_id,
                    anchor.row,
                )
            )

    def _check_entry(self, walk: _Walk, entry: Entry) -> None:
        if entry.row != walk.row or entry.seq_id != walk.seq_id:
            self._faults.add(walk.misplaced(entry.row, entry.seq_id))
            walk.row, walk.heads = entry.row, ()
        if isinstance(entry, KeptRow):
            self._check_row(walk, entry)
        else:
            self.pruned += entry.last_row - entry.row + 1
            if self._fills.upto(entry.last_row) or self._instruments.upto(entry.last_row):
                self._faults.add(
                    walk.fault("the fills of step {seq} of run {run} (row {row}) differ")
                )
            walk.row, walk.heads = entry.last_row + 1, (entry.hash,)

    def _check_row(self, walk: _Walk, entry: KeptRow) -> None:
        reached = tuple(chain(head, entry.body) for head in walk.heads)
        if reached and entry.hash not in reached:
            self._faults.add(
                walk.fault("step {seq} of run {run} (row {row}) was altered or is out of order")
            )
            # Either the body or the hash is what was altered: the next row tells.
            walk.heads = (entry.hash, *reached)
        else:
            walk.heads = (entry.hash,)
        self._check_body(walk, entry)
        walk.row += 1
        self.rows += 1

    def _check_body(self, walk: _Walk, entry: KeptRow) -> None:
        fills, instruments = self._fills.upto(entry.row), self._instruments.upto(entry.row)
        try:
            record = decode_step(entry.body)
        except msgspec.MsgspecError as error:
            what = str(error).replace("{", "(").replace("}", ")")
            self._faults.add(walk.fault(f"step {{seq}} of run {{run}} cannot be read ({what})"))
            return
        seq_id = record.event.seq_id
        if seq_id != walk.seq_id:
            self._faults.add(
                walk.fault(f"row {{row}} of run {{run}} holds step {seq_id}, not {{seq}}")
            )
        if fills != fill_rows(entry.row, record):
            self._faults.add(walk.fault("the fills of step {seq} of run {run} (row {row}) differ"))
        if instruments != _instrument_rows(entry.row, record):
            self._faults.add(
                walk.fault("the instrument of step {seq} of run {run} (row {row}) differs")
            )

    def _check_end(self, walk: _Walk) -> bytes:
        run = walk.run
        last = walk.seq_id - 1
        head = walk.heads[0] if walk.heads else run.hash
        if run.last_seq_id is None or run.last_hash is None:
            return head
        if run.last_seq_id != last:
            what = (
                f"run {run.run_id} ended at step {run.last_seq_id}, but step {last + 1} is missing"
            )
            self._faults.add(Fault(what, run.run_id, last + 1, walk.row))
        elif run.last_hash not in walk.heads:
            what = f"the end of run {run.run_id} was altered (step {last})"
            self._faults.add(Fault(what, run.run_id, last, walk.row - 1))
            return head
        return run.last_hash

    def _check_strays(self, runs: list[_Run], begin: int) -> None:
        """Find rows that no run or no step accounts for."""
        first = runs[0].first_row if runs else I64_MAX
        archived = (
            "AND NOT EXISTS (SELECT 1 FROM segments WHERE fills.row BETWEEN first_row AND last_row)"
            if self._source.has_segments
            else ""
        )
        rows = self._source.query(
            "SELECT row FROM steps WHERE row < ? UNION ALL SELECT row FROM fills "
            f"WHERE row >= ? AND row NOT IN (SELECT row FROM steps) {archived} LIMIT 1",
            first,
            begin,
        )
        if rows:
            row = rows[0][0]
            self._faults.add(Fault(f"row {row} belongs to no run or to no step", row=row))


@dataclass
class _Walk:
    """Where the check is in a run: the row that comes next, and the hashes it may build on."""

    run: _Run
    opening: int
    row: int
    heads: tuple[bytes, ...]

    @property
    def seq_id(self) -> int:
        """The seq_id of the row that comes next."""
        return self.opening + self.row - self.run.first_row + 1

    def fault(self, what: str) -> Fault:
        """Return a fault of the row that comes next."""
        text = what.format(seq=self.seq_id, run=self.run.run_id, row=self.row)
        return Fault(text, self.run.run_id, self.seq_id, self.row)

    def misplaced(self, found: int, seq_id: int) -> Fault:
        """Return the fault of a row that is not there, or in another's place."""
        if found != self.row:
            return self.fault("step {seq} of run {run} (row {row}) is missing")
        return self.fault(
            f"row {{row}} of run {{run}} holds step {seq_id}, not {{seq}}: out of order"
        )


def _instrument_rows(row: int, record: StepRecord) -> list[tuple[Any, ...]]:
    if type(record.event.payload) is InstrumentUpdated:
        return [instrument_row(row, record)]
    return []
