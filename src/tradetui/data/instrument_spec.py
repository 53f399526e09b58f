"""What a person says of a file's instrument: a text on the command line, a TOML file beside it.

The text is ``BTC/USD.BITFINEX tick=0.1 fee=0.2%`` (blanks or commas between); the file is ``<data
file>.toml`` with the same keys. The text wins over the file, the file over what the data show.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final

from tradetui.data.problems import DataError
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.text import MAX_SYMBOL, printable
from tradetui.domain.toml_text import MAX_TOML_BYTES, TomlError, decode_toml, parse_toml
from tradetui.domain.units import PPM, NumberError, parse_scaled

_CLASSES: Final = {str(value): value for value in InstrumentClass}
_SHORT: Final = {
    "tick": ("price_increment",),
    "lot": ("size_increment",),
    "fee": ("maker_fee", "taker_fee"),
}
_FEE_LIMIT_PPM: Final = 100_000


@dataclass(frozen=True, slots=True)
class InstrumentSpec:
    """What is stated; empty where nothing is.

    Numbers are text, fees ``0.001``, ``0.1%`` or ``10bps``.
    """

    symbol: str = ""
    venue: str = ""
    class_: str = ""
    base: str = ""
    quote: str = ""
    price_increment: str = ""
    size_increment: str = ""
    min_quantity: str = ""
    max_quantity: str = ""
    min_notional: str = ""
    maker_fee: str = ""
    taker_fee: str = ""
    multiplier: str = ""
    margin: str = ""
    price_min: str = ""
    price_max: str = ""
    timeframe: str = ""
    time_column: str = ""
    time_unit: str = ""
    where: str = field(default="", compare=False)
    """Who said so, for messages."""
    feed_venue: str = field(default="", compare=False)
    """What the feed calls its venue: for files that name none."""

    def over(self, other: InstrumentSpec) -> InstrumentSpec:
        """Return this with its empty fields filled from ``other``."""
        given = {
            item.name: getattr(self, item.name) for item in fields(self) if getattr(self, item.name)
        }
        return replace(other, **given)


KEYS: Final = tuple(item.name.rstrip("_") for item in fields(InstrumentSpec) if item.compare)


def parse_spec(text: str) -> InstrumentSpec:
    """Parse ``SYMBOL[.VENUE] key=value ...``; raise DataError and say what is wrong.

    ``tick``, ``lot`` and ``fee`` (both fees) are short for the longer keys.
    """
    where = f"--instrument {printable(text, 60)}"
    head, *pairs = text.replace(",", " ").split() or [""]
    if "=" in head:
        head, pairs = "", [head, *pairs]
    symbol, dot, venue = head.rpartition(".")
    found: dict[str, object] = {"symbol": symbol if dot else head, "venue": venue if dot else ""}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not value:
            raise DataError(
                f"{where}: {printable(pair, 40)!r} is not key=value; write for example tick=0.01"
            )
        for full in _SHORT.get(key, (key,)):
            found[full] = value
    return _checked(found, where)


def read_sidecar(data_file: Path) -> InstrumentSpec:
    """Read ``<data file>.toml`` if it is there; raise DataError and say what is wrong with it."""
    path = data_file.with_name(data_file.name + ".toml")
    label = printable(str(path))
    try:
        with path.open("rb") as file:
            text = decode_toml(file.read(MAX_TOML_BYTES + 1))
        found = parse_toml(text, parse_float=str)
    except FileNotFoundError:
        return InstrumentSpec()
    except OSError as e:
        raise DataError(f"{label}: cannot be read ({e.strerror}); mend or remove it") from e
    except TomlError as e:
        raise DataError(f"{e.of(label)}; mend or remove it") from None
    return _checked(found, label)


def parse_fee(text: str, where: str, key: str) -> int:
    """Parse a fee (``0.001``, ``0.1%``, ``10bps``) into parts per million."""
    digits, scale = text.strip(), 6
    if digits.endswith("%"):
        digits, scale = digits.removesuffix("%"), 4
    elif digits.endswith("bps"):
        digits, scale = digits.removesuffix("bps"), 2
    try:
        rate = parse_scaled(digits, scale)
    except NumberError as e:
        raise DataError(f"{where}: {key}: {e}; write 0.001, 0.1% or 10bps") from e
    if abs(rate) > _FEE_LIMIT_PPM:
        raise DataError(
            f"{where}: {key}: {printable(text, 40)} is more than 10%; write 0.001, 0.1% or 10bps"
        )
    return rate


def parse_margin(text: str, where: str) -> int:
    """Parse an initial margin (``0.05``, ``5%``) into parts per million of the notional."""
    digits, scale = (text.removesuffix("%"), 4) if text.endswith("%") else (text, 6)
    try:
        margin = parse_scaled(digits, scale)
    except NumberError as e:
        raise DataError(f"{where}: margin: {e}; write 0.05 or 5%") from e
    if not 0 < margin <= PPM:
        raise DataError(f"{where}: margin: {printable(text, 40)} is not above 0 and at most 100%")
    return margin


def class_of(spec: InstrumentSpec) -> InstrumentClass | None:
    """Return the class that is stated, None if none is."""
    return _CLASSES[spec.class_] if spec.class_ else None


def _checked(found: dict[str, object], where: str) -> InstrumentSpec:
    """Refuse unknown keys and values that are not plain; numbers stay text."""
    plain: dict[str, str] = {}
    for key, value in found.items():
        if key not in KEYS:
            raise DataError(
                f"{where}: unknown key {printable(key, 40)!r}; the keys are {', '.join(KEYS)}"
            )
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise DataError(f"{where}: {key} must be a text or a number")
        text = str(value)
        if text != printable(text, MAX_SYMBOL):
            raise DataError(
                f"{where}: {key}: {printable(text, 40)!r} has characters that cannot be shown, "
                f"or more than {MAX_SYMBOL}"
            )
        plain["class_" if key == "class" else key] = text
    spec = InstrumentSpec(**plain, where=where)
    if spec.class_ and spec.class_ not in _CLASSES:
        raise DataError(f"{where}: class: {spec.class_!r} is none of {', '.join(sorted(_CLASSES))}")
    if spec.time_unit and spec.time_unit not in ("s", "ms", "us", "ns"):
        raise DataError(f"{where}: time_unit: {spec.time_unit!r} is none of s, ms, us, ns")
    return spec
