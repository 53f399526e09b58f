"""The sections of the config file that say where prices come from."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from tradetui.config.numbers import Seconds
from tradetui.config.section import Held, Name, Section, Symbol, Text
from tradetui.domain.units import NANOS_PER_SECOND

DEFAULT_REORDER_TIMEOUT_NS: Final = 250_000_000
MAX_REORDER_TIMEOUT_NS: Final = 60 * NANOS_PER_SECOND


def _check_ordering(written: set[str], size: int, timeout: int) -> None:
    """Refuse a timeout that has no effect, or that is no delay any more but a stop."""
    if "reorder_buffer_timeout" in written and not size:
        text = "reorder_buffer_timeout has no effect without reorder_buffer_size above 0; set both"
        raise PydanticCustomError("order", text)
    if timeout > MAX_REORDER_TIMEOUT_NS:
        raise PydanticCustomError("order", "reorder_buffer_timeout must be at most 60 seconds")


class SyntheticFeed(Section):
    """Made-up prices of some of the made-up markets, from a seed (left out: the engine's)."""

    kind: Literal["synthetic"]
    """A made-up market."""
    venue: Literal["SIM"] = "SIM"
    """The venue of its markets, for `[[routes]]`."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Left out = the engine's."""
    rate: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Quotes a second over all markets."""
    markets: tuple[Symbol, ...]
    """Which of the made-up markets."""
    reorder_buffer_size: Held = 0
    """Items of a market that may be held back, so that one that comes out of order still gets its
    place; 0 = none is held."""
    reorder_buffer_timeout: Seconds = DEFAULT_REORDER_TIMEOUT_NS
    """Seconds that one is held back at most: each price is shown and traded on so much later."""

    @field_validator("markets", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if not value:
            raise PydanticCustomError("empty", "needs at least one market, such as BTC/USDT")
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _ordering(self) -> SyntheticFeed:
        _check_ordering(
            self.model_fields_set, self.reorder_buffer_size, self.reorder_buffer_timeout
        )
        return self


class ReplayFeed(Section):
    """Recorded data from files."""

    kind: Literal["replay"]
    """Recorded data."""
    files: tuple[Text, ...]
    """Bars, trades or best quotes, as CSV, gzip CSV or Parquet."""
    venue: Name = "REPLAY"
    """The venue of the files, for `[[routes]]`; files that name another one are refused."""
    instrument: Text = ""
    """A TOML file, or text, that says tick, lot and fees; empty = a sidecar, else inferred."""
    speed: Annotated[int, Field(ge=1, le=10_000)] = 1
    """How many times as fast as it happened it is played."""
    reorder_buffer_size: Held = 0
    """Rows of a market that may be held back, so that one out of order still gets its place; what
    is later is left out, and counted. 0 = a file that is not in order is refused."""
    reorder_buffer_timeout: Seconds = DEFAULT_REORDER_TIMEOUT_NS
    """Seconds that one is held back at most, of the time that the rows tell."""

    @field_validator("files", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if not value:
            raise PydanticCustomError("empty", "needs at least one file")
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _ordering(self) -> ReplayFeed:
        _check_ordering(
            self.model_fields_set, self.reorder_buffer_size, self.reorder_buffer_timeout
        )
        return self


Feed = Annotated[SyntheticFeed | ReplayFeed, Field(discriminator="kind")]
