"""No two modules know each other, not even for the type checker: a part names what it needs of its
whole in a Protocol (``tui/screens/desk.py``), and the whole is handed in.
"""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tradetui"
PACKAGES = sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())


def module_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, known: dict[str, Path]) -> set[str]:
    """Return the modules that a module imports anywhere: also in functions and for types alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & known.keys() or {node.module}
    return (found & known.keys()) - {module_of(path)}


def circle(files: list[Path]) -> list[str]:
    """Return the modules of a circle of imports, none if there is none."""
    known = {module_of(path): path for path in files}
    try:
        TopologicalSorter({name: imported(path, known) for name, path in known.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_modules_of_a_package_stand_in_no_circle(package: str) -> None:
    assert circle(sorted((SOURCE / package).rglob("*.py"))) == []


def test_a_circle_for_the_type_checker_is_found(tmp_path: Path, monkeypatch) -> None:
    package = tmp_path / "tradetui"
    package.mkdir()
    (package / "part.py").write_text("if TYPE_CHECKING:\n    from tradetui.whole import Whole\n")
    (package / "whole.py").write_text("def make():\n    from tradetui import part\n")
    monkeypatch.setattr(f"{__name__}.SOURCE", package)
    assert sorted(set(circle(sorted(package.glob("*.py"))))) == ["tradetui.part", "tradetui.whole"]
