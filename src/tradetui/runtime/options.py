"""What a live run is given beside its plan: how to run, and whom to ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tradetui.domain.enums import QueuePolicy
from tradetui.domain.memory import NOTHING_SHOWN, ScreenMemory
from tradetui.domain.recovery import FeedCursor
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.market_data import EdgeCounts
from tradetui.ports.room import DiskRoom
from tradetui.runtime.checkpoints import Aside, PutCheckpoint
from tradetui.runtime.chores import Chore
from tradetui.runtime.client import Audit
from tradetui.runtime.instances import SpecOf
from tradetui.runtime.operator_acts import ReloadInstance
from tradetui.runtime.pump import Committed
from tradetui.runtime.stopping import KeepKillSwitch
from tradetui.runtime.supervisor import Poll

POLL_EVERY_NS: Final = NANOS_PER_SECOND // 2
"""What another process writes holds and shows within a second: the half of it is for doing it."""


async def nothing() -> None:
    """What is polled where there is nothing to poll."""


@dataclass(frozen=True)
class DriverHooks:
    """What the driver asks of its surroundings; ``bootstrap`` connects them.

    ``reconcile`` makes what runs equal to the records (at start, on demand); ``poll`` does it when
    another process wrote to them. Both are given the driver's ``instances`` to carry it out.
    ``stops`` takes kill-switches that came from elsewhere, and keeps those that could not be kept:
    polled apart, as ``poll`` waits while the journal is stalled.
    ``reload`` loads one running instance anew. ``aside`` does what is dear in a thread of its own.
    """

    audit: Audit
    reconcile: Poll
    poll: Poll
    spec_of: SpecOf
    reload: ReloadInstance
    keep_kill_switch: KeepKillSwitch | None = None
    label_of: Callable[[str], str] = str
    on_commit: Committed | None = None
    put_checkpoint: PutCheckpoint | None = None
    aside: Aside = asyncio.to_thread
    stops: Poll = nothing
    room: DiskRoom | None = None
    chore: Chore | None = None
    verify: Chore | None = None
    """Checks the whole journal; done every ``DriverOptions.verify_every_ns``."""


@dataclass(frozen=True)
class DriverOptions:
    """How to run. ``speed`` None in virtual time: as fast as it can be taken.

    ``start_time`` (ns UTC) is the moment of the first event: in virtual time the data's first.
    ``data_hash`` is that of the files of a replay, ``cursor`` its place in them at the start.
    ``group_ns`` is how long steps that nothing outside waits for may wait for the disk together;
    0 makes every slice durable at once.
    """

    account: str
    speed: int | None = None
    playing: bool = True
    start_time: int | None = None
    soft_budget_ns: int = 50_000_000
    hard_budget_ns: int | None = 2 * NANOS_PER_SECOND
    capacity: int = 8_192
    queue_policy: QueuePolicy | None = None
    """What a full queue does with market data in real time; None: as usual in the run's mode."""
    group_ns: int = 0
    data_hash: str = ""
    cursor: FeedCursor | None = None
    poll_every_ns: int = POLL_EVERY_NS
    stop_seconds: float = 10.0
    settle_seconds: float = 3.0
    shown: ScreenMemory = NOTHING_SHOWN
    """What the screens of the run before showed."""
    least_room: int = 0
    """Free bytes on the journal's disk below which no entries are made."""
    verify_every_ns: int = 0
    """Between two checks of the whole journal; 0: none is made."""
    edges: tuple[EdgeCounts, ...] = ()
    """What was put in order, or dropped, between each feed and the queue."""
