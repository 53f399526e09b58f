"""Words on a command line become commands, or one sentence."""

from __future__ import annotations

import pytest

from tradetui.domain.commands import (
    CancelOne,
    ClosePosition,
    OperatorCommand,
    Pause,
    ReloadInstance,
    Resume,
    SetExitOnly,
    SetKillSwitch,
)
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.services.errors import RefusedError, UserError
from tradetui.services.steering import (
    cancelling,
    engaging,
    flattening,
    instance_named,
    parse_scope,
    releasing,
    steering,
)

MR = StrategyId("btc-mr")


@pytest.mark.parametrize(
    ("verb", "name", "command"),
    [
        ("pause", "btc-mr", Pause(MR, True, None, "op")),
        ("pause", "all", Pause(None, True, None, "op")),
        ("resume", "btc-mr", Resume(MR, "op")),
        ("resume", "all", Resume(None, "op")),
        ("exit-only", "all", SetExitOnly(None, True, "op", "from a shell")),
        ("reload", "btc-mr", ReloadInstance(MR, None, "op")),
    ],
)
def test_a_verb_becomes_its_command(verb: str, name: str, command: OperatorCommand) -> None:
    assert steering(verb, name, "op") == command


def test_a_reload_is_of_one() -> None:
    with pytest.raises(UserError, match="name it"):
        steering("reload", "all", "op")


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("all", (Scope.GLOBAL, "")),
        ("global", (Scope.GLOBAL, "")),
        ("instance:btc-mr", (Scope.STRATEGY, "btc-mr")),
        ("account:paper/main", (Scope.EXECUTION, "paper/main")),
        ("market:BTC/USDT", (Scope.INSTRUMENT, "BTC/USDT")),
        ("route:paper-main", (Scope.ROUTE, "paper-main")),
        ("strategy:btc-mr", (Scope.STRATEGY, "btc-mr")),
        ("instrument:BTC/USDT.SIM", (Scope.INSTRUMENT, "BTC/USDT.SIM")),
        ("execution:paper/main", (Scope.EXECUTION, "paper/main")),
    ],
)
def test_a_scope_is_read_as_it_is_written(text: str, scope: tuple[Scope, str]) -> None:
    assert parse_scope(text) == scope


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("strategi:x", "did you mean strategy"),
        ("acount:x", "all, account:NAME, route:NAME, instance:NAME, market:NAME; did you mean acc"),
        ("instance:", "did you mean instance"),
        ("", "for one instance: instance:NAME"),
        ("btc-mr", "for one instance: instance:btc-mr"),
    ],
)
def test_a_wrong_scope_is_said(text: str, hint: str) -> None:
    with pytest.raises(UserError, match=hint):
        parse_scope(text)


def test_engaging_and_releasing() -> None:
    halt = engaging("all", exit_only=False, keep_entries=False, reason="", actor="op")
    assert halt == SetKillSwitch(
        Scope.GLOBAL, "", KillState.HALTED, None, "op", "from a shell", cancel_entries=True
    )
    calm = engaging("strategy:x", exit_only=True, keep_entries=True, reason=" chop ", actor="op")
    assert (calm.state, calm.reason, calm.cancel_entries) == (KillState.REDUCING, "chop", False)
    release = releasing("all", reason="calm", confirmed=True, actor="op")
    assert release.state is KillState.NORMAL
    with pytest.raises(UserError, match="needs a reason"):
        releasing("all", reason=" ", confirmed=True, actor="op")
    with pytest.raises(RefusedError, match="--yes"):
        releasing("all", reason="calm", confirmed=False, actor="op")


def test_what_may_cost_money_is_confirmed() -> None:
    assert flattening("all", reason="", confirmed=True, actor="op") == ClosePosition(
        None, "op", "from a shell"
    )
    assert flattening("btc-mr", reason="x", confirmed=True, actor="op").strategy_id == MR
    assert cancelling("a1", confirmed=True, actor="op") == CancelOne(ClientOrderId("a1"), "op")
    with pytest.raises(RefusedError):
        flattening("all", reason="", confirmed=False, actor="op")
    with pytest.raises(RefusedError):
        cancelling("a1", confirmed=False, actor="op")


@pytest.mark.parametrize(
    ("text", "name"),
    [("all", "all"), ("global", "all"), ("mr", "mr"), ("instance:mr", "mr"), ("strategy:mr", "mr")],
)
def test_an_instance_may_be_named_as_a_scope(text: str, name: str) -> None:
    assert instance_named(text) == name


@pytest.mark.parametrize("text", ["market:BTC/USDT", "instance:", "wrong:mr"])
def test_what_acts_on_positions_is_of_instances(text: str) -> None:
    with pytest.raises(UserError, match="is no instance: name one, or all"):
        instance_named(text)
