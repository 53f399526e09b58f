"""Who may import whom: the table of the architecture, exhaustive, on the real import graph."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import grimp
import pytest

ROOT = "tradetui"
HOUSE = Path(__file__).resolve().parents[2]
SOURCE = HOUSE / "src" / ROOT
DOCUMENTED = HOUSE / "docs" / "architecture" / "index.md"

MAY_IMPORT: dict[str, tuple[set[str], set[str]]] = {
    # package: (of ours, third parties)
    "domain": (set(), {"msgspec"}),
    "core": ({"domain"}, {"msgspec"}),
    "ports": ({"domain"}, set()),
    "strategy": ({"domain"}, {"msgspec"}),
    "engine": ({"domain", "core", "ports", "strategy"}, {"msgspec"}),
    "config": ({"domain"}, {"pydantic", "pydantic_core", "msgspec"}),
    "data": ({"domain"}, {"polars", "numpy", "msgspec"}),
    "adapters": ({"domain", "ports"}, set()),
    "storage": ({"domain", "ports"}, {"aiosqlite", "msgspec"}),
    "runtime": ({"domain", "core", "ports", "strategy", "engine"}, {"msgspec"}),
    "backtest": (
        {"domain", "core", "ports", "strategy", "engine", "data"},
        {"msgspec"},
    ),
    "services": (
        {"domain", "ports", "config", "strategy", "data"},
        {"tomlkit", "msgspec"},
    ),
    "tui": ({"services", "domain", "strategy"}, {"textual", "rich"}),
    "cli": ({"services", "tui", "domain"}, {"click", "plotext"}),
    "__main__": ({"bootstrap"}, set()),
}
EXTRA_FOR_SUBPACKAGE: dict[str, tuple[set[str], set[str]]] = {
    "tradetui.adapters.replay": ({"data"}, set()),
}
DENIED_STDLIB = {
    package: {
        "time",
        "random",
        "uuid",
        "os",
        "asyncio",
        "logging",
        "threading",
        "datetime",
        "socket",
    }
    for package in ("domain", "core", "engine")
}
DENIED_STDLIB["backtest"] = {"asyncio", "time", "random", "uuid", "sqlite3", "threading", "socket"}
DENIED_STDLIB_EXCEPT = {"tradetui.engine.loader": {"os"}}
WIRING = "bootstrap"
"""The one package that knows every other."""
ROOMS = ("process", "profile", "recorded", "recovery", "run", "commands", "console")
"""Its rooms; each imports only those before it, and nothing imports ``wiring``."""
ROOM_PACKAGES = {f"{ROOT}.{WIRING}.{room}" for room in ROOMS}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(ROOT, include_external_packages=True, cache_dir=None)


def package_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_package_is_in_the_table() -> None:
    found = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    undeclared = found - set(MAY_IMPORT) - {WIRING}
    assert not undeclared, f"declare the imports of {undeclared}"


def test_imports_follow_the_table(graph: grimp.ImportGraph) -> None:
    wrong = []
    for module in sorted(graph.modules):
        package = package_of(module)
        if not module.startswith(f"{ROOT}.") or package == WIRING:
            continue
        ours, third = MAY_IMPORT[package]
        for prefix, (more_ours, more_third) in EXTRA_FOR_SUBPACKAGE.items():
            if module.startswith(prefix):
                ours, third = ours | more_ours, third | more_third
        for target in sorted(graph.find_modules_directly_imported_by(module)):
            wrong += problems(module, package, target, ours, third)
    assert not wrong, "\n".join(wrong)


def problems(module: str, package: str, target: str, ours: set[str], third: set[str]) -> list[str]:
    top = target.split(".")[0]
    if top == ROOT:
        allowed = package_of(target) in ours | {package, ""}
        return [] if allowed else [f"{module} imports {target}"]
    if top in sys.stdlib_module_names:
        denied = DENIED_STDLIB.get(package, set()) - next(
            (extra for prefix, extra in DENIED_STDLIB_EXCEPT.items() if module.startswith(prefix)),
            set(),
        )
        return [f"{module} imports {target}"] if top in denied else []
    return [] if top in third else [f"{module} imports {target} (third party)"]


def room_of(module: str) -> str:
    """Return the room of the wiring that a module is in, empty for what stands above the rooms."""
    parts = module.split(".")
    return parts[2] if parts[1:2] == [WIRING] and len(parts) > 3 else ""


def climbing(graph: grimp.ImportGraph) -> list[str]:
    """Return what a module of a room imports of a room after its own, or of what is above all."""
    return [
        f"{module} imports {target}"
        for module in sorted(graph.modules)
        if room_of(module)
        for target in sorted(graph.find_modules_directly_imported_by(module))
        if package_of(target) == WIRING and target not in ROOM_PACKAGES
        if room_of(target) not in ROOMS[: ROOMS.index(room_of(module)) + 1]
    ]


def test_a_room_of_the_wiring_imports_only_those_before_it(graph: grimp.ImportGraph) -> None:
    assert climbing(graph) == []


@pytest.mark.parametrize(
    ("importer", "imported", "found"),
    [
        ("run.engine", "recovery.starting", 0),
        ("run.engine", "run.feeds", 0),
        ("run.engine", "commands.why", 1),
        ("console.served", "wiring", 1),
        ("wiring", "console.served", 0),
    ],
)
def test_what_climbs_is_found(importer: str, imported: str, found: int) -> None:
    planted = grimp.ImportGraph()
    above = f"{ROOT}.{WIRING}"
    planted.add_import(importer=f"{above}.{importer}", imported=f"{above}.{imported}")
    assert len(climbing(planted)) == found


def test_the_rooms_are_all_there_is_below_the_wiring() -> None:
    inside = {path.name for path in (SOURCE / WIRING).iterdir() if path.name != "__pycache__"}
    assert inside == {*ROOMS, "__init__.py", "wiring.py"}


def test_the_documented_rooms_are_these_in_this_order() -> None:
    rows = re.findall(r"^\| `(\w+)/` \|", DOCUMENTED.read_text("utf-8"), re.MULTILINE)
    assert tuple(rows) == ROOMS


def test_no_module_needs_itself(graph: grimp.ImportGraph) -> None:
    """No circle of imports, neither over three corners nor put off into a function, nor of
    what only the checker of types reads: a part names what it needs of its whole in a Protocol, as
    ``tui/screens/desk.py`` does for the parts of the console.
    """
    assert circles(graph) == {}


def circles(graph: grimp.ImportGraph) -> dict[str, list[str]]:
    """Return the modules that lie on circles of imports, or between two, with what they import of
    each other.
    """
    ours = [module for module in graph.modules if module.split(".")[0] == ROOT]
    left = {module: graph.find_modules_directly_imported_by(module) for module in ours}
    while True:
        imported = set().union(*(left[module] for module in left)) if left else set()
        free = [name for name in left if name not in imported or not left[name] & left.keys()]
        if not free:
            return {module: sorted(found & left.keys()) for module, found in left.items()}
        for module in free:
            del left[module]


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        ((("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("c", "e")), {"a", "b", "c"}),
        ((("a", "b"), ("b", "c"), ("a", "c")), set()),
    ],
)
def test_the_circles_are_found(imports: tuple[tuple[str, str], ...], expected: set[str]) -> None:
    planted = grimp.ImportGraph()
    for importer, imported in imports:
        planted.add_import(importer=f"{ROOT}.{importer}", imported=f"{ROOT}.{imported}")
    assert circles(planted).keys() == {f"{ROOT}.{name}" for name in expected}


def test_the_table_names_nothing_that_is_not_there(graph: grimp.ImportGraph) -> None:
    used: dict[str, set[str]] = {package: set() for package in MAY_IMPORT}
    for module in graph.modules:
        package = package_of(module)
        if package in used:
            found = graph.find_modules_directly_imported_by(module)
            used[package] |= {target.split(".")[0] for target in found}
    ghosts = [
        f"{package}: {name}"
        for package, (ours, third) in MAY_IMPORT.items()
        for name in sorted((ours - {*MAY_IMPORT, WIRING}) | (third - used[package]))
    ]
    ghosts += [name for name in EXTRA_FOR_SUBPACKAGE if name not in graph.modules]
    ghosts += [name for name in DENIED_STDLIB_EXCEPT if name not in graph.modules]
    assert ghosts == []


def test_the_documented_table_is_this_one() -> None:
    rows = {}
    for line in DOCUMENTED.read_text("utf-8").splitlines():
        if re.match(r"\| `\w+` \|", line):
            name, _, may = (cell.strip() for cell in line.strip("|").split("|"))
            rows[name.strip("`")] = words_of(may)
    assert rows == {WIRING: set(), **allowed_by_package()}


@pytest.mark.parametrize("package", sorted({*MAY_IMPORT} - {"__main__"}))
def test_a_charter_says_what_its_package_may_import(package: str) -> None:
    charter = ast.get_docstring(ast.parse((SOURCE / package / "__init__.py").read_text("utf-8")))
    assert charter is not None
    _, _, after = charter.partition("May import:")
    assert words_of(after.split(".")[0]) == allowed_by_package()[package]


def words_of(text: str) -> set[str]:
    """Return our packages that a text names."""
    return {word for word in re.findall(r"\w+", text) if word in MAY_IMPORT}


def allowed_by_package() -> dict[str, set[str]]:
    """Return what each package, or a part of it, may import of ours."""
    found = {name: set(ours) for name, (ours, _) in MAY_IMPORT.items() if name != "__main__"}
    for prefix, (more, _) in EXTRA_FOR_SUBPACKAGE.items():
        found[package_of(prefix)] |= more
    return found


@pytest.mark.parametrize("forbidden", ["tradetui.core", "tradetui.adapters", "tradetui.engine"])
def test_no_screen_reaches(graph: grimp.ImportGraph, forbidden: str) -> None:
    """A screen works the same in process and attached from another: not even indirectly."""
    assert forbidden in graph.modules
    chains = [
        graph.find_shortest_chain(importer=module, imported=forbidden)
        for module in sorted(graph.modules)
        if module.startswith("tradetui.tui")
    ]
    descendants = [
        f"{module} -> {target}"
        for module in sorted(graph.modules)
        if module.startswith("tradetui.tui")
        for target in sorted(graph.find_descendants(forbidden))
        if graph.find_shortest_chain(importer=module, imported=target)
    ]
    assert not [chain for chain in chains if chain]
    assert not descendants


def test_runtime_and_backtest_are_apart(graph: grimp.ImportGraph) -> None:
    """The two drivers never import each other."""
    for one, other in (("runtime", "backtest"), ("backtest", "runtime")):
        for module in sorted(graph.modules):
            if module.startswith(f"tradetui.{one}"):
                imported = graph.find_modules_directly_imported_by(module)
                assert not [name for name in imported if name.startswith(f"tradetui.{other}")]


def test_the_wiring_draws_nothing(graph: grimp.ImportGraph) -> None:
    """It starts the console; what stands on a screen is the console's own."""
    drawing = ("tradetui.tui.widgets", "tradetui.tui.screens", "tradetui.tui.dialogs")
    found = [
        f"{module} imports {target}"
        for module in sorted(graph.modules)
        if package_of(module) == WIRING
        for target in sorted(graph.find_modules_directly_imported_by(module))
        if target.startswith(drawing)
    ]
    assert found == []
