"""The two header lines: run mode first, then what limits us, then the engine's own health."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from tradetui.domain import formatting
from tradetui.domain.enums import KillState, RunMode, Scope
from tradetui.domain.replica import HeaderView, KillView
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_SECOND, div_half_even
from tradetui.tui.lines import Line, Span, ellipsis, padded, width_of
from tradetui.tui.money import money_text

WIDE: Final = 160
SIMULATED: Final = "simulated"


REPLAY_DAY: Final = 120
"""From this width on a replay says the money of the day rather than what it plays."""


class Piece(NamedTuple):
    """A part of a header line; the one with the highest ``rank`` leaves first, one of rank 0 last:
    the moment on the right is said in fewer words before.
    """

    text: str
    rank: int
    look: str = ""
    short: str = ""
    """The same in fewer words: they go before any piece does, those of rank 0 after all others."""


_READ_ONLY: Final = Piece("read-only, it trades", 1, short="read-only")


def mode_word(header: HeaderView) -> tuple[str, str]:
    """Return the run mode's word and its look: LIVE, SANDBOX, PAPER, REPLAY x100 or SIM."""
    if header.run_mode is RunMode.LIVE:
        return "LIVE", "mode_live"
    if header.run_mode is RunMode.SANDBOX:
        return "SANDBOX", "mode_sandbox"
    if header.feed == SIMULATED or header.run_mode is RunMode.BACKTEST:
        return "SIM" if header.speed in (None, 1) else f"SIM x{header.speed}", "mode_replay"
    if header.speed is not None or header.playing:
        return f"REPLAY x{header.speed or 1}", "mode_replay"
    return "PAPER", "mode_paper"


def kill_text(kills: Sequence[KillView]) -> tuple[str, str]:
    """Return the kill-switch's words and look: the widest scope that is not NORMAL.

    A switch on one strategy is in its row, not here.
    """
    shown = [kill for kill in kills if kill.scope is not Scope.STRATEGY]
    order = list(Scope)
    shown.sort(key=lambda kill: (order.index(kill.scope), kill.state is not KillState.HALTED))
    if not shown:
        return "kill NORMAL", ""
    kill = shown[0]
    word = "EXIT-ONLY" if kill.state is KillState.REDUCING else kill.state.value
    where = "" if kill.scope is Scope.GLOBAL else f" {printable(kill.key, 32)}"
    return f"kill {word}{where}", "kill"


def header_lines(
    header: HeaderView,
    width: int,
    *,
    masked: bool = False,
    is_slow_link: bool = False,
    is_read_only: bool = False,
    said: Collection[str] = (),
) -> list[Line]:
    """Return the two lines for a screen ``width`` cells wide.

    ``is_read_only``: a person's acts are refused; the engine trades all the same.
    ``said``: what the alert lines below say; trouble that is among it leaves the second line to the
    engine's figures.
    """
    notes = [_READ_ONLY] if is_read_only else []
    if is_slow_link:
        notes.append(Piece("slow link", 2))
    return [_first(header, width, notes, masked=masked), _second(header, width, said)]


def percent_of(part: int, limit: int, *, wide: bool) -> str:
    """Write how much of a limit is used, in whole per cent."""
    used = 0 if part <= 0 or limit <= 0 else div_half_even(part * 100, limit)
    return f"{used} %" if wide else f"{used}%"


def _money(amount: int, header: HeaderView, *, masked: bool, signed: bool = False) -> str:
    return money_text(amount, header.reporting_currency, signed=signed, masked=masked)


def _day(header: HeaderView, *, masked: bool, wide: bool) -> str:
    if header.day_pnl is None:
        return "day ?"
    currency = printable(header.reporting_currency, 12)
    text = f"day {_money(header.day_pnl, header, masked=masked, signed=True)} {currency}"
    if header.day_loss_limit:
        text += f", {percent_of(-header.day_pnl, header.day_loss_limit, wide=False)} of limit"
        if wide:
            text += f" {_money(header.day_loss_limit, header, masked=masked)}"
    return text


