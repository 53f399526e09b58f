"""Config, themes and keys as commands show them, and what a first start writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tradetui.bootstrap.commands.settings import first_run, own_bindings
from tradetui.bootstrap.wiring import Application
from tradetui.cli.main import cli
from tradetui.cli.wiring import Place
from tradetui.config.resources import shipped_config
from tradetui.services.errors import UserError
from tradetui.services.first_run import INTRODUCTION
from tradetui.tui.keymap import BINDINGS

KEYS = ("them", "ascii", "other")
SHIPPED = shipped_config("default").read_text("utf-8")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TRADETUI_CONFIG", raising=False)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args), obj=Application())


def shown(*args: str) -> Any:
    result = run(*args, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def own_config(home: Path, text: str) -> Path:
    path = home / "config" / "tradetui" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_theme_of_the_config_that_cannot_be_used_is_named_with_its_line(home: Path) -> None:
    text = SHIPPED.replace("[ui]\n", '[ui]\ntheme = "drak"\n', 1)
    path = own_config(home, text)
    line = text.splitlines().index('theme = "drak"') + 1
    result = run("config", "validate")
    assert result.exit_code == 2
    assert f"{path}, line {line}: ui.theme: there is no theme 'drak'; there are: " in result.stderr
    path.write_text(text.replace("drak", "light"))
    assert shown("config", "validate")["result"] == "ok"


def test_paths_say_which_file_won_and_why(home: Path) -> None:
    paths = shown("config", "path")
    own = str(home / "config" / "tradetui" / "config.toml")
    assert paths["own_config"] == own
    assert paths["config"] != own
    assert str(home / "home") in paths["states"]
    named = home / "mine.toml"
    named.write_text(SHIPPED)
    assert shown("config", "path", "--config", str(named))["config"] == str(named)


def test_settings_say_where_each_comes_from(home: Path) -> None:
    path = home / "mine.toml"
    path.write_text(SHIPPED + 'theme = "light"\n')
    rows = shown("config", "show", "--config", str(path))
    theme = next(row for row in rows if row["key"] == "ui.theme")
    assert theme["value"] == "light"
    assert theme != next(row for row in shown("config", "show") if row["key"] == "ui.theme")


def test_a_config_is_checked(home: Path) -> None:
    assert shown("config", "validate")["result"] == "ok"
    path = home / "mine.toml"
    path.write_text(SHIPPED + "them = 1\n")
    result = run("config", "validate", "--config", str(path))
    assert result.exit_code == 2
    line = SHIPPED.count("\n") + 1
    assert f"mine.toml, line {line}:" in result.stderr and "did you mean theme?" in result.stderr


def test_every_mistake_of_a_config_is_told(home: Path) -> None:
    path = home / "mine.toml"
    path.write_text(SHIPPED + "them = 1\nascii = 7\nother = 2\n")
    line = SHIPPED.count("\n") + 1
    places = [f"{path}, line {line + more}: ui.{key}: " for more, key in enumerate(KEYS)]
    result = run("config", "validate", "--config", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    *told, last = result.stderr.splitlines()
    assert last == "tradetui: 3 problems in the config: see above"
    as_json = run("config", "validate", "--config", str(path), "--json")
    assert as_json.exit_code == 2
    assert json.loads(as_json.stdout) == told
    assert sorted(one[: len(at)] for one, at in zip(sorted(told), places, strict=True)) == places
    assert "(and 2 more problems in it)" in as_json.stderr


def test_one_mistake_is_told_once_and_a_list_of_one(home: Path) -> None:
    path = home / "mine.toml"
    path.write_text(SHIPPED + "them = 1\n")
    result = run("config", "validate", "--config", str(path))
    as_json = run("config", "validate", "--config", str(path), "--json")
    assert as_json.exit_code == 2
    (problem,) = json.loads(as_json.stdout)
    assert result.stderr == as_json.stderr == f"tradetui: {problem}\n"


def test_a_config_of_rubbish_does_not_flood_a_terminal(home: Path) -> None:
    path = home / "mine.toml"
    path.write_text(SHIPPED + "".join(f"key{number} = 1\n" for number in range(21)))
    *told, last = run("config", "validate", "--config", str(path)).stderr.splitlines()
    assert len(told) == 20
    assert last == "tradetui: 21 problems in the config: see above, --json lists all"


def test_the_schema_is_one() -> None:
    result = run("config", "schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["type"] == "object"


def test_themes_say_which_is_chosen_and_what_is_wrong_with_a_broken_one(home: Path) -> None:
    folder = home / "config" / "tradetui" / "themes"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("nothing = 1\n")
    rows = {row["theme"]: row for row in shown("themes")}
    assert [name for name, row in rows.items() if row["chosen"]] == ["dark"]
    assert rows["dark"]["problem"] is None
    assert "mine.toml" in rows["mine"]["problem"]


def test_keys_are_the_binding_table() -> None:
    rows = shown("keys")
    assert [row["id"] for row in rows] == [binding.id for binding in BINDINGS]


def test_a_wrong_file_of_keys_is_a_sentence(home: Path) -> None:
    path = home / "config" / "tradetui" / "keys.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[keys\n")
    with pytest.raises(UserError, match=r"keys\.toml"):
        own_bindings()


def test_nothing_is_asked_where_a_config_or_a_state_is_named_or_there(home: Path) -> None:
    def ask(*_: Any) -> str:
        raise AssertionError("it asked")

    assert first_run(Place(None, home / "state"), ask, ask) == ""
    named = home / "mine.toml"
    named.write_text("")
    assert first_run(Place(named), ask, ask) == ""
    own_config(home, "")
    assert first_run(Place(None), ask, ask) == ""


def test_a_first_start_writes_what_was_said_and_is_not_asked_again(home: Path) -> None:
    answers = iter(["250", "20", "y"])
    told: list[str] = []
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    said = first_run(Place(None), ask, told.append)
    assert told[:3] == list(INTRODUCTION)
    assert "simulated money" in told[0] and "Enter takes" in told[1]
    assert told[3] == "1/3 What may one instance use in all, in USDT?"
    assert asked[0] == "[5000] "
    path = home / "config" / "tradetui" / "config.toml"
    assert said == f"wrote {path}; `tradetui config show` tells what holds"
    values = {row["key"]: row["value"] for row in shown("config", "show")}
    assert values["limits.default.budget"] == "250"
    assert first_run(Place(None), lambda _: "never", told.append) == ""


def test_a_first_start_that_keeps_nothing_writes_nothing(home: Path) -> None:
    answers = iter(["", "", "n"])
    assert first_run(Place(None), lambda _: next(answers), lambda _: None).startswith(
        "nothing was written"
    )
    assert not (home / "config" / "tradetui" / "config.toml").exists()
