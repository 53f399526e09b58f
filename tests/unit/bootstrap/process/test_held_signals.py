"""Signals that wait through a start."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tradetui.bootstrap.process.held_signals import HELD_SIGNALS, release_signals


@pytest.fixture
def came(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The signals that reached the program."""
    came: list[int] = []
    before = {
        one: signal.signal(one, lambda number, _: came.append(number)) for one in HELD_SIGNALS
    }
    yield came
    release_signals()
    for one, handler in before.items():
        signal.signal(one, handler)


def test_what_asks_a_program_to_end_waits(came: list[int]) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD_SIGNALS)
    for one in HELD_SIGNALS:
        signal.raise_signal(one)
    assert came == []
    release_signals()
    assert sorted(came) == sorted(HELD_SIGNALS)


def test_an_interrupt_never_waits() -> None:
    assert signal.SIGINT not in HELD_SIGNALS
