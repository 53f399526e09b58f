"""The error of this package."""

from __future__ import annotations


class ConfigError(Exception):
    """A config file cannot be used; each of ``problems`` names file, line, key and the mend."""

    def __init__(self, *problems: str) -> None:
        assert problems
        self.problems = problems
        more = len(problems) - 1
        tail = f" (and {more} more problem{'s' if more > 1 else ''} in it)" if more else ""
        super().__init__(problems[0] + tail)
