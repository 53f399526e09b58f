"""What can be wrong with a file: one record for each place, one error for the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tradetui.domain.text import printable

MAX_VALUE_SHOWN: Final = 40
MAX_KEPT: Final = 200


class DataError(ValueError):
    """A file cannot be used; the message names the file, the place in it, and the mend.

    ``problems`` holds the places (the first 200), oldest line first; it is empty when the file as a
    whole is wrong.
    """

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad place: ``line`` counts from 1 and includes the header."""

    line: int
    column: str
    value: str
    what: str
    mend: str

    def __str__(self) -> str:
        shown = printable(self.value, MAX_VALUE_SHOWN)
        place = f"line {self.line}, column {printable(self.column, MAX_VALUE_SHOWN) or 'first'}"
        return f"{place}: {self.what} ({shown!r}); {self.mend}"


def error_of(file: str, problems: list[Problem], total: int) -> DataError:
    """Build the error of a file with bad rows: the first place, how many there are, and the
    mend.
    """
    ordered = tuple(sorted(problems, key=lambda problem: problem.line))
    more = f" (and {total - 1:,} more)" if total > 1 else ""
    return DataError(f"{printable(file)}: {ordered[0]}{more}", ordered)
