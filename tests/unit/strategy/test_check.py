from __future__ import annotations

from typing import Any

import pytest

from tradetui.strategy import Strategy, bars
from tradetui.strategy.check import HOOKS, check_class


def problems(**attributes: Any) -> list[str]:
    return check_class(type("Made", (Strategy,), attributes))


def test_the_base_is_sound() -> None:
    assert problems() == []
    assert problems(TICK_MINUTES=2, ON_ERROR="close", LABEL="x", DATA={}) == []


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf"), "1", None, True, 10**9])
def test_tick_minutes(minutes: Any) -> None:
    assert problems(TICK_MINUTES=minutes) == [
        f"TICK_MINUTES must be a number above 0, got {minutes!r}"
    ]


def test_on_error_and_label() -> None:
    assert problems(ON_ERROR="ignore") == ["ON_ERROR must be one of exit-only, close, got 'ignore'"]
    for label in (5, "x" * 61, "a\n"):
        assert problems(LABEL=label)[0].startswith("LABEL must be a text of at most 60 characters")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], 'DATA must be a dict such as {"fast": bars("5m")}, got list'),
        ({f"f{n}": bars() for n in range(17)}, "DATA has 17 feeds, at most 16 are allowed"),
        ({"a b": bars()}, "DATA: 'a b' cannot be the name of an attribute"),
        ({"class": bars()}, "DATA: 'class' cannot be the name of an attribute"),
        ({"_x": bars()}, "DATA: '_x' cannot be the name of an attribute"),
        ({5: bars()}, "DATA: 5 cannot be the name of an attribute"),
        ({"position": bars()}, "DATA: a feed cannot be named 'position', Strategy has that name"),
        ({"state": bars()}, "DATA: a feed cannot be named 'state', Strategy has that name"),
        ({"fast": "5m"}, "DATA['fast'] must be bars(...), quotes() or trades(), got '5m'"),
    ],
)
def test_data(data: Any, problem: str) -> None:
    assert problems(DATA=data) == [problem]


FRAMES = {"frame": {"type": "choice", "choices": ["1m", "7m"], "default": "1m"}}


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({}, "is no key of CONFIG_SCHEMA"),
        ({"frame": {"type": "string", "default": "1m"}}, 'must be of type "choice"'),
        (FRAMES, "a timeframe must divide a day"),
    ],
)
def test_a_timeframe_that_is_a_setting(schema: Any, problem: str) -> None:
    found = problems(DATA={"fast": bars(setting="frame")}, CONFIG_SCHEMA=schema)
    assert len(found) == 1 and found[0].startswith("DATA['fast']: setting 'frame'")
    assert problem in found[0]


def test_a_timeframe_that_is_a_right_setting() -> None:
    schema = {"frame": {"type": "choice", "choices": ["1m", "4h"], "default": "1m"}}
    assert problems(DATA={"fast": bars(setting="frame")}, CONFIG_SCHEMA=schema) == []


def test_a_wrong_schema_is_told_with_its_name() -> None:
    found = problems(CONFIG_SCHEMA={"a": {"type": "x"}}, STATE_SCHEMA=[])
    assert found[0].startswith("CONFIG_SCHEMA['a']: type must be one of")
    assert found[1] == "STATE_SCHEMA must be a dict of entries, got list"


def test_hooks_are_those_that_can_be_overridden() -> None:
    assert all(callable(getattr(Strategy, name)) for name in HOOKS)
    assert {name for name in vars(Strategy) if name.startswith("on_")} < set(HOOKS)


def coroutine() -> Any:
    async def on_bar(self: Any, bar: Any) -> None: ...

    return on_bar


def stepwise() -> Any:
    def on_bar(self: Any, bar: Any) -> Any:
        yield bar

    return on_bar


METHODS: list[tuple[str, Any, str]] = [
    ("on_tick", lambda self: None, "on_tick cannot be called as it is written: write def on_tick("),
    ("on_fill", lambda self, fill, more: None, "def on_fill(self, fill)"),
    ("on_event", lambda self, event: None, "def on_event(self, ctx, event)"),
    ("on_bar", coroutine(), "on_bar is async, so nothing in it would run: write def on_bar("),
    ("on_bar", stepwise(), "on_bar has a yield, so nothing in it would run"),
    ("render", {"widgets": []}, "render must be a method: def render(self)"),
    ("__init__", lambda self: None, "; what is to be prepared belongs into setup(self)"),
    ("on_bars", lambda self, bar: None, "on_bars is no hook, did you mean on_bar?"),
    ("on_trade", lambda self, trade: None, "on_trade is no hook, did you mean on_market_trade?"),
    ("position", 0, "'position' is Strategy's own: give yours another name"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "problem"), METHODS)
def test_a_method_that_would_never_run(name: str, value: Any, problem: str) -> None:
    (found,) = problems(**{name: value})
    assert problem in found


def anything(*args: Any, **more: Any) -> None:
    """A hook of whoever wraps his own."""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("on_bar", anything),
        ("on_bar", lambda self, candle, extra=1: None),
        ("on_bar", staticmethod(anything)),
        ("on_event", lambda self, ctx, event: (yield)),
        ("on_breakout", lambda self: None),
        ("on_bars", 5),
        ("log_it", lambda self: None),
    ],
)
def test_methods_that_are_well(name: str, value: Any) -> None:
    assert problems(**{name: value}) == []


def test_a_mistake_of_a_base_of_ones_own_is_found() -> None:
    class Common(Strategy):
        def on_tick(self) -> None:  # type: ignore[override]
            """Forgets the tick."""

    (found,) = check_class(type("Mine", (Common,), {}))
    assert "def on_tick(self, tick)" in found
