"""Acts on records through the service: every rule of modes, every refusal a sentence."""

from __future__ import annotations

import pytest

from tradetui.domain.enums import InstanceMode, RunMode
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.services.errors import RefusedError, UserError
from tradetui.services.instances import Choices, InstanceService
from tradetui.services.strategies import StrategyCatalogue
from tradetui.storage.instance_store import SqliteInstanceStore

OFF, OBSERVE, ACTIVE = InstanceMode.OFF, InstanceMode.OBSERVE, InstanceMode.ACTIVE


class Counter:
    """Counts how often the records were reconciled."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def reconciled() -> Counter:
    return Counter()


@pytest.fixture
def service(
    store: SqliteInstanceStore, catalogue: StrategyCatalogue, reconciled: Counter
) -> InstanceService:
    choices = Choices(("paper/main",), ("BTC/USDT", "ETH/USDT"))
    return InstanceService(store, catalogue, lambda: choices, RunMode.PAPER, reconciled)


async def made(service: InstanceService, name: str = "btc", **changes: str) -> InstanceRecord:
    values = {
        "name": name,
        "strategy": "mean_revert",
        "account": "paper/main",
        "market": "BTC/USDT",
        "config": "{}",
        **changes,
    }
    return await service.create(**values, actor="op")


async def test_a_new_instance_is_off_and_has_the_defaults(
    service: InstanceService, reconciled: Counter
) -> None:
    record = await made(service, config='{"z": 3}')
    assert record.mode is OFF
    assert record.config_json == (
        '{"fast":true,"levels":[1.0],"note":"","side":"long","window":20,"z":3.0}'
    )
    assert reconciled.count == 1
    assert await service.records() == (record,)
    assert [change.to_mode for change in await service.history("btc")] == [OFF]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "Btc"}, "'Btc' is not an id: 1 to 24 of a-z 0-9 _ -"),
        ({"name": "a\x1b[2J"}, "is not an id"),
        ({"strategy": "mean_rever"}, "no strategy mean_rever; did you mean mean_revert?"),
        ({"strategy": "zzz"}, "there is no strategy zzz; there are broken, grid, mean_revert"),
        ({"strategy": "broken"}, "strategy broken: line 3: invalid syntax"),
        ({"strategy": "grid"}, "strategy grid: cannot be loaded"),
        ({"account": "paper/mian"}, "there is no account paper/mian; did you mean paper/main?"),
        ({"market": "DOGE"}, "there is no market DOGE; there are BTC/USDT, ETH/USDT"),
        ({"config": "{"}, "the config is not JSON"),
        ({"config": "[]"}, "must be a JSON object"),
        ({"config": '{"z": NaN}'}, "NaN is not a finite number"),
        ({"config": '{"z": 1, "z": 2}'}, "the key 'z' is there twice"),
        ({"config": '{"z": 9}'}, "z must be"),
        ({"config": '{"z": "3"}'}, "z must be a number"),
        ({"config": '{"window": true}'}, "window must be"),
        ({"config": '{"windw": 3}'}, "did you mean 'window'?"),
        ({"config": "[" * 100_000}, "the config is not JSON"),
    ],
)
async def test_bad_input_is_refused_in_one_sentence(
    service: InstanceService, reconciled: Counter, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(UserError) as caught:
        await made(service, **changes)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
    assert await service.records() == ()
    assert reconciled.count == 0


async def test_a_used_id_is_refused(service: InstanceService) -> None:
    await made(service)
    with pytest.raises(RefusedError, match="there is an instance btc already: `tradetui instances"):
        await made(service)
    await service.delete(await service.record("btc"), actor="me")
    with pytest.raises(RefusedError, match=r"instances restore btc` .*; a new one needs another"):
        await made(service)


async def test_any_market_is_allowed_when_none_is_known(
    store: SqliteInstanceStore, catalogue: StrategyCatalogue
) -> None:
    service = InstanceService(store, catalogue, lambda: Choices(("paper/main",)), RunMode.PAPER)
    assert (await made(service, market="DOGE/USDT")).market == "DOGE/USDT"


async def test_a_duplicate_is_like_its_source_but_off(service: InstanceService) -> None:
    source = await made(service, config='{"z": 3}')
    await service.set_mode(source, OBSERVE, actor="op")
    copy = await service.duplicate("btc", "btc-2", actor="op")
    assert copy.mode is OFF
    assert copy.config_json == source.config_json
    assert (copy.strategy_type, copy.account, copy.market) == (
        "mean_revert",
        "paper/main",
        "BTC/USDT",
    )
    with pytest.raises(UserError, match="there is no instance bct; did you mean btc"):
        await service.duplicate("bct", "x", actor="op")


async def test_power_goes_between_off_and_observe(service: InstanceService) -> None:
    record = await made(service)
    for mode in (OBSERVE, OFF):
        record = await service.set_mode(record, mode, actor="op")
        assert record.mode is mode


async def test_activation_needs_a_confirmation_and_is_refused_while_off(
    service: InstanceService,
) -> None:
    record = await made(service)
    with pytest.raises(RefusedError, match="btc is off; switch it to observe first"):
        await service.set_mode(record, ACTIVE, actor="op", confirmed=True)
    record = await service.set_mode(record, OBSERVE, actor="op")
    with pytest.raises(RefusedError, match="going active in paper needs a confirmation"):
        await service.set_mode(record, ACTIVE, actor="op")
    record = await service.set_mode(record, ACTIVE, actor="op", confirmed=True)
    assert record.mode is ACTIVE
    record = await service.set_mode(record, OBSERVE, actor="op")
    assert record.mode is OBSERVE


async def test_power_off_from_active_is_two_recorded_steps(
    service: InstanceService, reconciled: Counter
) -> None:
    record = await service.set_mode(await made(service), OBSERVE, actor="op")
    record = await service.set_mode(record, ACTIVE, actor="op", confirmed=True)
    reconciled.count = 0
    record = await service.set_mode(record, OFF, actor="op")
    assert record.mode is OFF
    steps = [(h.from_mode, h.to_mode) for h in await service.history("btc")][-2:]
    assert steps == [(ACTIVE, OBSERVE), (OBSERVE, OFF)]
    assert reconciled.count == 2


async def test_a_late_key_does_nothing(service: InstanceService, reconciled: Counter) -> None:
    seen = await made(service)
    await service.set_mode(seen, OBSERVE, actor="alice")
    reconciled.count = 0
    with pytest.raises(RefusedError, match=r"changed while you looked .by alice: observe"):
        await service.set_mode(seen, OBSERVE, actor="bob")
    assert reconciled.count == 0


async def test_the_same_mode_again_is_no_act(service: InstanceService, reconciled: Counter) -> None:
    record = await made(service)
    reconciled.count = 0
    assert await service.set_mode(record, OFF, actor="op") == record
    assert reconciled.count == 0


@pytest.mark.parametrize("mode", [OFF, OBSERVE])
async def test_orders_are_kept_when_active_is_left_and_by_no_other_act(
    service: InstanceService, mode: InstanceMode
) -> None:
    record = await made(service)
    record = await service.set_mode(record, OBSERVE, actor="op")
    with pytest.raises(RefusedError, match=r"is observe: entry orders are kept.* leaves active"):
        await service.set_mode(record, mode, actor="op", keep_orders=True)
    record = await service.set_mode(record, ACTIVE, actor="op", confirmed=True)
    with pytest.raises(RefusedError, match="is active: entry orders are kept"):
        await service.set_mode(record, ACTIVE, actor="op", confirmed=True, keep_orders=True)
    left = await service.set_mode(record, mode, actor="op", keep_orders=True)
    assert (left.mode, left.keep_orders) == (mode, True)
    assert not (
        await service.set_mode(left, OBSERVE if mode is OFF else OFF, actor="op")
    ).keep_orders


async def test_delete_and_undo(service: InstanceService) -> None:
    record = await service.set_mode(await made(service), OBSERVE, actor="op")
    with pytest.raises(RefusedError, match="btc: is observe; switch it off before it is deleted"):
        await service.delete(record, actor="op")
    record = await service.set_mode(record, OFF, actor="op")
    await service.delete(record, actor="op")
    gone = (
        "instance btc was deleted at .* UTC and is kept 30 days: `tradetui instances restore btc`"
    )
    with pytest.raises(UserError, match=gone):
        await service.record("btc")
    assert (await service.undo_delete("btc", actor="op")).mode is OFF
    with pytest.raises(RefusedError, match="btc: is not among the deleted"):
        await service.undo_delete("btc", actor="op")


async def test_a_config_change_is_shown_then_made(
    service: InstanceService, reconciled: Counter
) -> None:
    record = await made(service)
    reconciled.count = 0
    preview = await service.preview_config(record, {"z": 4.5, "window": 200})
    assert [str(change) for change in preview.changes] == [
        "window: 20 -> 200  x10",
        "z: 2.0 -> 4.5  x2.2",
    ]
    assert reconciled.count == 0
    edited = await service.edit_config(record, {"z": 4.5, "window": 200}, actor="op")
    assert edited.changes == preview.changes
    assert edited.record.config_version == 2
    assert '"window":200' in edited.record.config_json
    assert reconciled.count == 1


async def test_a_config_change_that_changes_nothing(
    service: InstanceService, reconciled: Counter
) -> None:
    record = await made(service)
    reconciled.count = 0
    edited = await service.edit_config(record, {"z": 2}, actor="op")
    assert edited.changes == ()
    assert edited.record == record
    assert reconciled.count == 0


async def test_a_bad_config_change_is_refused(service: InstanceService) -> None:
    record = await made(service)
    with pytest.raises(UserError, match=r"z must be .*got 99; .*'nope' is not a key|nope.*z must"):
        await service.edit_config(record, {"z": 99, "nope": 1}, actor="op")
    assert (await service.record("btc")).config_version == 1


async def test_a_config_that_does_not_load_is_refused_and_not_written(
    service: InstanceService, reconciled: Counter
) -> None:
    record = await made(service)
    reconciled.count = 0
    with pytest.raises(RefusedError) as caught:
        await service.edit_config(record, {"window": 13}, actor="op")
    assert str(caught.value) == (
        "btc does not load with that; it keeps config 1: "
        "strategy mean_revert: ValueError: 13 is unlucky"
    )
    assert await service.record("btc") == record
    assert reconciled.count == 0


async def test_a_stale_config_change_is_refused(service: InstanceService) -> None:
    record = await made(service)
    await service.edit_config(record, {"z": 3}, actor="alice")
    with pytest.raises(RefusedError, match="changed while you looked"):
        await service.edit_config(record, {"z": 4}, actor="bob")


def first(name: str, mode: InstanceMode) -> InstanceRecord:
    return InstanceRecord(
        StrategyId(name), "mean_revert", ExecutionId("paper/main"), "BTC/USDT", mode, "{}"
    )


async def test_a_new_store_is_filled_from_the_config_once(
    service: InstanceService, reconciled: Counter
) -> None:
    wanted = [first("a", OFF), first("b", OBSERVE), first("c", ACTIVE)]
    assert await service.add_first(wanted, actor="first run")
    assert [record.mode for record in await service.records()] == [OFF, OBSERVE, ACTIVE]
    assert [h.to_mode for h in await service.history("c")] == [OFF, OBSERVE, ACTIVE]
    assert reconciled.count == 1
    assert not await service.add_first(wanted, actor="first run")
    await service.delete(await service.record("a"), actor="op")
    for name in ("b", "c"):
        await service.delete(
            await service.set_mode(await service.record(name), OFF, actor="op"), actor="op"
        )
    assert not await service.add_first(wanted, actor="first run")
    assert await service.records() == ()


@pytest.mark.parametrize("run_mode", [RunMode.LIVE, RunMode.SANDBOX])
async def test_a_config_cannot_start_real_trading(
    store: SqliteInstanceStore, catalogue: StrategyCatalogue, run_mode: RunMode
) -> None:
    service = InstanceService(store, catalogue, lambda: Choices(("paper/main",)), run_mode)
    with pytest.raises(RefusedError, match="a config cannot start an instance active"):
        await service.add_first([first("c", ACTIVE)], actor="first run")
    assert await service.records() == ()
