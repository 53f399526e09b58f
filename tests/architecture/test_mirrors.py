"""The tests mirror the modules: whoever changes a module finds its tests by its name.

A module with code has ``tests/unit/<package>/test_<module>.py``. What is tested in another place
stands in ``mirrors.txt`` with that place: a module together with those it is a part of, a screen
with the pilot, a command end to end. That place imports the module, or names it in its docstring.
The list may only shrink: a module that gets tests of its own leaves it.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tradetui"
LIST = Path(__file__).with_name("mirrors.txt")


def has_code(source: str) -> bool:
    """Tell whether a module does anything: records, enums and protocols alone do not."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _does_something(node)
        for node in ast.walk(ast.parse(source))
    )


def _does_something(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in function.body
    )


@functools.cache
def modules() -> list[str]:
    """Return the modules with code, such as ``core/risk/plan.py``."""
    return sorted(
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if path.name != "__init__.py" and has_code(path.read_text("utf-8"))
    )


def own_tests(module: str) -> Path:
    """Return where the tests of a module belong."""
    path = Path(module)
    return ROOT / "tests" / "unit" / path.parent / f"test_{path.name}"


def elsewhere() -> dict[str, str]:
    """Return the modules that are tested in another place, and that place."""
    found = {}
    for line in LIST.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            module, place = line.split()
            assert module not in found, f"{module} is listed twice"
            found[module] = place
    return found


def test_every_module_with_code_has_its_tests() -> None:
    listed = elsewhere()
    missing = [
        f"{module}: write {own_tests(module).relative_to(ROOT)}"
        for module in modules()
        if module not in listed and not own_tests(module).exists()
    ]
    assert missing == []


def test_the_list_names_only_what_is_tested_elsewhere() -> None:
    known = modules()
    wrong = [f"{module} has no code, or is gone" for module in elsewhere() if module not in known]
    wrong += [
        f"{module} has tests of its own: take it out of the list"
        for module in elsewhere()
        if own_tests(module).exists()
    ]
    wrong += [
        f"{module}: there is no {place}"
        for module, place in elsewhere().items()
        if not (ROOT / place).exists()
    ]
    assert wrong == []


def test_a_place_of_the_list_names_the_module_that_it_tests() -> None:
    wrong = [
        f"{place} neither imports {module} nor says ``{module}`` in its docstring"
        for module, place in elsewhere().items()
        if not names(ROOT / place, module)
    ]
    assert wrong == []


def names(place: Path, module: str) -> bool:
    """Tell whether a file imports a module, or says in its docstring that it tests it."""
    tree = ast.parse(place.read_text("utf-8"))
    if f"``{module}``" in (ast.get_docstring(tree) or ""):
        return True
    parent, _, leaf = f"tradetui.{module.removesuffix('.py').replace('/', '.')}".rpartition(".")
    wanted = {(parent, leaf), (f"{parent}.{leaf}", None)}
    found: set[tuple[str | None, str | None]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {(node.module, one.name) for one in node.names} | {(node.module, None)}
        elif isinstance(node, ast.Import):
            found |= {(one.name, None) for one in node.names}
    return bool(wanted & found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from tradetui.core.risk.plan import plan_for", True),
        ("from tradetui.core.risk import plan", True),
        ("import tradetui.core.risk.plan", True),
        ('"""Also the tests of ``core/risk/plan.py``."""', True),
        ("from tradetui.core.risk import plans", False),
        ("plan = 'core/risk/plan.py'", False),
    ],
)
def test_what_names_a_module(tmp_path: Path, text: str, expected: bool) -> None:
    place = tmp_path / "test_x.py"
    place.write_text(text, encoding="utf-8")
    assert names(place, "core/risk/plan.py") is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("X = 1\nclass A:\n    x: int\n", False),
        ('class P:\n    def f(self) -> int:\n        """Say."""\n        ...\n', False),
        ("def f():\n    return 1\n", True),
        ("class A:\n    async def f(self):\n        await g()\n", True),
    ],
)
def test_what_counts_as_code(source: str, expected: bool) -> None:
    assert has_code(source) is expected
