"""Edge and core live in one event loop, on one thread; nothing of the core runs anywhere else."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from tradetui.bootstrap.profile.profile import profile_for
from tradetui.bootstrap.run.engine import engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.core.kernel import Kernel

ROWS = "ts_ms,open,high,low,close,volume\n" + "".join(
    f"{1_600_000_000_000 + i * 60_000},{100 + i % 9},{103 + i % 9},{98 + i % 9},{101 + i % 9},5\n"
    for i in range(300)
)


async def test_every_core_call_is_on_the_loop_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[int, int] = {}
    loops: dict[int, None] = {}
    real = Kernel.apply_event

    def watched(self: Kernel, envelope: Any) -> Any:
        threads[threading.get_ident()] = threads.get(threading.get_ident(), 0) + 1
        loops[id(asyncio.get_running_loop())] = None
        return real(self, envelope)

    monkeypatch.setattr(Kernel, "apply_event", watched)
    bars = tmp_path / "BTC_USD-1m.csv"
    bars.write_text(ROWS)
    options = RunOptions(Place(), demo=True, replay=(bars,), until_end=True)
    async with engine(profile_for(options), options, tmp_path / "state") as running:
        await running.driver.start()
        await running.driver.run_until_end()
    assert list(threads) == [threading.main_thread().ident]
    assert list(loops) == [id(asyncio.get_running_loop())]
    assert threads[threading.get_ident()] > 300
