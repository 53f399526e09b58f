"""The first start: at most three questions, and a config of one's own from the answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import tomlkit

from tradetui.domain.text import printable
from tradetui.domain.units import CASH_SCALE, NumberError, parse_scaled
from tradetui.services.errors import RefusedError, RuntimeProblemError

MAX_BUDGET: Final = 10**9
_AMOUNT: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,8})?")
_YES: Final = ("y", "yes")
_NO: Final = ("n", "no")

_LEAST: Final = Decimal(1).scaleb(-CASH_SCALE)
_ABOUT_NUMBERS: Final = "# Numbers are exact"
"""Where in the shipped config ends what is true of that file alone."""
_OWN_HEAD: Final = """\
# Your own config, made at the first start: a made-up market and a paper account.
# `tradetui config validate` checks it after a change, `tradetui config show` tells what holds.
"""

Ask = Callable[[str], str]
"""Shows a prompt and returns what was typed; raises KeyboardInterrupt when nothing can be."""
Say = Callable[[str], None]
"""Shows a sentence on lines of its own."""


@dataclass(frozen=True)
class Answers:
    """What a person said. ``budget`` is as it was written."""

    budget: str
    loss: str
    keeps: bool


INTRODUCTION: Final = (
    "tradetui, first start: paper trading with simulated money; nothing is sent to any exchange.",
    "Three questions, for the limits of every strategy instance; Enter takes what is in [].",
    "All of it can be changed later in the config.",
)
"""What is said before the first question."""


def ask_all(ask: Ask, say: Say, budget: str, loss: str, path: Path, currency: str = "") -> Answers:
    """Ask what each instance may use, what it may lose, and whether to keep that.

    Amounts are in ``currency``. Enter takes what stands in brackets. A wrong answer is asked again,
    with what is wrong about it, until it is right: a limit is never chosen for a person. Raises
    what ``ask`` does at the end of the input.
    """
    unit = currency or "the reporting currency"
    chosen = _asked(ask, say, f"1/3 What may one instance use in all, in {unit}?", budget, _problem)
    lost = _asked(
        ask,
        say,
        f"2/3 What may it lose in a day, before it only exits, in {unit}?",
        _share(loss, budget, chosen),
        lambda text: _problem(text) or _above(text, chosen),
    )
    kept = _asked(
        ask,
        say,
        f"3/3 Keep that as your own config, {path}?",
        "Y/n",
        lambda text: "" if text.lower() in _YES + _NO else "y or n is wanted",
    )
    return Answers(chosen, lost, kept.lower() not in _NO)


def _asked(
    ask: Ask, say: Say, question: str, offered: str, problem_of: Callable[[str], str]
) -> str:
    """Ask until the answer is right; nothing typed is what was offered.

    The question has lines of its own, so that only the few cells of the prompt stand before what is
    typed.
    """
    say(question)
    while True:
        text = ask(f"[{offered}] ").strip()
        if not text:
            return offered
        problem = problem_of(text)
        if not problem:
            return text
        say(f"{problem}; asked again:")


def _share(loss: str, budget: str, chosen: str) -> str:
    """Return the loss to offer for another budget: the same share of it."""
    if chosen == budget or not Decimal(budget):
        return loss
    share = (Decimal(loss) * Decimal(chosen) / Decimal(budget)).quantize(_LEAST)
    return f"{share.normalize():f}" if share else chosen


def _above(loss: str, budget: str) -> str:
    """Return why a loss cannot be a limit beside a budget, empty if it can."""
    if Decimal(loss) <= Decimal(budget):
        return ""
    return f"{loss} is more than the {budget} that it may use in all, and would never stop it"


def _problem(text: str) -> str:
    """Return why an answer is no amount, empty if it is one."""
    wrong = f"{printable(text, 20)!r} is no number such as 1000 or 250.50"
    if not _AMOUNT.fullmatch(text):
        return wrong
    try:
        value = parse_scaled(text, CASH_SCALE)
    except NumberError:
        return wrong
    if not 0 < value <= MAX_BUDGET * 10**CASH_SCALE:
        return f"more than 0 and at most {MAX_BUDGET:,} is wanted"
    return ""


def own_config(shipped: str, answers: Answers) -> str:
    """Return the shipped config with the answers in it, as one's own; comments and order stay."""
    document = tomlkit.parse(shipped)
    limits: Any = document["limits"]["default"]
    limits["budget"] = _item(answers.budget)
    limits["max_loss_per_day"] = _item(answers.loss)
    own = tomlkit.dumps(document)
    about, rest = own.split(_ABOUT_NUMBERS, 1)
    assert all(line.startswith("#") for line in about.splitlines())
    return f"{_OWN_HEAD}{_ABOUT_NUMBERS}{rest}"


def _item(text: str) -> object:
    """Return a written amount as TOML has it: a whole number plain, another one quoted."""
    return int(text) if text.isascii() and text.isdigit() else text


def write_config(path: Path, text: str) -> None:
    """Write a config that is not there yet, readable by its owner only.

    Raises RefusedError when it is there, RuntimeProblemError when it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise RuntimeProblemError(f"{path}: cannot be written ({error.strerror})") from error
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write(text)
    except FileExistsError as error:
        raise RefusedError(f"{path} exists; it was not touched") from error
    except OSError as error:
        raise RuntimeProblemError(f"{path}: cannot be written ({error.strerror})") from error
