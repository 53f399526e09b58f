"""What no single section can see: names that must exist, and values that do not fit each other."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from tradetui.config.feeds import SyntheticFeed
from tradetui.config.models import Config
from tradetui.config.reading import Document
from tradetui.config.secrets import check_key_file
from tradetui.domain.enums import InstanceMode, RunMode, Scope
from tradetui.domain.formatting import money
from tradetui.domain.risk import MONEY_LIMITS
from tradetui.domain.text import printable

Problems = Iterator[str]
_Check = Callable[[Document, Config], Problems]


def cross_check(document: Document, config: Config) -> list[str]:
    """Return a sentence for each thing that contradicts another."""
    return [problem for check in _CHECKS for problem in check(document, config)]


def warnings_of(document: Document, config: Config) -> tuple[str, ...]:
    """Return a sentence for each thing that is allowed and probably not meant."""
    return tuple(_limits_over_cash(document, config))


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names) or 'none'}"
    return f"there is no {what} {printable(name, 64)}; {hint}"


def _twice(document: Document, table: str, ids: Sequence[str]) -> Problems:
    seen: set[str] = set()
    for number, name in enumerate(ids):
        if name in seen:
            yield document.problem((table, number, "id"), f"{name} is there twice")
        seen.add(name)


def _check_ids(document: Document, config: Config) -> Problems:
    yield from _twice(document, "accounts", [account.id for account in config.accounts])
    yield from _twice(document, "routes", [route.id for route in config.routes])
    yield from _twice(document, "instances", [instance.id for instance in config.instances])
    for table in ("accounts", "routes", "feeds"):
        if not getattr(config, table):
            yield document.problem((table,), "needs at least one entry")


def _check_routes(document: Document, config: Config) -> Problems:
    accounts = [account.id for account in config.accounts]
    venues = list(dict.fromkeys(feed.venue for feed in config.feeds))
    for number, route in enumerate(config.routes):
        if route.id.startswith("shadow:"):
            yield document.problem(("routes", number, "id"), "must not begin with shadow:")
        if route.account not in accounts:
            place = ("routes", number, "account")
            yield document.problem(place, _unknown("account", route.account, accounts))
        if route.venue not in venues:
            place = ("routes", number, "venue")
            yield document.problem(place, _unknown("feed for venue", route.venue, venues))
        if route.fill_model == "full" and route.volume_cap != 1_000_000:
            place = ("routes", number, "volume_cap")
            yield document.problem(place, 'needs fill_model = "volume_cap"')
    routed = [route.account for route in config.routes]
    for number, account in enumerate(config.accounts):
        if account.id not in routed:
            place = ("accounts", number, "id")
            yield document.problem(
                place, f"no route leads from account {account.id}; add a [[routes]]"
            )


def _check_key_files(document: Document, config: Config) -> Problems:
    for number, account in enumerate(config.accounts):
        if not account.key_file:
            continue
        path = Path(account.key_file).expanduser()
        if not path.is_absolute():
            path = document.path.parent / path
        problem = check_key_file(path)
        if problem:
            yield document.problem(("accounts", number, "key_file"), problem)


def _check_bindings(document: Document, config: Config) -> Problems:
    profiles = list(config.risk)
    keys = {
        Scope.EXECUTION: ("account", [account.id for account in config.accounts]),
        Scope.ROUTE: ("route", [route.id for route in config.routes]),
    }
    bound = []
    for number, binding in enumerate(config.bindings):
        bound.append(binding.profile)
        place = ("bindings", number, "profile")
        if binding.profile not in profiles:
            yield document.problem(place, _unknown("risk profile", binding.profile, profiles))
        place = ("bindings", number, "key")
        if binding.scope is Scope.INSTRUMENT:
            yield document.problem(
                ("bindings", number, "scope"),
                "a profile binds to global, execution, route or strategy; name markets with allow",
            )
        elif binding.scope is Scope.GLOBAL and binding.key:
            yield document.problem(place, 'must be empty with scope = "global"')
        elif binding.scope is not Scope.GLOBAL and not binding.key:
            yield document.problem(place, f"is missing: which {binding.scope.value}?")
        elif binding.scope in keys and binding.key not in keys[binding.scope][1]:
            what, known = keys[binding.scope]
            yield document.problem(place, _unknown(what, binding.key, known))
    for name in profiles:
        if name not in bound:
            yield document.problem(("risk", name), "is bound to nothing; add a [[bindings]]")


def _check_instances(document: Document, config: Config) -> Problems:
    accounts = [account.id for account in config.accounts]
    markets = _markets(config)
    for number, instance in enumerate(config.instances):
        place = ("instances", number)
        if instance.account not in accounts:
            text = _unknown("account", instance.account, accounts)
            yield document.problem((*place, "account"), text)
        if markets and instance.market not in markets:
            text = _unknown("market", instance.market, markets)
            yield document.problem((*place, "market"), text)
        if instance.mode is InstanceMode.ACTIVE and config.profile.run_mode.is_real:
            yield document.problem(
                (*place, "mode"),
                f"a config cannot start an instance active in {config.profile.run_mode.value}; "
                "write observe, and activate it by hand",
            )


def _markets(config: Config) -> list[str]:
    """Return every market of the feeds, in order; empty when a file decides."""
    markets: list[str] = []
    for feed in config.feeds:
        if not isinstance(feed, SyntheticFeed):
            return []
        markets += feed.markets
    return markets


def _check_feeds(document: Document, config: Config) -> Problems:
    seen: set[tuple[str, str]] = set()
    for number, feed in enumerate(config.feeds):
        if not isinstance(feed, SyntheticFeed):
            continue
        for place, symbol in enumerate(feed.markets):
            if (feed.venue, symbol) in seen:
                where = ("feeds", number, "markets", place)
                yield document.problem(where, f"{symbol} is there twice")
            seen.add((feed.venue, symbol))


def _check_limits(document: Document, config: Config) -> Problems:
    ids = [instance.id for instance in config.instances]
    default = config.limits.get("default")
    if default is None or default.budget is None:
        yield document.problem(
            ("limits", "default", "budget"),
            "is missing: what may an instance use, at most? add [limits.default] with a budget",
        )
    for name in config.limits:
        if name != "default" and ids and name not in ids:
            yield document.problem(("limits", name), _unknown("instance", name, ids))


def _check_live(document: Document, config: Config) -> Problems:
    if config.profile.run_mode is not RunMode.LIVE:
        return
    bound = [binding.profile for binding in config.bindings if binding.scope is Scope.GLOBAL]
    profiles = [profile for name, profile in config.risk.items() if name in bound]
    for key in _LIVE_LIMITS:
        if all(getattr(profile, key) is None for profile in profiles):
            yield document.problem(
                ("risk",), f"live needs an explicit {key} in a profile that is bound to global"
            )


def _limits_over_cash(document: Document, config: Config) -> Problems:
    currency = config.profile.reporting_currency
    cash = sum(route.opening_cash.get(currency, 0) for route in config.routes)
    if not cash:
        return
    limits = [
        (("risk", name, key), getattr(profile, key))
        for name, profile in config.risk.items()
        for key in MONEY_LIMITS
    ]
    limits += [(("limits", name, "budget"), own.budget) for name, own in config.limits.items()]
    for place, limit in limits:
        if limit is not None and limit > cash:
            text = (
                f"{money(limit, currency)} is more than all opening cash, "
                f"{money(cash, currency)} {currency}"
            )
            yield document.problem(place, f"warning: {text}")


_LIVE_LIMITS: Final = ("max_order_notional", "max_position_notional", "max_daily_loss")

_CHECKS: Final[tuple[_Check, ...]] = (
    _check_ids,
    _check_routes,
    _check_key_files,
    _check_bindings,
    _check_feeds,
    _check_instances,
    _check_limits,
    _check_live,
)
