"""The samples that a demo runs on replayed files, set up for what the files hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import Currency, ExecutionId, InstrumentId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.instruments import Instrument
from tradetui.domain.units import NANOS_PER_MINUTE, PPM
from tradetui.strategy.timeframes import timeframe_ns

UNITS_PER_DOLLAR_PPM: Final = {"BTC": 20, "ETH": 400, "BNB": 2_000}
"""Roughly what a dollar is worth, for the demo's limits only; all other currencies count as one."""
SAMPLES: Final = (
    ("cross", "ma_cross", InstanceMode.ACTIVE),
    ("bands", "bollinger_reversion", InstanceMode.ACTIVE),
    ("gallery", "gallery", InstanceMode.ACTIVE),
    ("grid", "grid", InstanceMode.OBSERVE),
)
"""(suffix of the id, strategy, mode) of the demo's instances on each replayed market."""
NO_BARS: Final[Mapping[InstrumentId, int]] = MappingProxyType({})
_TIMEFRAMES: Final = ("1m", "5m", "15m", "1h", "4h", "1d")
"""What the samples offer as the length of their bars."""
_TREND: Final = 12
"""Bars of the fast timeframe that one of the slow one has at least."""
_WORTHS: Final[Mapping[str, tuple[tuple[str, int], ...]]] = {
    "gallery": (("value", 25), ("oversize", 2_000)),
    "grid": (("value", 100),),
}
"""Settings that are money, as they are in dollars."""
_TOUR_REST: Final = 20
"""Ticks that the gallery rests on bars of a minute: as many bars on longer ones."""
_LONGEST_REST: Final = 10_000


def replay_records(
    account: ExecutionId,
    instruments: tuple[Instrument, ...],
    *,
    has_quotes: bool,
    bar_lengths: Mapping[InstrumentId, int] = NO_BARS,
) -> tuple[InstanceRecord, ...]:
    """Return the demo's instances on replayed markets; the market maker needs quotes.

    ``bar_lengths`` (ns) are those of markets that come in bars: the samples take bars that can be
    made of them, and amounts of roughly the same worth in any currency.
    """
    samples = list(SAMPLES)
    if has_quotes:
        samples.append(("maker", "market_maker", InstanceMode.ACTIVE))
    records = []
    for instrument in instruments:
        stem = "".join(char for char in instrument.symbol.lower() if char.isalnum())[:12]
        length = bar_lengths.get(instrument.instrument_id, 0)
        for suffix, strategy, mode in samples:
            settings = sample_settings(strategy, instrument.quote, length)
            records.append(
                InstanceRecord(
                    strategy_id=StrategyId(f"{stem}-{suffix}"),
                    strategy_type=strategy,
                    account=account,
                    market=instrument.symbol,
                    mode=mode,
                    config_json=json.dumps(settings, sort_keys=True),
                )
            )
    return tuple(sorted(records, key=lambda record: record.strategy_id))


def sample_settings(strategy: str, quote: Currency, bar_length: int) -> dict[str, Any]:
    """Return what a sample is to have set otherwise than it does by itself."""
    settings: dict[str, Any] = {}
    rate = UNITS_PER_DOLLAR_PPM.get(quote, PPM)
    if rate != PPM:
        for key, dollars in _WORTHS.get(strategy, ()):
            settings[key] = float(Decimal(dollars * rate) / PPM)
    timeframe = _made_of(bar_length)
    if strategy == "market_maker" or timeframe in ("", _TIMEFRAMES[0]):
        return settings
    settings["timeframe"] = timeframe
    if strategy == "bollinger_reversion":
        settings["trend_timeframe"] = _made_of(bar_length, _TREND * timeframe_ns(timeframe))
    if strategy == "gallery":
        rest = _TOUR_REST * (timeframe_ns(timeframe) // NANOS_PER_MINUTE)
        settings["rest"] = min(rest, _LONGEST_REST)
    return settings


def _made_of(bar_length: int, least: int = 0) -> str:
    """Return the shortest timeframe of the samples that bars add up to, ``least`` long if there is
    one so long; empty where none can be made.
    """
    found = [one for one in _TIMEFRAMES if not bar_length or timeframe_ns(one) % bar_length == 0]
    longer = [one for one in found if timeframe_ns(one) >= least]
    return longer[0] if longer else found[-1] if found else ""
