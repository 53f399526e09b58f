"""The committed reference is what the code generates."""

from __future__ import annotations

import importlib
import json
import pkgutil
import runpy
import sys
import typing
from pathlib import Path

import pytest

import tradetui.domain
from tradetui.domain import reference
from tradetui.domain.envelope import Payload
from tradetui.domain.intents import Intent
from tradetui.domain.record import Record

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "reference"
PAGES = reference.pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_up_to_date(name):
    committed = (FOLDER / name).read_text(encoding="utf-8")
    assert committed == PAGES[name], "run: make docs"


def test_no_schema_is_left_over():
    committed = {
        path.relative_to(FOLDER).as_posix() for path in (FOLDER / "schemas").rglob("*.json")
    }
    assert committed == {name for name in PAGES if name.startswith("schemas/")}


def test_every_payload_and_intent_has_its_section():
    events, intents = PAGES["engine_events.md"], PAGES["engine_intents.md"]
    for payload in typing.get_args(Payload):
        assert f"### {payload.__name__}\n" in events
    for intent in typing.get_args(Intent):
        assert f"## {intent.__name__}\n" in intents


def test_types_are_written_for_people():
    intents, events = PAGES["engine_intents.md"], PAGES["engine_events.md"]
    assert "| `price` | int or null | `None` |" in intents
    assert "| `due` | list of StrategyId |  |" in events
    assert "| `time_in_force` | TimeInForce | `GTC` |" in intents
    assert "| `payload` | one of the records below |  |" in events


def test_a_tuple_of_fixed_length_is_written_so():
    assert reference._type_text(tuple[str, int | None]) == "(str, int or null)"


def test_a_schema_is_json_and_names_its_record():
    schema = json.loads(PAGES["schemas/step_record.json"])
    assert "StepRecord" in json.dumps(schema)
    assert schema["$ref"] == "#/$defs/StepRecord"


def records():
    """Every record of the domain, by its class."""
    found, left = [], [Record]
    for module in pkgutil.iter_modules(tradetui.domain.__path__, "tradetui.domain."):
        importlib.import_module(module.name)
    while left:
        for kind in left.pop().__subclasses__():
            left.append(kind)
            if kind.__module__.startswith("tradetui.domain."):
                found.append(kind.__name__)
    return sorted(set(found))


def test_every_record_is_in_a_schema():
    described = set()
    for name, text in PAGES.items():
        if name.startswith("schemas/") and not name.startswith("schemas/named/"):
            described |= set(json.loads(text)["$defs"])
    assert [name for name in records() if name not in described] == []


def test_the_command_writes_every_file(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["reference", str(tmp_path)])
    monkeypatch.delitem(sys.modules, "tradetui.domain.reference")
    runpy.run_module("tradetui.domain.reference", run_name="__main__")
    written = {
        str(path.relative_to(tmp_path)): path.read_text(encoding="utf-8")
        for path in tmp_path.rglob("*.*")
    }
    assert written == PAGES
