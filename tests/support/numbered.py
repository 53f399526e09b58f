"""The bad inputs by number, and which test modules prove what from outside.

A test names the lines it proves with ``@proves(1, 2)``; a case of a table begins with its number.
``tests/integration/test_bad_input_table.py`` checks that no line is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

LINES: Final[dict[int, str]] = {
    1: "config: empty",
    2: "config: not UTF-8, byte order mark",
    3: "config: duplicate keys",
    4: "config: unknown key",
    5: "config: NaN, infinite, negative, zero limits",
    6: "config: number as text, bool as number",
    7: "config: plaintext secret",
    8: "config: key file that others can read",
    9: "config: state folder is a symbolic link",
    10: "config: active without a confirmation",
    11: "config: unknown venue, market, account",
    12: "config: limit larger than the balance",
    13: "config: nested without end",
    14: "config: 200 MB",
    15: "strategy: syntax error",
    16: "strategy: import error",
    17: "strategy: sys.exit, os._exit at import",
    18: "strategy: endless loop at import and in a callback",
    19: "strategy: raises in one of many instances, in every hook",
    20: "strategy: NaN, negative, huge, wrong symbol, float, wrong return types",
    21: "strategy: 10,000 orders in one callback",
    22: "strategy: names that traverse or shadow",
    23: "strategy: file changed while it runs",
    24: "strategy: prints escapes, and without end",
    25: "strategy: blocks the loop",
    26: "strategy: changes what it is given",
    27: "screen: unknown option, unknown command",
    28: "screen: no terminal, TERM=dumb, 1x1, resize storm",
    29: "screen: broken pipe, closed output",
    30: "screen: ctrl-c three times",
    31: "screen: second instance",
    34: "screen: paste of 1 MB, escapes into inputs",
    35: "screen: odd numbers in a form",
    36: "database: 0 bytes",
    37: "database: truncated",
    38: "database: bit flipped",
    39: "database: -wal deleted or foreign",
    40: "database: newer schema",
    41: "database: of another run mode",
    42: "database: read-only folder",
    43: "database: full disk",
    44: "database: locked by another process",
    45: "database: checkpoint newer than the log",
    46: "database: clock earlier than the last event",
    47: "database: an old backup restored",
}
"""32 and 33 (attaching to a socket) have nothing to be tried on: there is no socket yet."""

Test = TypeVar("Test", bound=Callable[..., Any])
proved: dict[int, list[str]] = {}
"""By line: the tests that prove it, of the modules imported so far."""


def proves(*numbers: int) -> Callable[[Test], Test]:
    """Say which lines a test proves."""

    def noted(test: Test) -> Test:
        for number in numbers:
            assert number in LINES, number
            proved.setdefault(number, []).append(f"{test.__module__}.{test.__name__}")
        return test

    return noted