def _exposure(header: HeaderView, *, masked: bool, wide: bool) -> str:
    if header.exposure is None:
        return "worst exposure ?"
    text = f"worst exposure {_money(header.exposure, header, masked=masked)}"
    if header.exposure_limit:
        text += f", {percent_of(header.exposure, header.exposure_limit, wide=False)} of limit"
        if wide:
            text += f" {_money(header.exposure_limit, header, masked=masked)}"
    return text


def _first(header: HeaderView, width: int, notes: Sequence[Piece], *, masked: bool) -> Line:
    word, look = mode_word(header)
    is_live = header.run_mode is RunMode.LIVE
    wide = width >= WIDE
    kill, kill_look = kill_text(header.kills)
    is_replay = look == "mode_replay"
    account = printable(header.account, 24)
    feed = printable(header.feed, 40)
    if wide and header.instrument_classes:
        account = f"{account} {', '.join(header.instrument_classes)}"
    if look == "mode_paper" and feed:
        account = f"{account}, prices of {feed}"
    pieces = [Piece("real money", 6)] if is_live and wide else []
    pieces += notes
    is_tight = is_replay and width < REPLAY_DAY
    pieces.append(Piece(account, 4 if is_tight else 1))
    if is_replay:
        is_made_up = feed == SIMULATED  # the run mode's word says it too
        pieces.append(Piece("prices simulated", 5) if is_made_up else Piece(feed, 3))
    if wide:
        equity = "?" if header.equity is None else _money(header.equity, header, masked=masked)
        pieces.append(Piece(f"equity {equity} {printable(header.reporting_currency, 12)}", 7))
    kill_piece = Piece(kill, 0, kill_look, short=" ".join(kill.split()[:2]))
    day_rank = 2 if is_replay and not is_tight else 6
    day_piece = Piece(
        _day(header, masked=masked, wide=wide),
        day_rank,
        short=_day(header, masked=masked, wide=False),
    )
    if wide:
        short = _exposure(header, masked=masked, wide=False)
        exposure = Piece(_exposure(header, masked=masked, wide=True), 8, short=short)
        pieces += [day_piece, exposure, kill_piece]
    else:
        pieces += [kill_piece, day_piece]
    moments = _moments(header, wide=wide, is_replay=is_replay, is_tight=is_tight)
    base = "live_line" if is_live else "base"
    first: Line = ((f" {word} ", look), (" ", base))
    return _fitted(first, pieces, moments, width, " | " if wide else "   ", base)


def _moments(header: HeaderView, *, wide: bool, is_replay: bool, is_tight: bool) -> tuple[str, ...]:
    """Return what the right end of the line says, then the same in ever fewer words."""
    clock = f"{formatting.clock(header.now)} UTC"
    if is_replay:
        gap = " " * (3 if is_tight else 5)
        playing = f"{gap}{printable(header.playing, 8)}" if header.playing else ""
        moment = f"{formatting.timestamp(header.now)} UTC{playing}"
        return f"data {moment}", moment, f"{clock}{playing}"
    return (f"{formatting.date(header.now)} {clock}", clock) if wide else (clock,)


def _fitted(
    first: Line, pieces: list[Piece], rights: Sequence[str], width: int, separator: str, base: str
) -> Line:
    """Join the pieces that fit between ``first`` and the right end: the least important are
    shortened, then they leave. The right end takes the room that those of rank 0 leave it.
    """
    kept = list(pieces)
    free = width - width_of(first) - 3
    least = max((len(one.short or one.text) for one in pieces if one.rank == 0), default=0)
    right = next((one for one in rights if len(one) + least <= free), rights[-1])
    room = free - len(right)
    while kept and sum(len(piece.text) + len(separator) for piece in kept) - len(separator) > room:
        last = max(
            kept, key=lambda one: (one.rank > 0 and one.short not in ("", one.text), one.rank)
        )
        if last.short in ("", last.text):
            kept.remove(last)
        else:
            kept[kept.index(last)] = last._replace(text=last.short)
    spans: list[Span] = list(first)
    for index, piece in enumerate(kept):
        if index:
            spans.append((separator, base))
        spans.append((piece.text, piece.look or base))
    middle = padded(tuple(spans), max(width - len(right) - 1, 0), base)
    return padded((*middle, (right, base), (" ", base)), width, base)


