"""The console opened over a recorded run, in place of a running engine."""

from __future__ import annotations

import os

from tradetui.backtest.recorded import recorded_run
from tradetui.bootstrap.commands.settings import own_bindings
from tradetui.bootstrap.console.explaining import JournalExplainer
from tradetui.bootstrap.console.opening import check_terminal
from tradetui.bootstrap.console.past_actions import PastActions
from tradetui.bootstrap.console.served import theme_of
from tradetui.bootstrap.console.travel_door import TravelDoor
from tradetui.bootstrap.console.travel_drawing import Drawing
from tradetui.bootstrap.profile.operator import operator
from tradetui.bootstrap.profile.places import own_themes
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.cli.wiring import JournalPart, RunOptions
from tradetui.domain.ids import RunId
from tradetui.ports.kept_steps import gone_text
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.travel.errors import PlaceGoneError
from tradetui.runtime.travel.traveller import Traveller
from tradetui.services.errors import UserError
from tradetui.tui.app import ConsoleApp
from tradetui.tui.link import LinkDriver


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
