"""From what ``render()`` returned to typed, bounded widgets, and to JSON and back.

``parse_widgets`` takes whatever a strategy returned and never raises: what it cannot understand
becomes a Placeholder that says why. Numbers that are None, NaN or infinite are gaps (None). Of too
many points, rows or lines the newest are kept.
"""

from __future__ import annotations

import difflib
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from tradetui.domain.formatting import separated
from tradetui.domain.text import printable
from tradetui.strategy.events import BarView
from tradetui.strategy.signals import number_text, short_text
from tradetui.strategy.widget_types import (
    FIRST_TIME,
    MAX_BINS,
    MAX_COLUMNS,
    MAX_LABEL,
    MAX_LINE,
    MAX_POINTS,
    MAX_ROWS,
    MAX_SERIES,
    MAX_WIDGETS,
    BarChart,
    Candle,
    Candles,
    Histogram,
    LineChart,
    Log,
    Metric,
    Placeholder,
    Progress,
    Series,
    Table,
    Text,
    Widget,
)

__all__ = [
    "BarChart",
    "Candle",
    "Candles",
    "Histogram",
    "LineChart",
    "Log",
    "Metric",
    "Placeholder",
    "Progress",
    "Series",
    "Table",
    "Text",
    "Widget",
    "decode_widgets",
    "encode_widgets",
    "parse_widgets",
]

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(tuple[Widget, ...])


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """A part of a widget is not what it must be."""


def encode_widgets(widgets: Sequence[Widget]) -> bytes:
    """Write widgets as JSON, for the replica."""
    return _encoder.encode(widgets)


def decode_widgets(text: bytes | str) -> tuple[Widget, ...]:
    """Read back what ``encode_widgets`` wrote; raises msgspec.DecodeError or ValidationError."""
    return _decoder.decode(text)


def parse_widgets(raw: Any) -> tuple[Widget, ...]:
    """Return the widgets that a ``render()`` described: ``{"widgets": [...]}`` or a list."""
    try:
        given = raw.get("widgets") if isinstance(raw, Mapping) else raw
        if not isinstance(given, (list, tuple)):
            return (Placeholder(reason='render() must return {"widgets": [...]}'),)
        widgets = [_parse_one(item) for item in given[:MAX_WIDGETS]]
    except Exception as e:  # noqa: BLE001 - isolation edge: objects of user code run their own methods here
        return (Placeholder(reason=_line(f"render() returned what cannot be read: {_said(e)}")),)
    if len(given) > MAX_WIDGETS:
        left = len(given) - MAX_WIDGETS
        widgets.append(Placeholder(reason=f"{left} more widgets: at most {MAX_WIDGETS} are shown"))
    return tuple(widgets)


def _parse_one(item: Any) -> Widget:
    if not isinstance(item, Mapping):
        return Placeholder(reason=f"a widget must be a dict, got {type(item).__name__}")
    kind: Any = None
    try:
        kind = item.get("type")
        parser = _PARSERS.get(kind) if isinstance(kind, str) else None
        if parser is None:
            return Placeholder(reason=_unknown_type(kind))
        return parser(item, _label(item.get("title", "")))
    except _Malformed as problem:
        return Placeholder(title=_title_of(item), reason=_line(f"{kind}: {problem}"))
    except Exception as e:  # noqa: BLE001 - isolation edge: objects of user code run their own methods here
        return Placeholder(reason=_line(f"{kind or 'a widget'} cannot be read: {_said(e)}"))


def _unknown_type(kind: Any) -> str:
    near = difflib.get_close_matches(kind, _PARSERS, n=1) if isinstance(kind, str) else []
    hint = f"did you mean {near[0]}?" if near else f"the types are {', '.join(_PARSERS)}"
    return _line(f"unknown widget type {kind!r}; {hint}")


def _said(error: Exception) -> str:
    """Name an error without running code of its class."""
    said = error.args[0] if error.args and type(error.args[0]) is str else ""
    return f"{type(error).__name__} {said}".rstrip()


def _title_of(item: Mapping[Any, Any]) -> str:
    title = item.get("title", "")
    return printable(title, MAX_LABEL) if isinstance(title, str) else ""


def _line_chart(item: Mapping[Any, Any], title: str) -> LineChart:
    series = _lines(_needed(item, "data"))
    bars = item.get("bars", False)
    if isinstance(bars, bool):
        wanted = {one.name for one in series} if bars else set()
    else:
        wanted = {_label(name) for name in _sequence(bars, "bars")}
        unknown = sorted(wanted - {one.name for one in series})
        if unknown:
            raise _Malformed(f"bars names {unknown[0]}, which is no series of data")
    drawn = (
        msgspec.structs.replace(one, is_bars=True) if one.name in wanted else one for one in series
    )
    return LineChart(title=title, series=tuple(drawn))


