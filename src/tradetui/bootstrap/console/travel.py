"""Time travel: the console over a recorded run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from tradetui.backtest.errors import PricesGoneError, ReplayError
from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.backtest.strategy_files import StrategyFiles
from tradetui.backtest.strategy_rerun import StrategyRerun
from tradetui.bootstrap.commands.settings import own_bindings
from tradetui.bootstrap.console.explaining import JournalExplainer
from tradetui.bootstrap.console.opening import check_terminal
from tradetui.bootstrap.console.served import theme_of
from tradetui.bootstrap.profile.operator import operator
from tradetui.bootstrap.profile.places import own_themes
from tradetui.bootstrap.profile.profile import Profile, profile_at
from tradetui.bootstrap.recorded.journal_part import opened, time_of
from tradetui.cli.wiring import JournalPart, RunOptions
from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import RunId, StrategyId
from tradetui.domain.replica import InstanceView, UiView
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.engine.loader.strategy_loader import StrategyLoader
from tradetui.ports.journal import JournalError
from tradetui.ports.kept_steps import gone_text
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.travel.errors import PlaceGoneError, TravelError
from tradetui.runtime.travel.traveller import Traveller
from tradetui.services.errors import UserError
from tradetui.tui.actions import ConfigDiff, Draft, MarketChoice, StrategyChoice
from tradetui.tui.app import ConsoleApp
from tradetui.tui.link import LinkDriver

MAX_RERUN: Final = 200_000
"""So many steps a strategy is run again for its drawing; beyond it that takes too long."""
_REFUSED: Final = CommandReply(False, "this is a recorded run: nothing acts in the past")


async def open_travel(options: RunOptions, part: JournalPart) -> int:
    """Open the console on a recorded run until a person leaves it; return the exit code.

    Raises UserError for a place to begin at that is none, or that can be made no more.
    """
    check_terminal(os.environ, "`tradetui replay --steps` tells the run")
    profile = profile_at(options.place)
    with opened(options.place, part.path) as reader:
        run = recorded_run(reader, part.run)
        drawing = Drawing(run, profile)
        traveller = Traveller(reader, RunId(run.header.run_id), SystemClock(), draw=drawing.draw)
        door = TravelDoor(traveller)
        try:
            await door.begin(part.first or str(traveller.last))
        except PlaceGoneError as error:
            raise UserError(gone_text(reader, run.header, "--at")) from error
        app = ConsoleApp(
            traveller,
            PastActions(),
            _leave,
            theme=theme_of(profile, options, ""),
            theme_folders=(own_themes(),),
            bindings=own_bindings(),
            actor=operator(),
            ascii_only=options.ascii_only or profile.config.ui.ascii,
            frames_per_second=options.frames_per_second or profile.config.ui.fps,
            driver_class=LinkDriver,
            slow_link=options.slow_link,
            explainer=JournalExplainer(options.place, JournalPart(part.path, run.header.run_id)),
            travel=door,
        )
        try:
            await app.run_async(mouse=options.mouse)
        finally:
            await traveller.close()
        return app.return_code or 0


async def _leave(_: bool | None) -> None:
    """Nothing runs that would have to be ended."""


class TravelDoor:
    """Implements ``tui.actions.Travel``: what goes wrong becomes a sentence."""

    def __init__(self, traveller: Traveller) -> None:
        self._traveller = traveller

    async def begin(self, text: str) -> None:
        """Go to where a person wants to begin.

        Raises UserError for what is no place, PlaceGoneError for one that cannot be gone to. One
        that comes out otherwise than recorded can be looked at all the same.
        """
        try:
            await self._to(text)
        except PlaceGoneError:
            raise
        except (TravelError, JournalError):
            return

    async def move(self, steps: int) -> str:
        """Go some steps on, or back."""
        return await self._tried(self._traveller.move(steps))

    async def next_act(self) -> str:
        """Go to the next step in which something was done."""
        return await self._tried(self._traveller.next_act())

    async def previous_act(self) -> str:
        """Go back to the step before in which something was."""
        return await self._tried(self._traveller.previous_act())

    async def go_to(self, text: str) -> str:
        """Go to a step, a time, a time of the day, or the next step of an order or trade."""
        return await self._tried(self._to(text))

    def changed(self) -> tuple[str, ...]:
        """Return what the step changed."""
        return self._traveller.changed()

    async def _tried(self, move: Awaitable[str | None]) -> str:
        try:
            return await move or ""
        except (TravelError, JournalError, UserError) as error:
            return str(error)

    async def _to(self, text: str) -> str:
        digits = text.replace(",", "")
        if digits.isascii() and digits.isdigit():
            return await self._traveller.seek(int(digits[:18]))
        try:
            moment = time_of_day(text)
            if moment is None:
                moment = time_of(text, "at")
        except UserError as error:
            named = await self._traveller.to_named(text.strip())
            if named is None:
                also = "or an order or a trade of this run by its id"
                raise UserError(f"{error}; {also}") from error
            return named
        return await self._traveller.at_time(moment)


def time_of_day(text: str) -> int | None:
    """Return ``14:30`` or ``14:30:07`` as ns of the day, None for what is no time of day."""
    parts = text.split(":")
    if len(parts) not in (2, 3) or not all(p.isascii() and p.isdigit() for p in parts):
        return None
    numbers = [int(part[:4]) for part in parts] + [0]
    hours, minutes, seconds = numbers[:3]
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return (hours * 3600 + minutes * 60 + seconds) * NANOS_PER_SECOND


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


class PastActions:
    """Implements ``tui.actions.Actions`` where nothing can be done any more."""

    async def set_mode(
        self,
        strategy_id: StrategyId,
        mode: InstanceMode,
        *,
        seen_revision: int,
        seen_state: InstanceState,
        keep_orders: bool = False,
    ) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def create(self, draft: Draft) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def delete(self, strategy_id: StrategyId, *, seen_revision: int) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def restore(self, strategy_id: StrategyId) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def set_config(
        self, strategy_id: StrategyId, config_json: str, *, seen_revision: int
    ) -> CommandReply:
        """Refuse."""
        return _REFUSED

    async def check_config(
        self,
        strategy_type: str,
        old_json: str,
        new_json: str,
        strategy_id: StrategyId | None = None,
    ) -> ConfigDiff:
        """Say that nothing changes."""
        return ConfigDiff(new_json, problems=(_REFUSED.text,))

    async def reload_facts(self, row: InstanceView) -> tuple[tuple[str, str], ...]:
        """Say that nothing is loaded."""
        return (("", _REFUSED.text),)

    async def schema(self, strategy_type: str) -> Mapping[str, Mapping[str, Any]]:
        """Return nothing to edit."""
        return {}

    async def strategies(self) -> tuple[StrategyChoice, ...]:
        """Return nothing to choose from."""
        return ()

    async def markets(self) -> tuple[MarketChoice, ...]:
        """Return nothing to choose from."""
        return ()

    async def remember(self, name: str, body: Mapping[str, Any]) -> str:
        """Let go: what is chosen here holds as long as one looks."""
        return ""

    async def recall(self, name: str) -> Mapping[str, Any] | None:
        """Return nothing."""
        return None

    async def layouts(self) -> tuple[str, ...]:
        """Return none."""
        return ()

    async def forget_layout(self, name: str) -> bool:
        """Return that there was none."""
        return False

    def limits(self, strategy_id: StrategyId) -> tuple[str, ...]:
        """Return nothing to say."""
        return ()
