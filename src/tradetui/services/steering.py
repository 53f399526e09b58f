"""From words on a command line to operator commands."""

from __future__ import annotations

import difflib
from typing import Final

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
from tradetui.domain.text import printable
from tradetui.domain.words import SCOPE_WORDS
from tradetui.services.errors import RefusedError, UserError

ALL: Final = "all"
_NARROW: Final = tuple(scope for scope in SCOPE_WORDS if scope is not Scope.GLOBAL)
SCOPES: Final = tuple(SCOPE_WORDS[scope] for scope in _NARROW)
"""What may stand before the colon of a scope."""
_SCOPES: Final = {
    **{SCOPE_WORDS[scope]: scope for scope in _NARROW},
    **{scope.value: scope for scope in _NARROW},
}
"""The config's own words are taken too."""


def instance_named(name: str) -> str:
    """Return the instance (or ``all``) that an argument names: ``btc-mr``, ``instance:btc-mr``.

    Raises UserError for another scope: what acts on positions is of instances.
    """
    if name in (ALL, SCOPE_WORDS[Scope.GLOBAL]):
        return ALL
    word, colon, key = name.partition(":")
    if not colon:
        return name
    if _SCOPES.get(word) is Scope.STRATEGY and key:
        return key
    raise UserError(
        f"{printable(name, 60)!r} is no instance: name one, or all; of an account, a market or a "
        "route `tradetui kill --scope` stops the entries"
    )


def steering(verb: str, name: str, actor: str) -> OperatorCommand:
    """Return the command of ``pause``, ``resume``, ``exit-only`` or ``reload``; ``all`` is every
    instance, but a reload is of one.
    """
    target = None if name == ALL else StrategyId(name)
    if verb == "pause":
        return Pause(target, True, None, actor)
    if verb == "resume":
        return Resume(target, actor)
    if verb == "exit-only":
        return SetExitOnly(target, True, actor, "from a shell")
    assert verb == "reload"
    if target is None:
        raise UserError("a reload is of one instance; name it")
    return ReloadInstance(target, None, actor)


def parse_scope(text: str) -> tuple[Scope, str]:
    """Read ``all`` or ``instance:ID`` (``account:``, ``market:``, ``route:``)."""
    if text in (ALL, SCOPE_WORDS[Scope.GLOBAL]):
        return Scope.GLOBAL, ""
    word, _, key = text.partition(":")
    scope = _SCOPES.get(word)
    if scope is not None and key:
        return scope, key
    near = difflib.get_close_matches(word, [*_SCOPES, ALL], n=1)
    hint = f"did you mean {near[0]}?" if near else f"for one instance: instance:{word or 'NAME'}"
    raise UserError(
        f"{printable(text, 60)!r} is no scope: all, {', '.join(f'{one}:NAME' for one in SCOPES)}; "
        f"{printable(hint, 80)}"
    )


def engaging(
    scope: str, *, exit_only: bool, keep_entries: bool, reason: str, actor: str
) -> SetKillSwitch:
    """Return the command that engages a kill-switch."""
    kind, key = parse_scope(scope)
    state = KillState.REDUCING if exit_only else KillState.HALTED
    why = printable(reason.strip() or "from a shell", 200)
    return SetKillSwitch(kind, key, state, None, actor, why, cancel_entries=not keep_entries)


def releasing(scope: str, *, reason: str, confirmed: bool, actor: str) -> SetKillSwitch:
    """Return the command that releases a kill-switch; a person must say why, and confirm."""
    kind, key = parse_scope(scope)
    if not reason.strip():
        raise UserError("a release needs a reason: --reason 'why it is safe to trade again'")
    if not confirmed:
        raise RefusedError("a release lets orders out again: confirm it with --yes. Nothing done.")
    why = printable(reason.strip(), 200)
    return SetKillSwitch(kind, key, KillState.NORMAL, None, actor, why)


def flattening(name: str, *, reason: str, confirmed: bool, actor: str) -> ClosePosition:
    """Return the command that closes the positions of one instance, or of all."""
    if not confirmed:
        raise RefusedError("this sells or buys at market: confirm it with --yes. Nothing done.")
    target = None if name == ALL else StrategyId(name)
    return ClosePosition(target, actor, printable(reason.strip() or "from a shell", 200))


def cancelling(order: str, *, confirmed: bool, actor: str) -> CancelOne:
    """Return the command that cancels one order; it may be a protective stop: confirm."""
    if not confirmed:
        raise RefusedError("the order may be a protective stop: confirm it with --yes")
    return CancelOne(ClientOrderId(order), actor)
