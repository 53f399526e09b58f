"""What can fail in the engine: a step, and the loading of an instance."""

from __future__ import annotations


class EngineError(Exception):
    """A step failed for a reason that is ours: a broken invariant, an assertion, a bug."""


class LoadError(Exception):
    """An instance cannot be loaded; the message is one sentence, ``traceback`` shows where."""

    def __init__(self, message: str, traceback: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback
