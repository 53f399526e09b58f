"""How the simulated venue behaves: fill model, slippage, latency, fees."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from tradetui.domain.record import Record
from tradetui.domain.units import PPM


class FillModel(StrEnum):
    """How much of an order one item can fill.

    FULL: all of it. VOLUME_CAP: at most a share of the item's volume (a bar's volume, a trade's
    quantity, the quantity quoted on the other side), so that orders fill in parts.
    """

    FULL = "full"
    VOLUME_CAP = "volume_cap"


class VenueConfig(Record, frozen=True):
    """Settings of one simulated venue.

    ``slippage_ppm`` moves the price of what takes liquidity against us, never past a limit.
    ``latency_ns``: a command reaches the venue so much later; ``latency_bars``: after so many more
    items of its instrument (bars, or trades and quotes where these are the feed). Only one of the
    two. ``maker_fee_ppm`` and ``taker_fee_ppm`` replace the instrument's own when not None.
    ``fee_in_base``: spot buys pay in the base coin. ``touch_fills`` False makes a bar fill a limit
    only when the price went through it. Ids begin with ``id_prefix``.
    """

    fill_model: FillModel = FillModel.FULL
    volume_share_ppm: int = 100_000
    slippage_ppm: int = 0
    latency_ns: int = 0
    latency_bars: int = 0
    maker_fee_ppm: int | None = None
    taker_fee_ppm: int | None = None
    fee_in_base: bool = False
    touch_fills: bool = True
    id_prefix: str = "S"

    def __post_init__(self) -> None:
        """Refuse settings that make no sense, in one sentence."""
        if not 0 < self.volume_share_ppm <= PPM:
            raise ValueError(
                f"volume_share_ppm is {self.volume_share_ppm}; it must be from 1 to {PPM}"
            )
        if not 0 <= self.slippage_ppm < PPM:
            raise ValueError(f"slippage_ppm is {self.slippage_ppm}; it must be from 0 to {PPM - 1}")
        if self.latency_ns < 0 or self.latency_bars < 0:
            raise ValueError("latency_ns and latency_bars must not be negative")
        if self.latency_ns and self.latency_bars:
            raise ValueError("latency_ns and latency_bars exclude each other; set one of them to 0")
        if not self.id_prefix.isascii() or not self.id_prefix.isalnum():
            raise ValueError(
                f"id_prefix is {self.id_prefix!r}; it must be letters and digits without a blank"
            )


def settings_json(config: VenueConfig) -> str:
    """Return the settings as one line of JSON, by name: what the journal's header keeps."""
    return msgspec.json.encode(msgspec.structs.asdict(config)).decode()


def read_settings(text: str) -> VenueConfig:
    """Return the settings that ``settings_json`` wrote; what is not named has its default.

    Raises ValueError, with one sentence, for anything else.
    """
    values = msgspec.structs.asdict(VenueConfig())
    try:
        named = msgspec.json.decode(text, type=dict[str, int | bool | str | None])
        unknown = [name for name in named if name not in values]
        if unknown:
            raise ValueError(f"the simulated venue has no setting {unknown[0]}")
        values |= named
        return msgspec.convert([VenueConfig.__name__, *values.values()], VenueConfig)
    except msgspec.MsgspecError as error:
        raise ValueError(f"the settings of the simulated venue cannot be read: {error}") from error
