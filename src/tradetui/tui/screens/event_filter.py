"""Words of the journal's filter that the engine answers: ``source:``, ``market:``, ``instance:``.

What they leave out is not read, so that the newest steps that fit are found however far back they
are. The rest of the filter looks at the rows that were read, as in every list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from tradetui.domain.enums import Source
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.pages import EventFilter
from tradetui.domain.text import printable
from tradetui.tui.replica import Replica
from tradetui.tui.widgets.lists import ListContent

SOURCES: Final = {
    "market": Source.MARKET_DATA,
    "report": Source.BROKER_REPORT,
    "timer": Source.TIMER,
    "control": Source.CONTROL,
}
"""As the list writes them."""
_LISTED: Final = {source.value: word for word, source in SOURCES.items()}
"""As the journal and its JSON write them, to the list's words."""
EXAMPLES: Final = "source:control   market:BTC/USDT   instance:btc-mr   text"


class EventWords(NamedTuple):
    """A filter, read: what is asked of the engine, what is left for the rows, what is wrong."""

    wanted: EventFilter = EventFilter()
    rest: str = ""
    problem: str = ""


def read_filter(pattern: str, replica: Replica) -> EventWords:
    """Read a filter; a beginning stands for the one name that begins so."""
    sources: tuple[Source, ...] = ()
    market: InstrumentId | None = None
    instance: StrategyId | None = None
    rest: list[str] = []
    symbols = {view.symbol: key for key, view in replica.instruments.items()}
    names: dict[str, Iterable[str]] = {
        "source": SOURCES,
        "market": symbols,
        "instance": replica.instances,
    }
    for word in pattern.split(" "):
        key, colon, value = word.partition(":")
        if not colon or key not in names:
            rest.append(word)
            continue
        found, problem = _one(key, value, names[key])
        if problem and key == "source":
            recorded, _ = _one(key, value, _LISTED)
            found = _LISTED.get(recorded, "")
        if problem and not found:
            return EventWords(problem=problem)
        if key == "source":
            sources = (*sources, SOURCES[found])
        elif key == "market":
            market = symbols[found]
        else:
            instance = StrategyId(found)
    return EventWords(EventFilter(sources, market, instance), " ".join(rest).strip())


def narrowed(content: ListContent, pattern: str, replica: Replica) -> tuple[ListContent, str]:
    """Return the journal's list, empty where the filter names nothing, and the rest of that."""
    words = read_filter(pattern, replica)
    if words.problem:
        return content._replace(rows=(), empty=words.problem), ""
    return content, words.rest


def _one(key: str, value: str, known: Iterable[str]) -> tuple[str, str]:
    """Return the name that is meant, or why none is."""
    names = sorted(known)
    low = value.lower()
    found = [name for name in names if name.lower() == low]
    found = found or [name for name in names if name.lower().startswith(low)]
    if len(found) == 1:
        return found[0], ""
    some = ", ".join((found or names)[:6]) or "none"
    said = printable(f"{key}:{value}", 40)
    return "", f"{said} is {'more than one' if found else 'not known'}: {some}"
