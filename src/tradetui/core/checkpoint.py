"""The state as bytes, and back; and its hash.

Every map is a list of pairs, because keys are tuples. A checkpoint keeps the order of the maps; the
hash sorts them by key, so that it depends on what is there and on nothing else. What is derived and
made anew when absent (``risk_plans``) is in neither.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from tradetui.core.state import DayStats, Instance, KernelState, Mark, Working
from tradetui.domain.codec import digest
from tradetui.domain.enums import Scope
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import Instrument
from tradetui.domain.orders import Order, Position
from tradetui.domain.record import Record
from tradetui.domain.risk import KillSwitch, ProfileBinding, RiskProfile
from tradetui.domain.steps import ExecutionContextConfig, KernelConfig, RouteConfig

CHECKPOINT_VERSION: Final = 1

_Ints = tuple[tuple[str, int], ...]
_Names = tuple[tuple[str, str], ...]
_Lists = tuple[tuple[str, tuple[str, ...]], ...]
_Triple = tuple[str, str, str]


class CheckpointError(ValueError):
    """Bytes are no checkpoint, or not one of this configuration."""


class Checkpoint(Record, frozen=True):
    """All state of one run. Each field after ``config_hash`` has the name of the state's own."""

    version: int
    config_hash: str
    seq_id: int
    now: int
    max_order_counter: int
    instruments: tuple[tuple[str, Instrument], ...]
    routes: tuple[tuple[str, RouteConfig], ...]
    contexts: tuple[tuple[str, ExecutionContextConfig], ...]
    profiles: tuple[tuple[str, RiskProfile], ...]
    bindings: tuple[tuple[tuple[Scope, str], tuple[ProfileBinding, ...]], ...]
    marks: tuple[tuple[str, Mark], ...]
    instances: tuple[tuple[str, Instance], ...]
    orders: tuple[tuple[str, Order], ...]
    open_orders: tuple[str, ...]
    open_by_instrument: _Lists
    held_by_instrument: _Lists
    closed_order_ids: tuple[str, ...]
    stop_wanted: tuple[_Triple, ...]
    children: _Lists
    oco_groups: _Lists
    parents: _Names
    carried_fills: _Ints
    working_prices: _Ints
    held_deadlines: _Ints
    positions: tuple[tuple[_Triple, Position], ...]
    route_quantities: tuple[tuple[tuple[str, str], int], ...]
    cash: tuple[tuple[tuple[str, str], int], ...]
    cash_flows: tuple[tuple[tuple[str, str], int], ...]
    working: tuple[tuple[_Triple, Working], ...]
    days: tuple[tuple[_Triple, DayStats], ...]
    kill_switches: tuple[tuple[tuple[Scope, str], KillSwitch], ...]
    halted_routes: _Names
    kept_exit_only: _Names
    trade_ids: tuple[tuple[_Triple, int], ...]
    idempotency_keys: _Ints
    order_times: tuple[tuple[tuple[str, int], int], ...]
    order_counts: _Ints
    peak_equity: _Ints
    day_start_equity: tuple[tuple[str, tuple[int, int]], ...]
    bar_times: _Ints
    trade_times: _Ints
    quote_times: _Ints


_NUMBERS: Final = ("seq_id", "now", "max_order_counter")
_ORDERED_SETS: Final = ("closed_order_ids", "stop_wanted")
"""Maps to None."""
_NESTED: Final = ("open_by_instrument", "held_by_instrument")
"""Maps of maps to None."""
_MAPS: Final = tuple(
    name
    for name in Checkpoint.__struct_fields__
    if name not in ("version", "config_hash", "open_orders", *_NUMBERS, *_ORDERED_SETS, *_NESTED)
)

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Checkpoint)


def dump(state: KernelState) -> bytes:
    """Return the state as a checkpoint."""
    return _encoder.encode(_checkpoint(state, is_sorted=False))


def state_hash(state: KernelState) -> str:
    """Return the SHA-256, in hex, of the state with every map sorted by key."""
    return hashlib.sha256(_encoder.encode(canonical(state))).hexdigest()


def canonical(state: KernelState) -> Checkpoint:
    """Return the state with every map sorted by key: the record whose bytes the hash is of."""
    return _checkpoint(state, is_sorted=True)


def load(data: bytes, config: KernelConfig) -> KernelState:
    """Build the state that a checkpoint holds; raises CheckpointError for anything else."""
    try:
        checkpoint = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CheckpointError(f"the checkpoint cannot be read: {error}") from error
    if checkpoint.version != CHECKPOINT_VERSION:
        raise CheckpointError(
            f"the checkpoint is of version {checkpoint.version}; this program reads "
            f"{CHECKPOINT_VERSION}: replay the journal instead"
        )
    if checkpoint.config_hash != digest(config):
        raise CheckpointError(
            "the checkpoint was made with another configuration of routes, profiles or limits: "
            "replay the journal instead"
        )
    state = KernelState(config)
    for name in _NUMBERS:
        setattr(state, name, getattr(checkpoint, name))
    for name in _MAPS:
        setattr(state, name, dict(getattr(checkpoint, name)))
    for name in _ORDERED_SETS:
        setattr(state, name, dict.fromkeys(getattr(checkpoint, name)))
    for name in _NESTED:
        nested = {key: dict.fromkeys(ids) for key, ids in getattr(checkpoint, name)}
        setattr(state, name, nested)
    orders: dict[Any, Order] = state.orders
    for order_id in checkpoint.open_orders:
        state.open_orders[ClientOrderId(order_id)] = orders[order_id]
    return state


def _checkpoint(state: KernelState, *, is_sorted: bool) -> Checkpoint:
    def ordered(items: Any) -> tuple[Any, ...]:
        return tuple(sorted(items)) if is_sorted else tuple(items)

    def pairs(table: dict[Any, Any]) -> tuple[Any, ...]:
        if is_sorted:
            return tuple((key, table[key]) for key in sorted(table))
        return tuple(table.items())

    fields: dict[str, Any] = {name: getattr(state, name) for name in _NUMBERS}
    fields |= {name: pairs(getattr(state, name)) for name in _MAPS}
    fields |= {name: ordered(getattr(state, name)) for name in _ORDERED_SETS}
    for name in _NESTED:
        nested = getattr(state, name)
        fields[name] = tuple((key, ordered(ids)) for key, ids in pairs(nested))
    return Checkpoint(
        version=CHECKPOINT_VERSION,
        config_hash=digest(state.config),
        open_orders=ordered(state.open_orders),
        **fields,
    )
