"""The first start: at most three questions, and a config of one's own from the answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomlkit

from tradetui.domain.text import printable
from tradetui.domain.units import CASH_SCALE, NumberError, parse_scaled
from tradetui.services.errors import RefusedError, RuntimeProblemError

MAX_TRIES: Final = 3
MAX_BUDGET: Final = 10**9
_AMOUNT: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,8})?")
_YES: Final = ("", "y", "yes")
_NO: Final = ("n", "no")

Ask = Callable[[str], str]
"""Shows a question and returns what was typed; raises EOFError when nothing can be."""


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


def ask_all(ask: Ask, budget: str, loss: str, path: Path, currency: str = "") -> Answers:
    """Ask what each instance may use, what it may lose, and whether to keep that; amounts are in
    ``currency``.

    Enter takes what stands in brackets; after MAX_TRIES wrong answers it is taken too.
    """
    unit = currency or "the reporting currency"
    chosen = _number(ask, "1/3 what may one instance use in all", budget, unit)
    lost = _number(ask, "2/3 what may it lose in a day, before it only exits", loss, unit)
    for _ in range(MAX_TRIES):
        answer = ask(f"3/3 keep that as your config, {path}? [Y/n] ").strip().lower()
        if answer in _YES + _NO:
            return Answers(chosen, lost, answer in _YES)
    return Answers(chosen, lost, False)


def _number(ask: Ask, question: str, default: str, unit: str) -> str:
    hint = ""
    for _ in range(MAX_TRIES):
        text = ask(f"{hint}{question}, in {unit}? [{default}] ").strip()
        if not text:
            return default
        problem = _problem(text)
        if not problem:
            return text
        hint = f"{problem}; "
    return default


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
    """Return the shipped config with the answers in it; comments and order stay."""
    document = tomlkit.parse(shipped)
    limits: Any = document["limits"]["default"]
    limits["budget"] = _item(answers.budget)
    limits["max_loss_per_day"] = _item(answers.loss)
    return tomlkit.dumps(document)


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
