"""What a strategy drew at a step of the past: it is run again up to there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

import msgspec

from tradetui.backtest.errors import PricesGoneError, ReplayError
from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.strategy_files import StrategyFiles
from tradetui.backtest.strategy_rerun import StrategyRerun
from tradetui.bootstrap.profile.profile import Profile
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import UiView
from tradetui.domain.text import printable
from tradetui.engine.loader.strategy_loader import StrategyLoader
from tradetui.ports.journal import JournalError

MAX_RERUN: Final = 200_000
"""So many steps a strategy is run again for its drawing; beyond it that takes too long."""


@dataclass
class Drawing:
    """Runs the strategies of a run again, up to a step, for what they draw."""

    run: RecordedRun
    profile: Profile
    _rerun: StrategyRerun | None = field(default=None, init=False)
    _at: int = field(default=0, init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def draw(self, strategy_id: StrategyId, seq_id: int) -> UiView:
        """Return what an instance drew at a step, or why that cannot be shown."""
        async with self._lock:
            try:
                await asyncio.to_thread(self._reach, seq_id)
            except PricesGoneError:
                self._rerun = None
                text = "it cannot be run again: its first prices are gone (journal.max_size)"
                return UiView(strategy_id, 0, b"[]", text)
            except (ReplayError, JournalError) as error:
                self._rerun = None
                return UiView(strategy_id, 0, b"[]", printable(str(error), 300))
            assert self._rerun is not None
            host = self._rerun.host
            if strategy_id not in host.running_instances:
                return UiView(strategy_id, 0, b"[]", "it did not run then")
            result = host.get_ui(strategy_id)
            widgets = msgspec.json.encode(result.widgets)
            return UiView(strategy_id, result.time, widgets, result.error)

    def _reach(self, seq_id: int) -> None:
        if self._rerun is None or seq_id < self._at:
            self.run.check_begun(seq_id)
            files = StrategyFiles(StrategyLoader(self.profile.strategy_folders))
            self._rerun = StrategyRerun(self.run, files)
            self._at = self.run.first - 1
        if seq_id - self._at > MAX_RERUN:
            raise ReplayError(
                f"its strategy would have to be run again over {seq_id - self._at:,} steps: too far"
            )
        for step in self.run.steps(self._at + 1, seq_id) if seq_id > self._at else ():
            self._rerun.apply(step)
            self._at = step.event.seq_id
