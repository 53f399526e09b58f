"""Checkpoints: the whole state as bytes and back; the hash depends on content alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from tests.support.kernel_world import BTC, HELD, UNIT, World, config

from tradetui.core import checkpoint
from tradetui.core.checkpoint import Checkpoint, CheckpointError, load, state_hash
from tradetui.core.invariants import InvariantError
from tradetui.core.kernel import Kernel
from tradetui.core.state import KernelState
from tradetui.domain.control import ExitOnlyChanged, InstanceUnloaded, KillSwitchChanged
from tradetui.domain.enums import (
    InstanceMode,
    KillState,
    OrderRole,
    OrderState,
    OrderType,
    Scope,
    TimeInForce,
)
from tradetui.domain.market_data import Bar, Quote
from tradetui.domain.reports import OutcomeUnknown
from tradetui.domain.units import NANOS_PER_HOUR


def busy() -> World:
    """Return a world in which every map has something."""
    world = World(HELD)
    world.hold()
    world.place(-UNIT, None, role=OrderRole.STOP_LOSS, order_type=OrderType.STOP,
                trigger_price=8_000, time_in_force=TimeInForce.DAY)  # fmt: skip
    entry = world.intent(oco_group="pair")
    twin = world.intent(oco_group="pair")
    child = world.intent(
        -UNIT,
        None,
        order_type=OrderType.STOP,
        trigger_price=7_000,
        role=OrderRole.STOP_LOSS,
        parent_order_id=entry.client_order_id,
    )
    world.intents(entry, twin, child, name="two")
    world.accept(entry.client_order_id)
    world.fill(entry.client_order_id, UNIT // 2, key="fill")
    moved = world.replace(entry.client_order_id, price=9_100)
    world.cancelled(entry.client_order_id)
    world.accept(moved)
    world.order_in(OrderState.CANCELLED)
    world.load("eye", InstanceMode.OBSERVE)
    world.place(name="eye")
    market = world.place(UNIT, None)
    world.event(OutcomeUnknown("main", market), BTC)
    world.event(ExitOnlyChanged("two", True, "me", "x"))
    world.event(InstanceUnloaded("two", "me"))
    world.event(KillSwitchChanged(Scope.ROUTE, "other", KillState.HALTED, "me", "x"))
    world.fill("stranger", fee=1, commission_currency="BNB")
    world.fill(next(iter(world.state.closed_order_ids)), UNIT)
    world.event(Bar(0, 1, 9_500, 9_500, 9_500, 9_500, 1), BTC)
    world.event(Quote(9_500, 1, 9_600, 1), BTC)
    return world


def test_a_restored_kernel_is_the_same_and_goes_on_the_same() -> None:
    world = busy()
    data = world.kernel.checkpoint()
    other = Kernel(config(HELD))
    other.restore(data)
    other.check_all()
    assert other.state_hash() == world.kernel.state_hash()
    assert list(other.state.open_orders) == list(world.state.open_orders)
    assert list(other.state.closed_order_ids) == list(world.state.closed_order_ids)
    before = world.kernel
    world.trade(9_400, after=NANOS_PER_HOUR * 30)
    expected = world.kernel.state_hash()
    world.kernel = other
    world.sequencer.next_seq -= 1
    world.now -= NANOS_PER_HOUR * 30
    world.trade(9_400, after=NANOS_PER_HOUR * 30)
    assert before is not other
    assert other.state_hash() == expected


def test_every_map_of_the_state_is_in_it() -> None:
    left_out = {"config", "max_closed_orders", "undo", "risk_plans", "totals", "moved"}
    kept = set(Checkpoint.__struct_fields__) - {"version", "config_hash"}
    assert kept == set(KernelState.__slots__) - left_out


def test_the_busy_world_fills_every_map() -> None:
    state = busy().state
    empty = {"profiles", "bindings", "peak_equity", "day_start_equity", "order_times"}
    empty |= {"order_counts", "carried_fills"}
    for name in checkpoint._MAPS:
        if name not in empty:
            assert getattr(state, name), name


def test_the_hash_does_not_depend_on_the_order_of_the_maps() -> None:
    world = busy()
    expected = state_hash(world.state)
    shuffled = world.state.copy()
    for name in (*checkpoint._MAPS, *checkpoint._ORDERED_SETS, *checkpoint._NESTED):
        setattr(shuffled, name, dict(reversed(getattr(shuffled, name).items())))
    shuffled.open_orders = dict(reversed(shuffled.open_orders.items()))
    assert state_hash(shuffled) == expected


def test_the_hash_changes_with_the_content() -> None:
    world = busy()
    before = world.kernel.state_hash()
    world.state.cash["main", "USD"] += 1
    assert world.kernel.state_hash() != before


def test_a_broken_state_makes_no_checkpoint() -> None:
    world = busy()
    world.state.cash["main", "USD"] += 1
    with pytest.raises(InvariantError):
        world.kernel.checkpoint()


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x90", msgspec.msgpack.encode(["X", 1])])
def test_bytes_that_are_no_checkpoint_are_refused(data: bytes) -> None:
    kernel = Kernel(config())
    before = kernel.state_hash()
    with pytest.raises(CheckpointError, match="the checkpoint cannot be read"):
        kernel.restore(data)
    assert kernel.state_hash() == before


def test_a_checkpoint_of_another_configuration_is_refused() -> None:
    data = busy().kernel.checkpoint()
    with pytest.raises(CheckpointError, match="was made with another configuration"):
        Kernel(config()).restore(data)


def test_a_checkpoint_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = busy().kernel.checkpoint()
    monkeypatch.setattr(checkpoint, "CHECKPOINT_VERSION", 2)
    with pytest.raises(CheckpointError, match="is of version 1; this program reads 2"):
        load(data, config(HELD))


def test_a_restore_expires_what_was_seen_before() -> None:
    world = busy()
    snapshot = world.kernel.view()
    world.kernel.restore(world.kernel.checkpoint())
    assert world.kernel.view() is not snapshot


_SCRIPT = """
from tests.unit.core.test_checkpoint import busy
print(busy().kernel.state_hash())
"""


def test_the_hash_is_the_same_in_processes_with_other_hash_seeds() -> None:
    root = Path(__file__).resolve().parents[3]
    seen = []
    for seed in ("1", "4711"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root), "PATH": os.defpath}
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT],
            capture_output=True,
            text=True,
            cwd=root,
            env=environment,
            check=True,
        )
        seen.append(done.stdout.strip())
    assert seen[0] == seen[1] == busy().kernel.state_hash()


def test_a_restore_keeps_what_is_the_oldest() -> None:
    world = World(max_closed_orders=10)
    orders = [world.place() for _ in range(3)]
    for order_id in reversed(orders):
        world.accept(order_id)
        world.fill(order_id, trade_id=f"t-{order_id}")
    assert list(world.state.closed_order_ids) == orders[::-1]
    restored = load(world.kernel.checkpoint(), world.state.config)
    assert list(restored.closed_order_ids) == orders[::-1]
    assert list(restored.trade_ids) == list(world.state.trade_ids) != sorted(restored.trade_ids)
