"""What a person writes for a what-if run, as changes of the recorded rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec
from pydantic import TypeAdapter, ValidationError

from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.what_if import Changes
from tradetui.cli.wiring import OtherRules
from tradetui.config.domain_records import risk_profile
from tradetui.config.models import Config, RiskSection
from tradetui.config.numbers import BasisPoints, Limit, Rate
from tradetui.core.venue.models import VenueConfig, read_settings
from tradetui.domain.ids import StrategyId
from tradetui.domain.risk import InstanceLimits, RiskProfile
from tradetui.domain.steps import KernelConfig
from tradetui.domain.text import printable
from tradetui.services.errors import UserError

_LIMITS: Final = InstanceLimits.__struct_fields__
_SECTION_NAMES: Final = tuple(RiskSection.model_fields)


def changes_of(
    run: RecordedRun, rules: OtherRules, config: Callable[[], Config], *, force: bool
) -> Changes:
    """Return the changes that the rules ask for; raises UserError for what makes no sense.

    ``config`` gives the config of today, where a whole profile is named.
    """
    texts: list[str] = []
    kernel_config = run.header.kernel_config
    limits: dict[str, int | None] = {}
    for text in rules.profiles:
        kernel_config = _profile_change(kernel_config, text, config, limits)
        texts.append(f"risk: {text}")
    configs: dict[StrategyId, dict[str, Any]] = {}
    for text in rules.configs:
        strategy_id, key, value = _config_change(text)
        configs.setdefault(strategy_id, {})[key] = value
        texts.append(f"config: {text}")
    venue = _venue_change(run, rules, texts)
    return Changes(
        None if kernel_config == run.header.kernel_config else kernel_config,
        venue,
        configs,
        limits,
        tuple(texts),
        force,
    )


def _profile_change(
    kernel: KernelConfig,
    text: str,
    config: Callable[[], Config],
    limits: dict[str, int | None],
) -> KernelConfig:
    name, equals, value = text.partition("=")
    if not equals:
        return _with_profile(kernel, _named_profile(kernel, name, config))
    profile, _, key = name.rpartition(".")
    if key in _LIMITS and not profile:
        limits[key] = _limit(key, value)
        return kernel
    if key not in _SECTION_NAMES:
        known = ", ".join((*_SECTION_NAMES, *_LIMITS))
        raise UserError(f"--profile {printable(text, 60)}: {key!r} is no limit; there is {known}")
    chosen = [one for one in kernel.profiles if profile in ("", one.name)]
    if not chosen:
        names = ", ".join(one.name for one in kernel.profiles) or "none"
        raise UserError(f"--profile {text}: the run has no profile {profile!r}; it has {names}")
    changed = {one.name: _changed(one, key, value, text) for one in chosen}
    return msgspec.structs.replace(
        kernel, profiles=tuple(changed.get(one.name, one) for one in kernel.profiles)
    )


def _with_profile(kernel: KernelConfig, profile: RiskProfile) -> KernelConfig:
    """Put one profile in the place of every profile that is bound."""
    bindings = tuple(
        dict.fromkeys(msgspec.structs.replace(one, profile=profile.name) for one in kernel.bindings)
    )
    return msgspec.structs.replace(kernel, profiles=(profile,), bindings=bindings)


def _named_profile(kernel: KernelConfig, name: str, config: Callable[[], Config]) -> RiskProfile:
    for profile in kernel.profiles:
        if profile.name == name:
            return profile
    sections = config().risk
    if name not in sections:
        known = sorted({*sections, *(one.name for one in kernel.profiles)})
        raise UserError(
            f"--profile: there is no risk profile {printable(name, 40)!r} in the run or in the "
            f"config; there is {', '.join(known) or 'none'}"
        )
    return risk_profile(name, sections[name])


def _changed(profile: RiskProfile, key: str, value: str, text: str) -> RiskProfile:
    """Return a profile with one limit changed, written as in the config file; ``none`` lifts it."""
    written: dict[str, Any] = {} if value == "none" else {key: _written(key, value)}
    try:
        made = risk_profile(profile.name, RiskSection.model_validate(written))
    except ValidationError as error:
        raise UserError(f"--profile {printable(text, 60)}: {_said(error)}") from None
    name = next(key + unit for unit in ("", "_ns", "_ppm") if hasattr(made, key + unit))
    return msgspec.structs.replace(profile, **{name: getattr(made, name)})


def _written(key: str, value: str) -> Any:
    """Return a value as TOML would have it."""
    if key in ("allow", "block"):
        return [one for one in value.split(",") if one]
    if key in ("prevent_self_cross", "may_reduce"):
        return {"true": True, "false": False}.get(value, value)
    if key in ("max_open_orders", "max_orders") and value.isascii() and value.isdigit():
        return int(value)
    return value


def _limit(key: str, value: str) -> int | None:
    """Return a limit of the instances."""
    if value == "none" and key != "budget":
        return None
    if key == "max_orders_per_hour":
        if value.isascii() and value.isdigit() and int(value) > 0:
            return int(value)
        raise UserError(f"--profile {key}: {printable(value, 40)!r} is no count above 0")
    return _number(f"--profile {key}", Limit, value)


def _config_change(text: str) -> tuple[StrategyId, str, Any]:
    """Take ``ID.key=value`` apart; the value is JSON, or else plain text."""
    path, equals, value = text.partition("=")
    strategy_id, dot, key = path.partition(".")
    if not equals or not dot or not strategy_id or not key:
        raise UserError(
            f"--set {printable(text, 60)}: write it as ID.key=value, for example btc-mr.z=2.5"
        )
    try:
        return StrategyId(strategy_id), key, json.loads(value)
    except ValueError:
        return StrategyId(strategy_id), key, value


def _venue_change(run: RecordedRun, rules: OtherRules, texts: list[str]) -> VenueConfig | None:
    fields: dict[str, Any] = {}
    for part in (rules.fees or "").split(","):
        name, equals, value = part.partition("=")
        if not part:
            continue
        if name not in ("maker", "taker") or not equals:
            raise UserError(
                f"--fees {printable(part, 40)}: write it as maker=0.0002,taker=0.0005 (fractions)"
            )
        fields[f"{name}_fee_ppm"] = _number(f"--fees {name}", Rate, value)
        texts.append(f"fees: {part}")
    if rules.slippage is not None:
        fields["slippage_ppm"] = _number("--slippage", BasisPoints, rules.slippage)
        texts.append(f"slippage: {rules.slippage} bps")
    if not fields:
        return None
    recorded = read_settings(run.header.venue) if run.header.venue else VenueConfig()
    try:
        changed = msgspec.structs.replace(recorded, **fields)
    except ValueError as error:
        raise UserError(str(error)) from None
    return None if changed == recorded else changed


def _number(option: str, kind: Any, value: str) -> int:
    try:
        number: int = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise UserError(f"{option}: {_said(error)}") from None
    return number


def _said(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
