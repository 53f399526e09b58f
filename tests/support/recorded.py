"""Recorded runs for tests of replays: a session's steps as the journal would give them back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tradetui.core.venue.models import settings_json
from tradetui.domain.codec import decode_step, encode, encode_step
from tradetui.domain.enums import Source
from tradetui.domain.eventful import is_eventful
from tradetui.domain.ids import RunId
from tradetui.domain.steps import JournalHeader, KernelConfig, StepRecord
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings
from tradetui.ports.history import RunInfo
from tradetui.ports.journal import CheckpointInfo, JournalError, JournalPrunedError
from tradetui.strategy import Strategy


class RecordedSource:
    """Implements ``ports.journal.JournalSource`` on lists; steps go through the codec."""

    def __init__(self) -> None:
        self.headers: dict[RunId, JournalHeader] = {}
        self.rows: dict[RunId, list[bytes]] = {}
        self.bodies: dict[tuple[RunId, int], bytes] = {}
        self.ended: dict[RunId, str] = {}
        self.pruned: dict[RunId, int] = {}
        """Up to these steps, prices that nothing came of are gone."""

    def add(
        self, header: JournalHeader, steps: list[StepRecord], ended: str = "clean"
    ) -> RecordedSource:
        self.headers[header.run_id] = header
        self.rows[header.run_id] = [encode(step) for step in steps]
        self.ended[header.run_id] = ended
        return self

    def runs(self) -> tuple[RunInfo, ...]:
        return tuple(
            RunInfo(key, one.created_time, None, self.ended[key], self._last(key), "")
            for key, one in self.headers.items()
        )

    def header(self, run_id: RunId) -> JournalHeader:
        return self.headers[run_id]

    def opening(self, run_id: RunId) -> bytes | None:
        header = self.headers[run_id]
        return self.checkpoint(run_id, header.opening_seq) if header.opening_hash else None

    def steps(self, run_id: RunId, first: int = 1, last: int | None = None) -> Iterator[StepRecord]:
        for step in self._all(run_id, first, last):
            if self._is_gone(run_id, step):
                raise JournalPrunedError(f"step {step.event.seq_id} of run {run_id} is gone")
            yield step

    def _is_gone(self, run_id: RunId, step: StepRecord) -> bool:
        is_old = step.event.seq_id <= self.pruned_to(run_id)
        return is_old and not is_eventful(encode_step(step))

    def _all(self, run_id: RunId, first: int, last: int | None) -> Iterator[StepRecord]:
        begin = self.headers[run_id].opening_seq
        rows = self.rows[run_id][max(first - begin - 1, 0) :]
        for body in rows:
            step = decode_step(body)
            if last is not None and step.event.seq_id > last:
                return
            yield step

    def eventful(
        self, run_id: RunId, first: int = 1, last: int | None = None
    ) -> Iterator[StepRecord]:
        return (step for step in self._all(run_id, first, last) if is_eventful(encode_step(step)))

    def acts(self, run_id: RunId, first: int = 1, last: int | None = None) -> Iterator[StepRecord]:
        for step in self._all(run_id, first, last):
            if step.event.source is Source.CONTROL:
                yield step

    def step(self, seq_id: int, run_id: RunId | None = None) -> StepRecord:
        for key in [run_id] if run_id is not None else list(self.headers)[::-1]:
            for step in self.steps(key, seq_id, seq_id):
                return step
        raise JournalError(f"no step {seq_id}")

    def pruned_to(self, run_id: RunId) -> int:
        return self.pruned.get(run_id, 0)

    def checkpoints(self, run_id: RunId) -> tuple[CheckpointInfo, ...]:
        return tuple(
            CheckpointInfo(run_id, seq_id, seq_id, 0, "", "", len(body))
            for (key, seq_id), body in sorted(self.bodies.items())
            if key == run_id
        )

    def checkpoint(self, run_id: RunId, seq_id: int) -> bytes:
        return self.bodies[run_id, seq_id]

    def close(self) -> None:
        return None

    def _last(self, run_id: RunId) -> int:
        return self.headers[run_id].opening_seq + len(self.rows[run_id])


class Classes:
    """A loader of strategy classes by name; the hash of a class is what is given."""

    def __init__(self, hashes: dict[str, str] | None = None, **classes: type[Strategy]) -> None:
        self.classes = classes
        self.hashes = hashes or {}

    def load(self, name: str) -> Any:
        return _Loaded(self.classes[name], self.hashes.get(name, ""))


class _Loaded:
    def __init__(self, strategy_class: type[Strategy], file_hash: str) -> None:
        self.strategy_class = strategy_class
        self.file_hash = file_hash


def header_of(session: Session, *, created_time: int = 0) -> JournalHeader:
    """Return the header of a session's journal."""
    return header(session.loop.kernel.state.config, session.settings, created_time=created_time)


def header(
    config: KernelConfig, settings: SessionSettings, *, created_time: int = 0, **more: Any
) -> JournalHeader:
    return JournalHeader(
        1,
        config.run_id,
        config.run_mode,
        (),
        "",
        config,
        (),
        settings.seed,
        created_time,
        run_code=settings.run_code,
        venue=settings_json(settings.venue),
        is_virtual=settings.is_virtual,
        **more,
    )
