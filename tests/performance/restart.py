"""Restart to ready: a journal of a million steps, the last ten thousand behind the checkpoint."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.performance.figures import Figure

from tradetui.adapters.synthetic.client import SyntheticClient
from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.profile import profile_for
from tradetui.bootstrap.run.engine import engine, header_of, run_id_at, venue_of
from tradetui.bootstrap.run.feeds import Opened
from tradetui.cli.wiring import Place, RunOptions
from tradetui.config.domain_records import first_records, instance_limits, kernel_config
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import AccountId, ClientId, StrategyId, instrument_id
from tradetui.domain.units import NANOS_PER_DAY
from tradetui.engine.assembly import RunPlan
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.engine.session import Session
from tradetui.runtime.checkpoints import EVERY_STEPS, Checkpointer
from tradetui.storage.journal import SqliteJournal
from tradetui.strategy.schema import validate

STEPS: Final = 1_000_000
SUFFIX: Final = 10_000
TARGET: Final = 5.0
"""Seconds."""
_GROUP: Final = 5_000


@dataclass(frozen=True)
class Restart:
    """What one restart took, in seconds, and what it found."""

    seconds: float
    to_run: float
    notes: tuple[str, ...]


async def write_journal(state: Path, steps: int, suffix: int) -> None:
    """Run the demo's engine at full speed on the made-up market, and cut it off like a crash."""
    profile = profile_for(RunOptions(place=Place(state=state), demo=True))
    began = time.time_ns() - 3 * NANOS_PER_DAY
    config = kernel_config(profile.config, run_id_at(began))
    catalogue = LoaderCatalogue(profile.strategy_folders)
    venue = venue_of(profile)
    feed = SyntheticClient(seed=7, start=began, silences=False)
    header = header_of(config, catalogue, 7, began, venue, Opened((feed,)))
    journal = await SqliteJournal.open(state, header)
    plan = RunPlan(config, header.run_code, 7, venue)
    session = Session.of(plan, is_virtual=False, sink=journal, is_journalled=True)
    loop = session.start()
    loop.now = began
    for instrument in feed.instruments():
        session.add_instrument(instrument)
    for record in first_records(profile.config):
        if record.mode is InstanceMode.OFF:
            continue
        loaded = catalogue.loader.load(record.strategy_type)
        values, _ = validate(loaded.strategy_class.CONFIG_SCHEMA, {})
        spec = InstanceSpec(
            record.strategy_id,
            record.strategy_type,
            record.account,
            AccountId(record.account),
            ClientId("bench"),
            instrument_id(record.market, feed.instruments()[0].venue),
            record.mode,
            instance_limits(profile.config, StrategyId(record.strategy_id)),
            values,
            file_hash=loaded.file_hash,
        )
        loop.load_instance(spec, loaded.strategy_class)
    checkpointer = Checkpointer(loop, journal, header, journal.put_checkpoint)
    written = 0
    for number, item in enumerate(feed.iter_items()):
        loop.advance(item.event_time)
        loop.ingest(item, item.event_time)
        if number % _GROUP == 0:
            await journal.commit()
        seq_id = loop.kernel.state.seq_id
        if written < steps - suffix <= seq_id or written + EVERY_STEPS <= seq_id < steps - suffix:
            written = seq_id
            await checkpointer.write(checkpointer.take())
        if seq_id >= steps:
            break
    await journal.commit()
    await journal.abandon()


async def restart(state: Path) -> Restart:
    """Start the engine on the folder, until prices come in; then crash it again."""
    options = RunOptions(place=Place(state=state), demo=True)
    began = time.perf_counter()
    profile = profile_for(options)
    async with engine(profile, options, state) as running:
        to_run = time.perf_counter() - began
        await running.driver.start()
        seconds = time.perf_counter() - began
        notes = running.notes
        await running.driver.stop()
    return Restart(seconds, to_run, notes)


def measure(*, steps: int = STEPS, suffix: int = SUFFIX) -> list[Figure]:
    """Write the journal, then restart on a copy of it, three times; return the best."""
    found = []
    with tempfile.TemporaryDirectory(prefix="tradetui-restart-") as folder:
        state = Path(folder) / "state"
        state.mkdir(mode=0o700)
        asyncio.run(write_journal(state, steps, suffix))
        size = sum(path.stat().st_size for path in state.iterdir())
        for number in range(3):
            copy = Path(folder) / f"copy-{number}"
            shutil.copytree(state, copy)
            found.append(asyncio.run(restart(copy)))
            shutil.rmtree(copy)
    best = min(found, key=lambda one: one.seconds)
    note = (
        f"s, {steps:,} steps, {size / 1e6:,.0f} MB; run begun after {best.to_run:.2f} s; "
        + next((text for text in best.notes if text.startswith("goes on")), "NOTHING WAS CARRIED")
    )
    return [
        Figure(
            "restart", best.seconds * 1_000, "ms to ready", None, note, f"<= {TARGET * 1e3:,.0f}"
        )
    ]
