"""What the pages tell a person to type is there: commands with their options, targets of make,
modules, config keys, environment; and the first steps of a strategy's author are run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel
from tests.generate_reference import models_in
from tests.support import children

from tradetui.bootstrap.wiring import Application
from tradetui.cli.main import cli
from tradetui.config.models import Config
from tradetui.strategy.check import check_class

HOUSE: Final = Path(__file__).resolve().parents[2]
PAGES: Final = sorted([HOUSE / "README.md", *(HOUSE / "docs").rglob("*.md")])
CODE: Final = re.compile(r"^```[a-z]*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
COMMAND: Final = re.compile(r"^(?:\.venv/bin/)?tradetui(?= |$)")
FILE_NAMES: Final = {"engine.lock", "journal.db", "journal.md", "journal.reserve"}
"""What looks like a key of the config and is a file."""
SECTIONS: Final = {key: models_in(field.annotation) for key, field in Config.model_fields.items()}


def said() -> Iterator[tuple[str, str]]:
    """Yield each line of code of every page, with its page."""
    for page in PAGES:
        for block, word in CODE.findall(page.read_text("utf-8")):
            for line in (block or word).splitlines():
                yield page.relative_to(HOUSE).as_posix(), line.strip()


def unknown_in(line: str) -> list[str]:
    """Return the commands and options of a line that are not there."""
    command: click.Command = cli
    wrong = []
    for word in shlex.split(line, comments=True)[1:]:
        if word in ("|", "&&", "..."):
            break
        if word.startswith("--"):
            options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
            name = word.partition("=")[0].rstrip(",.;:")
            if name not in options | {"--help"}:
                wrong.append(word)
        elif isinstance(command, click.Group) and not word.startswith("["):
            if word not in command.commands and word != word.upper():
                return [*wrong, word]
            command = command.commands.get(word, command)
    return wrong


def test_every_command_is_there() -> None:
    lines = [(page, line) for page, line in said() if COMMAND.match(line)]
    assert len(lines) > 100
    wrong = {(page, line): found for page, line in lines if (found := unknown_in(line))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("tradetui journal verify --json", []),
        ("tradetui [OPTIONS] [COMMAND] [ARGS]...", []),
        ("tradetui instances mode NAME off --keep-orders", []),
        ("tradetui journal verfy", ["verfy"]),
        ("tradetui run --headles", ["--headles"]),
        ("tradetui jurnal verify --json", ["jurnal"]),
    ],
)
def test_the_check_finds_what_is_not_there(line: str, wrong: list[str]) -> None:
    assert unknown_in(line) == wrong


def test_every_target_of_make_and_every_module_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (HOUSE / "Makefile").read_text(), re.MULTILINE))
    for page, line in said():
        if found := re.match(r"make ([a-z][a-z-]*)\b", line):
            assert found[1] in targets, (page, line)
        if module := re.search(r"python -m (tests\.[\w.]+)", line):
            path = HOUSE / module[1].replace(".", "/")
            assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), (page, line)


def keys_of(section: str) -> set[str]:
    """Return the keys that a section of the config may have."""
    found: set[str] = set()
    for model in SECTIONS[section]:
        assert issubclass(model, BaseModel)
        found |= set(model.model_fields)
    return found


def test_every_key_of_the_config_is_there() -> None:
    sections = [name for name, models in SECTIONS.items() if models]
    key = re.compile(rf"^({'|'.join(sections)})\.([a-z_]+)$")
    named = [(page, found) for page, line in said() if (found := key.match(line))]
    assert len(named) > 5
    for page, found in named:
        assert found[2] in keys_of(found[1]) or found[0] in FILE_NAMES, (page, found[0])


def test_the_example_of_the_readme_is_a_strategy() -> None:
    code = re.search(r"```python\n(.*?)```", (HOUSE / "README.md").read_text("utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code[1], names)
    assert check_class(names["Cross"]) == []


def walk() -> list[list[str]]:
    """Return the commands of a strategy's author, from the reference of the strategy API."""
    page = (HOUSE / "docs" / "reference" / "strategy_api.md").read_text("utf-8")
    block = re.search(r"## From nothing to a running strategy.*?```\n(.*?)```", page, re.DOTALL)
    assert block is not None
    return [shlex.split(line, comments=True)[1:] for line in block[1].splitlines()]


WITHOUT_AN_ENGINE: Final = ("strategies", "instances")


def test_the_first_steps_of_an_author_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("TRADETUI_CONFIG", raising=False)
    steps = walk()
    assert {words[0] for words in steps} >= {*WITHOUT_AN_ENGINE, "backtest", "why-not", "run"}
    for words in steps:
        if words[0] in WITHOUT_AN_ENGINE:
            done: Any = CliRunner().invoke(cli, words, obj=Application())
            assert done.exit_code == 0, (words, done.stderr)
            children.ask_once(*(file.read_text() for file in tmp_path.rglob("dip_buyer.py")))
    assert "active" in CliRunner().invoke(cli, ["instances", "list"], obj=Application()).stdout
