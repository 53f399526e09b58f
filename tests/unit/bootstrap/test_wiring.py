"""Every door of the commands leads to what does its work, with all that it was given."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import pytest

from tradetui.bootstrap import commands
from tradetui.bootstrap.wiring import Application

BEHIND = (
    *(f"commands.{module.name}" for module in pkgutil.iter_modules(commands.__path__)),
    "console.opening", "console.travel", "run.headless",
)  # fmt: skip
"""The modules that the doors lead to."""
DOORS = sorted(
    name for name, door in vars(Application).items() if callable(door) and not name.startswith("_")
)


class Sentinel:
    """Something that is recognised wherever it is handed on."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<<{self.name}>>"


def stand_ins(monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, str]]) -> None:
    """Put a recorder in the place of every public function behind the doors."""

    def replace(module: Any, name: str, function: Any) -> None:
        def note(*args: Any, **kwargs: Any) -> str:
            calls.append((f"{module.__name__}.{name}", repr((args, kwargs))))
            return "answer"

        async def note_later(*args: Any, **kwargs: Any) -> str:
            return note(*args, **kwargs)

        is_async = inspect.iscoroutinefunction(function)
        monkeypatch.setattr(module, name, note_later if is_async else note)

    for short in BEHIND:
        module = importlib.import_module(f"tradetui.bootstrap.{short}")
        for name, function in list(vars(module).items()):
            own = getattr(function, "__module__", "") == module.__name__
            if own and inspect.isfunction(function) and not name.startswith("_"):
                replace(module, name, function)


@pytest.mark.parametrize("door", DOORS)
def test_a_door_hands_on_all_that_it_is_given_and_the_answer_back(
    door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, str]] = []
    stand_ins(monkeypatch, calls)
    method = getattr(Application(), door)
    positional, named = [], {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            named[name] = Sentinel(name)
        else:
            positional.append(Sentinel(name))
    answer = method(*positional, **named)
    assert len(calls) == 1
    where, given = calls[0]
    assert [one for one in (*positional, *named.values()) if repr(one) not in given] == []
    assert answer == "answer", where
