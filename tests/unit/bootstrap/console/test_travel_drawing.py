"""What a strategy drew in the past: it is run again for it, unless that takes too long."""

from __future__ import annotations

import pytest

from tradetui.backtest.recorded import RecordedRun
from tradetui.bootstrap.console import travel_drawing
from tradetui.bootstrap.console.travel_drawing import Drawing
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.cli.wiring import Place
from tradetui.domain.ids import StrategyId


async def test_a_strategy_is_run_again_for_what_it_drew(run: RecordedRun, place: Place) -> None:
    drawing = Drawing(run, profile_at(place))
    names = [
        step.event.payload.strategy_id
        for step in run.steps(run.first, run.last)
        if step.event.event_type == "InstanceLoaded"
    ]
    later = await drawing.draw(names[0], run.last)
    assert (later.strategy_id, later.error) == (names[0], "")
    earlier = await drawing.draw(names[0], run.last - 20)
    assert earlier.time < later.time
    assert (await drawing.draw(names[0], run.last)).widgets_json == later.widgets_json
    gone = await drawing.draw(StrategyId("nobody"), run.last)
    assert gone.error == "it did not run then"


async def test_what_would_take_too_long_is_not_drawn(
    run: RecordedRun, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(travel_drawing, "MAX_RERUN", 10)
    drawing = Drawing(run, profile_at(place))
    view = await drawing.draw(StrategyId("any"), run.last)
    assert "steps: too far" in view.error
