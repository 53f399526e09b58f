"""A session on a small market."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.engine_kit import BTC, ETH, Steps

from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker

SessionMaker = Callable[..., Session]


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def make_session(steps: Steps) -> SessionMaker:
    """A session with one paper account of 100,000 USD; not started."""

    def make(**settings: Any) -> Session:
        extra = {key: settings.pop(key) for key in ("guard", "log", "outbox") if key in settings}
        settings.setdefault("check_every_step", True)
        session = Session(SessionSettings(**settings), sink=steps, **extra)
        session.add_instrument(BTC)
        session.add_instrument(ETH)
        session.add_broker("paper", SimulatedBroker("SIM"))
        session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
        session.add_execution_context("acc", ["main"])
        return session

    return make
