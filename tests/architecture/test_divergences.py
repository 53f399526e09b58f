"""The ledger of what run modes do otherwise: whole entries, and tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tradetui.domain.enums import RunMode

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture" / "divergences.md"
FIELDS = (
    "area",
    "modes_affected",
    "behavior",
    "justification",
    "owner",
    "status",
    "introduced_in",
    "test_reference",
    "notes",
)
STATUSES = ("accepted", "open", "closed")


def entries(text: str) -> dict[str, dict[str, str]]:
    """Return the fields of each entry by its id."""
    parts = re.split(r"^## (MDL-\d{3})$", text, flags=re.MULTILINE)[1:]
    found = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        found[name] = dict(re.findall(r"^- (\w+): (.+)$", body, flags=re.MULTILINE))
    return found


def problems(name: str, fields: dict[str, str]) -> list[str]:
    """Say what is wrong with an entry."""
    if tuple(fields) != FIELDS:
        return [f"{name}: its fields are {', '.join(fields)}"]
    found = []
    modes = fields["modes_affected"].split(", ")
    if not set(modes) <= set(RunMode):
        found.append(f"{name}: {fields['modes_affected']} are no run modes")
    if fields["status"] not in STATUSES:
        found.append(f"{name}: status {fields['status']}")
    if not (ROOT / "src" / "tradetui" / fields["owner"]).is_file():
        found.append(f"{name}: there is no {fields['owner']}")
    if not has_test(fields["test_reference"]):
        found.append(f"{name}: there is no test {fields['test_reference']}")
    return found


def has_test(reference: str) -> bool:
    path, _, test = reference.partition("::")
    file = ROOT / path
    if not file.is_file():
        return False
    tree = ast.parse(file.read_text("utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
    return test in names if test else any(name.startswith("test_") for name in names)


def test_every_entry_is_whole_and_its_has_test() -> None:
    found = entries(PAGE.read_text("utf-8"))
    assert found
    assert [p for name, fields in found.items() for p in problems(name, fields)] == []


def test_entries_are_numbered_without_a_gap() -> None:
    names = re.findall(r"^## (.+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    assert names == [f"MDL-{number:03}" for number in range(1, len(names) + 1)]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("test_reference", "tests/unit/engine/test_memory.py::test_of_nothing", "there is no test"),
        ("test_reference", "tests/unit/engine/test_nothing.py", "there is no test"),
        ("owner", "engine/nothing.py", "there is no engine/nothing.py"),
        ("status", "perhaps", "status perhaps"),
        ("modes_affected", "paper, demo", "no run modes"),
    ],
)
def test_what_is_wrong_with_an_entry_is_found(field: str, value: str, said: str) -> None:
    fields = entries(PAGE.read_text("utf-8"))["MDL-001"]
    assert problems("MDL-001", fields) == []
    assert said in problems("MDL-001", fields | {field: value})[0]
    assert "its fields are" in problems("MDL-001", {"area": "time"})[0]
