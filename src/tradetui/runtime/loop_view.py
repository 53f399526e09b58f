"""What screens are drawn from: a running step loop, or a recorded run at some step."""

from __future__ import annotations

from typing import Protocol

from tradetui.core.kernel import Kernel
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.host import StrategyHost


class LoopView(Protocol):
    """The readable side of a step loop. ``now`` is ns UTC."""

    @property
    def kernel(self) -> Kernel: ...
    @property
    def host(self) -> StrategyHost: ...
    @property
    def schedule(self) -> HeartbeatSchedule: ...
    @property
    def now(self) -> int: ...
