"""What a use case raises; each message is one sentence for a person: what, where, how to mend."""

from __future__ import annotations

from collections.abc import Sequence


class UserError(Exception):
    """What was asked for cannot be: bad input (exit code 2).

    ``problems``: a sentence for each thing that is wrong, where those are several.
    """

    def __init__(self, text: str, problems: Sequence[str] = ()) -> None:
        self.problems = tuple(problems) or (text,)
        super().__init__(text)


class RefusedError(UserError):
    """The act is understood and refused: the state has changed, or a confirmation is missing."""


class RuntimeProblemError(Exception):
    """Something outside failed: a file, a database, a running engine (exit code 1)."""
