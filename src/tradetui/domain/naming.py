"""What is said of a name that does not exist: one sentence, with the nearest that does."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from tradetui.domain.text import printable

NO_SUCH: Final = "there is no "
"""How every sentence of ``no_such`` begins: who reads an engine's reply tells by it that a name was
wrong, not the moment.
"""
_NAMED: Final = 12


def market_named(name: str, known: Iterable[str]) -> str:
    """Return the market that a name is of: itself, or the only one with that symbol
    (``BTC/USDT`` for ``BTC/USDT.SIM``); the name as it is where none or several are.
    """
    found = [one for one in dict.fromkeys(known) if one.rpartition(".")[0] == name]
    return found[0] if len(found) == 1 else name


def nothing_done(sentence: str) -> str:
    """Add to a sentence, or to a question, that nothing was done."""
    return f"{sentence}{'' if sentence.endswith('?') else '.'} Nothing done."


def no_such(what: str, name: str, known: Iterable[str]) -> str:
    """Say that there is no ``what`` of a name, and which one is near, or which there are."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        hint = f"did you mean {near[0]}?"
    else:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        hint = f"there are {', '.join(names[:_NAMED])}{more}" if names else "there are none"
    return f"{NO_SUCH}{what} {printable(name, 64)}; {hint}"