def _metric(item: Mapping[Any, Any], title: str) -> Metric:
    label, unit = _label(_needed(item, "label")), _label(item.get("unit", ""))
    value = _needed(item, "value", may_be_none=True)
    if isinstance(value, str):
        return Metric(title=title, label=label, text=printable(value, MAX_LABEL), unit=unit)
    if isinstance(value, bool):
        return Metric(title=title, label=label, text="yes" if value else "no", unit=unit)
    number = _number(value, "value")
    decimals = item.get("decimals")
    text = "-" if number is None else separated(short_text(value))
    if decimals is not None and number is not None:
        if isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals <= 12:
            raise _Malformed(f"decimals must be a whole number from 0 to 12, got {decimals!r}")
        text = f"{number:,.{decimals}f}"
    return Metric(title=title, label=label, text=printable(text, 80), value=number, unit=unit)


def _table(item: Mapping[Any, Any], title: str) -> Table:
    rows = _sequence(item.get("rows", item.get("data")), "rows")[-MAX_ROWS:]
    columns = item.get("columns")
    if columns is None and rows and isinstance(rows[0], Mapping):
        columns = list(rows[0])
    names = [_label(name) for name in _sequence(columns, "columns")]
    if not 0 < len(names) <= MAX_COLUMNS:
        raise _Malformed(f"a table has from 1 to {MAX_COLUMNS} columns, got {len(names)}")
    keys = list(columns or ())
    cells = [_row(row, keys, number) for number, row in enumerate(rows)]
    numeric = tuple(
        bool(cells) and all(_is_numeric(row[column]) for row in cells)
        for column in range(len(names))
    )
    texts = tuple(tuple(_cell(value) for value in row) for row in cells)
    return Table(title=title, columns=tuple(names), rows=texts, numeric=numeric)


def _row(row: Any, keys: list[Any], number: int) -> list[Any]:
    if isinstance(row, Mapping):
        return [row.get(key) for key in keys]
    values = list(_sequence(row, f"row {number + 1}"))
    if len(values) != len(keys):
        raise _Malformed(f"row {number + 1} has {len(values)} cells for {len(keys)} columns")
    return values


def _text(item: Mapping[Any, Any], title: str) -> Text:
    return Text(title=title, lines=_text_lines(item.get("text", item.get("data"))))


def _bar_chart(item: Mapping[Any, Any], title: str) -> BarChart:
    data = _needed(item, "data")
    if isinstance(data, Mapping):
        pairs = list(data.items())
    else:
        given = _sequence(data, "data")
        labels = item.get("labels")
        if labels is not None:
            names = _sequence(labels, "labels")
            if len(names) != len(given):
                raise _Malformed(f"{len(names)} labels for {len(given)} values")
            pairs = list(zip(names, given, strict=True))
        else:
            pairs = [
                tuple(x) if isinstance(x, (list, tuple)) else (str(n), x)
                for n, x in enumerate(given)
            ]
    pairs = pairs[-MAX_ROWS:]
    if any(len(pair) != 2 for pair in pairs):
        raise _Malformed("data must be numbers, [label, value] pairs or a dict")
    return BarChart(
        title=title,
        labels=tuple(_label(label) for label, _ in pairs),
        values=tuple(_number(value, "a value") for _, value in pairs),
    )


def _histogram(item: Mapping[Any, Any], title: str) -> Histogram:
    given = _sequence(_needed(item, "data"), "data")[-MAX_POINTS:]
    values = [number for x in given if (number := _number(x, "a number")) is not None]
    bins = item.get("bins", 20)
    if isinstance(bins, bool) or not isinstance(bins, int) or not 2 <= bins <= MAX_BINS:
        raise _Malformed(f"bins must be a whole number from 2 to {MAX_BINS}, got {bins!r}")
    if not values:
        return Histogram(title=title, low=0.0, high=0.0, counts=())
    low, high = min(values), max(values)
    if low == high:
        return Histogram(title=title, low=low, high=high, counts=(len(values),))
    if not math.isfinite(high - low):
        raise _Malformed("data reaches too far to be counted")
    counts = [0] * bins
    for value in values:
        counts[min(int((value - low) / (high - low) * bins), bins - 1)] += 1
    return Histogram(title=title, low=low, high=high, counts=tuple(counts))


