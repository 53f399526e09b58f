"""The first start asks at most three things and never loses a file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tradetui.config.finding import Found
from tradetui.config.loading import load_config
from tradetui.config.resources import shipped_config
from tradetui.services.errors import RefusedError, RuntimeProblemError
from tradetui.services.first_run import Answers, ask_all, own_config, write_config

SHIPPED = shipped_config("default").read_text()


class Talk:
    """A person who types answers, and sees what is asked and said."""

    def __init__(self, *answers: str) -> None:
        self._left = iter(answers)
        self.prompts: list[str] = []
        self.said: list[str] = []

    def ask(self, prompt: str) -> str:
        self.prompts.append(prompt)
        try:
            return next(self._left)
        except StopIteration:
            raise KeyboardInterrupt from None

    def answers(self, budget: str = "5000", loss: str = "200") -> Answers:
        return ask_all(self.ask, self.said.append, budget, loss, Path("c.toml"), "USDT")


def test_enter_takes_what_is_offered_in_three_questions() -> None:
    talk = Talk("", "", "")
    assert talk.answers() == Answers("5000", "200", True)
    assert talk.prompts == ["[5000] ", "[200] ", "[Y/n] "]
    assert [line[:3] for line in talk.said] == ["1/3", "2/3", "3/3"]
    assert "USDT" in talk.said[0] and "c.toml" in talk.said[2]


def test_what_was_said_is_taken() -> None:
    assert Talk("250.50", "20", "No").answers() == Answers("250.50", "20", False)
    assert Talk("250.50", "20", "YES").answers() == Answers("250.50", "20", True)


@pytest.mark.parametrize(
    "wrong", ["x", "abc", "1e3", "1,5", "-3", "0", "1e9", "１２", "\x1b[2J", "9" * 40, "1000000001"]
)
def test_a_wrong_number_is_said_and_asked_again_until_it_is_right(wrong: str) -> None:
    talk = Talk(*[wrong] * 5, "100", "", "y")
    assert talk.answers().budget == "100"
    problems = talk.said[1:6]
    assert all(one.endswith("; asked again:") for one in problems)
    assert all("wanted" in one or "no number" in one for one in problems)
    assert "\x1b" not in "".join(talk.said)
    assert len(talk.prompts) == 8, "the reason has a line of its own, never the prompt's"


def test_what_shall_be_kept_is_asked_until_it_is_said() -> None:
    talk = Talk("", "", "what", "maybe", "5", "perhaps", "n")
    assert not talk.answers().keeps
    assert talk.said.count("y or n is wanted; asked again:") == 4


@pytest.mark.parametrize("answers", [(), ("x",), ("100",), ("100", "10"), ("", "", "what")])
def test_the_end_of_the_input_chooses_nothing(answers: tuple[str, ...]) -> None:
    with pytest.raises(KeyboardInterrupt):
        Talk(*answers).answers()


def test_a_loss_above_the_budget_is_asked_again() -> None:
    talk = Talk("1000", "2000", "1000.01", "1000", "y")
    assert talk.answers() == Answers("1000", "1000", True)
    assert "2000 is more than the 1000 that it may use in all" in talk.said[2]


@pytest.mark.parametrize(
    ("budget", "offered"),
    [("5000", "200"), ("500", "20"), ("5", "0.2"), ("0.00000001", "0.00000001"), ("12.5", "0.5")],
)
def test_the_loss_that_is_offered_is_the_same_share_of_any_budget(
    budget: str, offered: str
) -> None:
    talk = Talk(budget, "", "y")
    assert talk.answers().loss == offered
    assert talk.prompts[1] == f"[{offered}] "
    assert Talk("7", "", "y").answers("0", "0.5").loss == "0.5"


def test_the_config_that_comes_out_is_right_and_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    write_config(path, own_config(SHIPPED, Answers("250.50", "20", True)))
    loaded = load_config(Found(path, "own"))
    assert loaded.config.limits["default"].budget == 250_50_000_000
    assert loaded.config.limits["default"].max_loss_per_day == 20 * 10**8
    text = path.read_text()
    assert text.startswith("# Your own config")
    assert "shipped" not in text.partition("[profile]")[0]
    assert text.count("#") == SHIPPED.count("#")
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
