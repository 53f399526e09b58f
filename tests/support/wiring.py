"""What the commands go through, for tests of the commands alone."""

from __future__ import annotations

from typing import Any


class Recorder:
    """A wiring that records what was asked and answers one thing."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*positional: Any, **named: Any) -> Any:
            self.calls.append((name, positional, named))
            return self.answer

        return call
