"""The first start asks at most three things and never loses a file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradetui.config.finding import Found
from tradetui.config.loading import load_config
from tradetui.config.resources import shipped_config
from tradetui.services.errors import RefusedError, RuntimeProblemError
from tradetui.services.first_run import Answers, Ask, ask_all, own_config, write_config

SHIPPED = shipped_config("default").read_text()


def typed(*answers: str) -> tuple[Ask, list[str]]:
    asked: list[str] = []
    left: Iterator[str] = iter(answers)

    def ask(question: str) -> str:
        asked.append(question)
        return next(left)

    return ask, asked


def test_enter_takes_what_is_offered_in_three_questions() -> None:
    ask, asked = typed("", "", "")
    assert ask_all(ask, "5000", "200", Path("c.toml")) == Answers("5000", "200", True)
    assert len(asked) == 3
    assert "[5000]" in asked[0] and "c.toml" in asked[2]


def test_what_was_said_is_taken() -> None:
    ask, _ = typed("250.50", "20", "no")
    assert ask_all(ask, "5000", "200", Path("c")) == Answers("250.50", "20", False)


@pytest.mark.parametrize(
    "wrong", ["x", "1,5", "-3", "0", "1e9", "１２", "\x1b[2J", "9" * 40, "1000000001"]
)
def test_a_wrong_number_is_said_and_asked_again(wrong: str) -> None:
    ask, asked = typed(wrong, "100", "", "y")
    assert ask_all(ask, "5000", "200", Path("c")).budget == "100"
    assert "wanted" in asked[1] or "no number" in asked[1]
    assert "\x1b" not in asked[1]


def test_three_wrong_answers_take_what_is_offered_and_keep_nothing() -> None:
    ask, _ = typed("x", "x", "x", "", "what", "what", "what")
    assert ask_all(ask, "5000", "200", Path("c")) == Answers("5000", "200", False)


def test_the_config_that_comes_out_is_right_and_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    write_config(path, own_config(SHIPPED, Answers("250.50", "20", True)))
    loaded = load_config(Found(path, "own"))
    assert loaded.config.limits["default"].budget == 250_50_000_000
    assert loaded.config.limits["default"].max_loss_per_day == 20 * 10**8
    text = path.read_text()
    assert text.splitlines()[0] == SHIPPED.splitlines()[0]
    assert tomllib.loads(text)["limits"]["default"]["max_loss_per_day"] == 20
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_is_there_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("mine")
    with pytest.raises(RefusedError, match="was not touched"):
        write_config(path, "new")
    assert path.read_text() == "mine"
    (tmp_path / "file").write_text("")
    with pytest.raises(RuntimeProblemError, match="cannot be written"):
        write_config(tmp_path / "file" / "config.toml", "new")
