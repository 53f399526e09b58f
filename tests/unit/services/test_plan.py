"""The plan: a pure function from what is wanted and what runs."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.services.plan import Action, ChangeMode, Load, Reload, Running, Unload, plan

OFF, OBSERVE, ACTIVE = InstanceMode.OFF, InstanceMode.OBSERVE, InstanceMode.ACTIVE


def record(name: str, mode: InstanceMode = OBSERVE, **changes: object) -> InstanceRecord:
    base = InstanceRecord(
        StrategyId(name), "grid", ExecutionId("paper/main"), "BTC/USDT", mode, "{}"
    )
    return msgspec.structs.replace(base, **changes)


def test_what_is_on_is_loaded_and_what_is_off_is_not() -> None:
    records = [record("c", ACTIVE), record("a"), record("b", OFF)]
    assert plan(records, ()) == (Load(records[1]), Load(records[0]))


def test_what_is_off_or_gone_is_unloaded() -> None:
    running = [Running(record("b")), Running(record("a"))]
    assert plan([record("a", OFF)], running) == (
        Unload(StrategyId("a"), "its mode is off"),
        Unload(StrategyId("b"), "its record was deleted"),
    )


def test_what_is_as_wanted_is_left_alone() -> None:
    now = record("a", revision=3, changed_by="x")
    assert plan([msgspec.structs.replace(now, revision=4)], [Running(now)]) == ()


def test_a_changed_config_is_a_reload() -> None:
    new = record("a", config_json='{"z":1}', config_version=2)
    old = record("a")
    assert plan([new], [Running(old)]) == (Reload(new, "config 1 -> 2", old),)


def test_a_config_that_failed_is_not_tried_again_as_it_is() -> None:
    new = record("a", OBSERVE, config_json='{"z":1}', config_version=2, revision=4)
    old = record("a")
    assert plan([new], [Running(old)], {StrategyId("a"): 4}) == ()
    assert plan([new], [Running(old)], {StrategyId("a"): 3}) != ()
    assert plan([], [Running(old)], {StrategyId("a"): 4}) != ()


def test_a_changed_config_and_mode_are_one_reload() -> None:
    new = record("a", ACTIVE, config_json='{"z":1}', config_version=2)
    old = record("a")
    assert plan([new], [Running(old)]) == (Reload(new, "config 1 -> 2", old),)


def test_a_changed_mode_is_no_reload() -> None:
    new = record("a", ACTIVE)
    assert plan([new], [Running(record("a"))]) == (ChangeMode(new, OBSERVE),)


def test_another_record_with_the_same_id_is_a_reload() -> None:
    for change in (
        {"strategy_type": "other"},
        {"account": "other"},
        {"market": "ETH/USDT"},
        {"created_time": 5},
    ):
        new = record("a", **change)
        assert plan([new], [Running(record("a"))]) == (Reload(new, "another record has its id"),)


def test_what_reduces_risk_comes_first() -> None:
    desired = [
        record("a", ACTIVE),
        record("b", OBSERVE),
        record("c", config_json="[]"),
        record("d"),
        record("e", OFF),
    ]
    running = [
        Running(record("a", OBSERVE)),
        Running(record("b", ACTIVE)),
        Running(record("c")),
        Running(record("e")),
    ]
    kinds = [type(action).__name__ for action in plan(desired, running)]
    assert kinds == ["Unload", "ChangeMode", "Reload", "Load", "ChangeMode"]


def test_what_failed_is_not_tried_again_before_it_changed() -> None:
    now = record("a", revision=3)
    assert plan([now], (), {StrategyId("a"): 3}) == ()
    assert plan([now], (), {StrategyId("a"): 2}) == (Load(now),)


MODES = st.sampled_from(list(InstanceMode))
RECORDS = st.lists(
    st.builds(
        record,
        st.sampled_from("abcdef"),
        MODES,
        config_json=st.sampled_from(["{}", '{"z":1}']),
    ),
    unique_by=lambda item: item.strategy_id,
)


def carried_out(actions: tuple[Action, ...], running: dict[str, InstanceRecord]) -> None:
    for action in actions:
        if isinstance(action, Unload):
            del running[action.strategy_id]
        else:
            running[action.record.strategy_id] = action.record


@given(RECORDS, RECORDS)
def test_a_plan_leads_to_what_is_wanted_and_then_there_is_nothing_to_do(
    desired: list[InstanceRecord], observed: list[InstanceRecord]
) -> None:
    running = {item.strategy_id: item for item in observed if item.mode is not OFF}
    carried_out(plan(desired, [Running(item) for item in running.values()]), running)
    assert running == {item.strategy_id: item for item in desired if item.mode is not OFF}
    assert plan(desired, [Running(item) for item in running.values()]) == ()


@given(RECORDS, RECORDS)
def test_the_order_of_the_records_does_not_matter(
    desired: list[InstanceRecord], observed: list[InstanceRecord]
) -> None:
    running = [Running(item) for item in observed]
    assert plan(desired, running) == plan(desired[::-1], running[::-1])
