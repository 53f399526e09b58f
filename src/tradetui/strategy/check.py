"""What must be true of a strategy class before an instance of it is made."""

from __future__ import annotations

import difflib
import inspect
import keyword
import math
from collections.abc import Mapping
from typing import Any, Final

from tradetui.domain.text import printable
from tradetui.strategy.base import ON_ERROR, Strategy
from tradetui.strategy.errors import InvalidParameter
from tradetui.strategy.feeds import BarsSpec, QuotesSpec, TradesSpec
from tradetui.strategy.schema import check_schema
from tradetui.strategy.timeframes import timeframe_ns

MAX_FEEDS: Final = 16
MAX_TICK_MINUTES: Final = 60 * 24 * 31
HOOKS: Final = (
    "init", "setup", "on_start", "on_tick", "on_bar", "on_quote", "on_market_trade", "on_order",
    "on_fill", "on_exit", "on_timer", "on_mode", "on_gap", "on_stop", "render", "on_event",
)  # fmt: skip
"""The methods that a strategy overrides."""
_OTHER_NAMES: Final = {"on_trade": "on_market_trade", "on_trades": "on_market_trade"}
_NEAR: Final = 0.85
"""How much a name must be like a hook's to be taken for it misspelt (1 is the same)."""
_OWN_ATTRIBUTES: Final = ("context", "config", "cfg", "state")


def check_class(kind: type[Strategy]) -> list[str]:
    """Return one sentence for each declaration that is wrong; empty when the class can be used."""
    problems = check_schema(kind.CONFIG_SCHEMA, "CONFIG_SCHEMA")
    problems += check_schema(kind.STATE_SCHEMA, "STATE_SCHEMA")
    problems += _check_tick(kind.TICK_MINUTES)
    problems += _check_data(kind.DATA, kind.CONFIG_SCHEMA)
    problems += _check_methods(kind)
    if kind.ON_ERROR not in ON_ERROR:
        problems.append(
            f"ON_ERROR must be one of {', '.join(ON_ERROR)}, got {_shown(kind.ON_ERROR)}"
        )
    if not isinstance(kind.LABEL, str) or len(kind.LABEL) > 60 or not kind.LABEL.isprintable():
        problems.append(f"LABEL must be a text of at most 60 characters, got {_shown(kind.LABEL)}")
    return problems


def _check_tick(minutes: object) -> list[str]:
    is_number = isinstance(minutes, (int, float)) and not isinstance(minutes, bool)
    if is_number and math.isfinite(minutes) and 0 < minutes <= MAX_TICK_MINUTES:  # type: ignore[arg-type,operator]
        return []
    return [f"TICK_MINUTES must be a number above 0, got {_shown(minutes)}"]


def _check_data(data: object, schema: Mapping[str, object]) -> list[str]:
    if not isinstance(data, Mapping):
        return [f'DATA must be a dict such as {{"fast": bars("5m")}}, got {type(data).__name__}']
    if len(data) > MAX_FEEDS:
        return [f"DATA has {len(data)} feeds, at most {MAX_FEEDS} are allowed"]
    problems = []
    for name, spec in data.items():
        is_name = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
        if not is_name or name.startswith("_"):
            problems.append(f"DATA: {_shown(name)} cannot be the name of an attribute")
        elif hasattr(Strategy, name) or name in _OWN_ATTRIBUTES:
            problems.append(f"DATA: a feed cannot be named {name!r}, Strategy has that name")
        if not isinstance(spec, (BarsSpec, QuotesSpec, TradesSpec)):
            problems.append(
                f"DATA[{_shown(name)}] must be bars(...), quotes() or trades(), got {_shown(spec)}"
            )
        elif isinstance(spec, BarsSpec) and spec.setting is not None:
            problems += _check_setting(name, spec.setting, schema)
    return problems


def _check_methods(kind: type[Strategy]) -> list[str]:
    """Check what the class has of its own: hooks that would never run, or fail at each call."""
    own = {
        name: value
        for base in reversed(kind.__mro__)
        if base not in Strategy.__mro__
        for name, value in vars(base).items()
    }
    problems = []
    for name, value in own.items():
        if name in HOOKS or name == "__init__":
            problems += _check_hook(name, value)
        elif isinstance(getattr(Strategy, name, None), property):
            problems.append(f"{name!r} is Strategy's own: give yours another name")
        elif name.startswith("on_") and callable(value):
            near = difflib.get_close_matches(name, HOOKS, n=1, cutoff=_NEAR)
            if meant := _OTHER_NAMES.get(name) or next(iter(near), ""):
                problems.append(
                    f"{name} is no hook, did you mean {meant}? (a method of your own needs a name "
                    "that is less like one)"
                )
    return problems


def _check_hook(name: str, value: Any) -> list[str]:
    """Check one hook: a plain method that takes what it is called with."""
    called = inspect.signature(getattr(Strategy, name))
    right = f"def {name}({', '.join(called.parameters)})"
    if inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value):
        return [f"{name} is async, so nothing in it would run: write {right}"]
    if inspect.isgeneratorfunction(value) and name != "on_event":
        return [f"{name} has a yield, so nothing in it would run"]
    if not inspect.isfunction(value):
        return [] if hasattr(value, "__get__") else [f"{name} must be a method: {right}"]
    try:
        inspect.signature(value).bind(*called.parameters)
    except TypeError:
        hint = "; what is to be prepared belongs into setup(self)" if name == "__init__" else ""
        return [f"{name} cannot be called as it is written: write {right}{hint}"]
    return []


def _check_setting(name: str, setting: str, schema: object) -> list[str]:
    """Check that the setting which holds a timeframe is there, and that its values are some."""
    where = f"DATA[{name!r}]: setting {_shown(setting)}"
    entry = schema.get(setting) if isinstance(schema, Mapping) else None
    if not isinstance(entry, Mapping):
        return [f"{where} is no key of CONFIG_SCHEMA"]
    if entry.get("type") != "choice":
        return [f'{where} must be of type "choice", so that each value is a timeframe']
    problems = []
    for choice in entry.get("choices") or ():
        try:
            timeframe_ns(choice)
        except InvalidParameter as error:
            problems.append(f"{where}: {error}")
    return problems


def _shown(value: object) -> str:
    return printable(repr(value), 60)