def latency(nanos: int) -> str:
    """Write a short time: whole milliseconds below a second."""
    if nanos < NANOS_PER_SECOND:
        return f"{max(nanos, 0) // 1_000_000}ms"
    return formatting.age(nanos)


def _second(header: HeaderView, width: int, said: Collection[str]) -> Line:
    if header.trouble and header.trouble not in said:
        text = f" {ellipsis(printable(header.trouble), max(width - 2, 10))}"
        return padded(((text, "trouble"),), width, "trouble")
    if width >= WIDE:
        return _second_wide(header, width)
    limited = f" ({header.count_limited} limited)" if header.count_limited else ""
    recorded = f"off {header.count_off} observe {header.count_observe} active {header.count_active}"
    left = f" {recorded}{limited}"
    age = "?" if header.data_age is None else formatting.age(header.data_age)
    engine = "py" if header.engine == "python" else printable(header.engine, 6)
    figures = [
        Piece(f"data {age}", 0),
        Piece(f"lag {latency(header.event_lag)}", 2),
        Piece(f"q {header.queue_depth}", 1),
        Piece(f"seq {formatting.count(header.seq_id)}", 3),
        Piece(engine, 4),
    ]
    while len(figures) > 1 and len(left) + sum(len(one.text) + 1 for one in figures) >= width:
        figures.remove(max(figures, key=lambda one: one.rank))
    right = " ".join(one.text for one in figures) + " "
    gap = max(width - len(left) - len(right), 1)
    return padded(((ellipsis(left + " " * gap + right, width), "base"),), width)


def _second_wide(header: HeaderView, width: int) -> Line:
    limited = f" ({header.count_limited} limited)" if header.count_limited else ""
    age = "?" if header.data_age is None else formatting.age(header.data_age)
    worst = f" worst {printable(header.data_worst, 40)}" if header.data_worst else ""
    unknown = f" {header.orders_unknown} unknown" if header.orders_unknown else ""
    journal = "?" if header.journal_latency is None else latency(header.journal_latency)
    counts = (
        f"off {header.count_off}  observe {header.count_observe}  active "
        f"{header.count_active}{limited}"
    )
    pieces = [
        Piece(counts, 0),
        Piece(f"orders {header.orders_open - header.orders_unknown} open{unknown}", 1),
        Piece(f"data {age}{worst}", 1),
        Piece(venue_text(header), 4),
        Piece(
            f"lag {latency(header.event_lag)} queue {header.queue_depth} drops {header.drops}", 2
        ),
        Piece(f"journal {journal}", 3),
    ]
    right = f"| seq {formatting.count(header.seq_id)} | engine {printable(header.engine, 12)}"
    return _fitted(((" ", "base"),), pieces, (right,), width, " | ", "base")


def venue_text(header: HeaderView) -> str:
    """Say how far the venue is, and how much of its request budget is used: ``venue 38ms weight
    14%``. A simulated one is as far as it is set, and has no budget: ``-``.
    """
    known = "?" if header.venue_latency is None else latency(header.venue_latency)
    way = formatting.counted(header.venue_items, "item") if header.venue_items else known
    missing = "-" if header.is_venue_simulated else "?"
    weight = missing if header.venue_weight is None else f"{header.venue_weight}%"
    return f"venue {way} weight {weight}"