def _candles(item: Mapping[Any, Any], title: str) -> Candles:
    rows = _sequence(_needed(item, "data"), "data")[-MAX_POINTS:]
    candles = tuple(_candle(row, number) for number, row in enumerate(rows))
    lines = item.get("lines")
    return Candles(title=title, candles=candles, lines=() if lines is None else _lines(lines))


def _candle(row: Any, number: int) -> Candle:
    if isinstance(row, BarView):
        return Candle(float(row.time), row.open, row.high, row.low, row.close, row.volume)
    values = _sequence(row, f"candle {number + 1}")
    if len(values) not in (5, 6):
        raise _Malformed(f"candle {number + 1} must be [time, open, high, low, close]")
    numbers = [_number(value, f"candle {number + 1}") for value in values]
    moment, first, high, low, last = numbers[:5]
    if moment is None or first is None or high is None or low is None or last is None:
        raise _Malformed(f"candle {number + 1} has a number missing")
    return Candle(moment, first, high, low, last, numbers[5] if len(numbers) == 6 else None)


def _log(item: Mapping[Any, Any], title: str) -> Log:
    return Log(title=title, lines=_text_lines(item.get("lines", item.get("data"))))


def _progress(item: Mapping[Any, Any], title: str) -> Progress:
    value = _number(_needed(item, "value", may_be_none=True), "value")
    whole = _number(item.get("max", 1.0), "max")
    if whole is None or whole <= 0:
        raise _Malformed("max must be above 0")
    fraction = None if value is None else min(max(value / whole, 0.0), 1.0)
    text = _label(item.get("text", ""))
    return Progress(title=title, label=_label(item.get("label", "")), fraction=fraction, text=text)


_PARSERS: Final[dict[str, Callable[[Mapping[Any, Any], str], Widget]]] = {
    "line_chart": _line_chart,
    "metric": _metric,
    "table": _table,
    "text": _text,
    "bar_chart": _bar_chart,
    "histogram": _histogram,
    "candles": _candles,
    "log": _log,
    "progress": _progress,
}


def _lines(data: Any) -> tuple[Series, ...]:
    """Read numbers, [x, y] pairs, or a dict of either by name."""
    if not isinstance(data, Mapping):
        return (_series("", data),)
    if len(data) > MAX_SERIES:
        raise _Malformed(f"{len(data)} series, at most {MAX_SERIES} are drawn")
    return tuple(_series(_label(name), points) for name, points in data.items())


def _series(name: str, data: Any) -> Series:
    points = _sequence(data, f"series {name}" if name else "data")[-MAX_POINTS:]
    if not points or not isinstance(points[0], (list, tuple)):
        return Series(name, tuple(_number(point, "a point") for point in points))
    xs, ys = [], []
    for point in points:
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            raise _Malformed("points must all be numbers, or all [x, y] pairs")
        x = _number(point[0], "x")
        if x is None:
            raise _Malformed("x of a point must be a number")
        xs.append(x)
        ys.append(_number(point[1], "y"))
    return Series(name, tuple(ys), tuple(xs), all(x >= FIRST_TIME for x in xs))


def _needed(item: Mapping[Any, Any], key: str, *, may_be_none: bool = False) -> Any:
    value = item.get(key)
    if key not in item or (value is None and not may_be_none):
        raise _Malformed(f"{key} is missing")
    return value


def _sequence(value: Any, name: str) -> Sequence[Any]:
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, deque):
        return list(value)
    raise _Malformed(f"{name} must be a list, got {type(value).__name__}")


def _number(value: Any, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Malformed(f"{name} must be a number, got {type(value).__name__}")
    try:
        number = float(value)
    except OverflowError:
        raise _Malformed(f"{name} is out of range") from None
    return number if math.isfinite(number) else None


def _label(value: Any) -> str:
    if isinstance(value, str):
        return printable(value, MAX_LABEL)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return printable(number_text(value), MAX_LABEL)
    raise _Malformed(f"a label must be a text, got {type(value).__name__}")


def _line(text: str) -> str:
    return printable(text, MAX_LINE)


def _text_lines(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        lines = value[-MAX_ROWS * MAX_LINE :].splitlines()
    else:
        lines = [str(line) for line in _sequence(value, "text")[-MAX_ROWS:]]
    return tuple(_line(line) for line in lines[-MAX_ROWS:])


def _is_numeric(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return printable(separated(number_text(value)), 80)
    if value is None or isinstance(value, int):
        return printable(number_text(value), 80)
    return printable(str(value), 200)
