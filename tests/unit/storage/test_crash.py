"""kill -9 while writing: whatever was acknowledged is there, and nothing is half there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tradetui.domain.enums import InstanceMode, RunMode
from tradetui.domain.steps import JournalHeader
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.reader import JournalReader

WRITER = """
import asyncio, sys
from pathlib import Path
from tradetui.domain.enums import InstanceMode, RunMode, Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.codec import decode_header
from tradetui.domain.ids import ExecutionId, InstrumentId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.steps import StepRecord, StepResult
from tradetui.domain.timers import Heartbeat
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal

async def main():
    folder = Path(sys.argv[1])
    header = decode_header(bytes.fromhex(sys.argv[2]))
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    journal = await SqliteJournal.open(folder, header)
    number = 0
    while True:
        for _ in range(3):
            number += 1
            event = Envelope(number, number, number, Source.TIMER, "", InstrumentId(""),
                             "Heartbeat", Heartbeat(number, ()))
            journal.append(StepRecord(event, (), (), (), StepResult()))
        await journal.commit()
        print("steps", number, flush=True)
        name = StrategyId(f"i{number}")
        made = await store.create(InstanceRecord(name, "grid", ExecutionId("paper/main"),
                                                 "BTC/USDT", InstanceMode.OFF, "{}"), "op")
        await store.set_mode(name, InstanceMode.OBSERVE, seen_revision=made.revision, actor="op")
        print("on", name, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 2, 7, 20, 41])
async def test_nothing_acknowledged_is_lost(
    folder: Path, make_header: Callable[..., JournalHeader], lines: int
) -> None:
    from tradetui.domain.codec import encode

    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), encode(make_header()).hex()],
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.readlines()
    steps = [int(line.split()[1]) for line in said if line.startswith("steps")]
    names = [line.split()[1] for line in said if line.startswith("on")]
    assert steps

    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    modes = {record.strategy_id: record.mode for record in await store.records()}
    await store.close()
    assert all(modes[name] is InstanceMode.OBSERVE for name in names)
    assert set(modes) <= {*names, f"i{steps[-1]}"}

    journal = await SqliteJournal.open(folder, make_header("r2"))
    assert journal.quarantine is None
    with JournalReader(folder) as reader:
        first = reader.runs()[0]
    await journal.close()
    assert first.ended_how == "crashed"
    assert steps[-1] <= first.steps <= steps[-1] + 3
    assert first.steps % 3 == 0


async def test_a_task_group_that_fails_leaves_the_commit_whole(
    folder: Path, make_header: Callable[..., JournalHeader], make_step: Callable[..., object]
) -> None:
    journal = await SqliteJournal.open(folder, make_header())
    journal.append(make_step(1))  # type: ignore[arg-type]

    async def fail() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("elsewhere")

    with pytest.raises(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(journal.commit())
            group.create_task(fail())
    assert await journal.commit() == 1
    await journal.close()
