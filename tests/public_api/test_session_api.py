"""The signatures of the documented entry point: a change here breaks people's scripts."""

from __future__ import annotations

import inspect

import pytest

from tradetui.engine.control_plane import ControlPlane
from tradetui.engine.session import Session


def parameters(function: object) -> str:
    """The parameters without types: names, kinds and defaults."""
    signature = inspect.signature(function)  # type: ignore[arg-type]
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return str(inspect.Signature(bare))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("add_instrument", "(self, instrument, venue_symbol=None)"),
        ("add_broker", "(self, broker_id, adapter)"),
        (
            "add_route",
            "(self, route_id, broker_id, account, instruments=None, *, opening_cash=None)",
        ),
        ("add_execution_context", "(self, execution_id, routes, default_route=None)"),
        ("add_risk_profile", "(self, name, rules, bind=())"),
        ("add_observation", "(self, name, observe)"),
        ("add_projection", "(self, name, project)"),
        ("add_indicator", "(self, name, instrument_id, timeframe, indicator)"),
        ("add_post_trade_sink", "(self, sink)"),
        ("start", "(self, at=0)"),
        ("run", "(self, items)"),
        ("summary", "(self)"),
        ("publish", "(self, watermark)"),
        ("close", "(self)"),
    ],
)
def test_session_methods(name: str, expected: str) -> None:
    assert parameters(getattr(Session, name)) == expected


def test_add_strategy_begins_as_documented() -> None:
    names = list(inspect.signature(Session.add_strategy).parameters)
    assert names == [
        "self",
        "strategy_id",
        "strategy",
        "subscriptions",
        "execution_id",
        "risk_profile",
        "config",
        "mode",
        "limits",
    ]


def test_session_properties() -> None:
    for name in ("loop", "control_plane", "coordinator", "inventory"):
        assert isinstance(inspect.getattr_static(Session, name), property)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "halt",
            "(self, scope=<Scope.GLOBAL: 'global'>, key='', *, actor, reason, reducing=False)",
        ),
        ("release", "(self, scope=<Scope.GLOBAL: 'global'>, key='', *, actor, reason)"),
        ("disable_route", "(self, route_id, *, reason)"),
        ("enable_route", "(self, route_id, *, reason='')"),
        ("status", "(self)"),
    ],
)
def test_control_plane_methods(name: str, expected: str) -> None:
    assert parameters(getattr(ControlPlane, name)) == expected
