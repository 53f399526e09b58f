"""Style as a test: purity of the core, size caps, charters. Each rule says what to do instead."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tradetui"
PURE = ("domain", "core", "engine")
NO_FLOAT = ("domain", "core")
MAX_MODULE, MAX_CLASS, MAX_FUNCTION = 450, 400, 60
BANNED_CALLS = {
    "float": "use scaled integers",
    "round": "use div_half_even",
    "hash": "use codec.digest",
    "id": "use a typed id",
    "set": "use a dict (ordered)",
    "frozenset": "use a dict or a tuple (ordered)",
    "open": "no I/O in the core",
    "print": "no output in the core",
}


def modules(*packages: str) -> list[Path]:
    roots = [SOURCE / package for package in packages] if packages else [SOURCE]
    return sorted(path for root in roots for path in root.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def purity_problems(tree: ast.AST, *, floats_allowed: bool = False) -> Iterator[str]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Constant(value=float()) if not floats_allowed:
                yield f"{line}: a float literal: use scaled integers"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield f"{line}: `/`: use div_floor, div_ceil or div_half_even"
            case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS:
                yield f"{line}: {name}(): {BANNED_CALLS[name]}"
            case ast.Set() | ast.SetComp():
                yield f"{line}: a set: use a dict (ordered)"
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield f"{line}: async: the core is synchronous"
            case ast.Global():
                yield f"{line}: global: state belongs to an object"
            case ast.Assert(test=ast.BoolOp(op=ast.And())):
                yield f"{line}: a compound assert: one condition per assert"


def size_problems(tree: ast.Module, lines: int) -> Iterator[str]:
    if lines > MAX_MODULE:
        yield f"1: {lines} lines, at most {MAX_MODULE}: split the module"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or 0) - node.lineno + 1
            if size > MAX_FUNCTION:
                yield f"{node.lineno}: {node.name} has {size} lines, at most {MAX_FUNCTION}"
        if isinstance(node, ast.ClassDef):
            size = (node.end_lineno or 0) - node.lineno + 1
            if size > MAX_CLASS:
                yield f"{node.lineno}: class {node.name} has {size} lines, at most {MAX_CLASS}"


def docstring_problems(tree: ast.Module) -> Iterator[str]:
    if not ast.get_docstring(tree):
        yield "1: no module docstring: say what the module is for"
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if not node.name.startswith("_") and not ast.get_docstring(node):
            yield f"{node.lineno}: {node.name} is public and has no docstring"


def exception_problems(source: str, tree: ast.Module) -> Iterator[str]:
    lines = source.splitlines()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or (
            isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
        )
        passes_on = isinstance(node.body[-1], ast.Raise)
        if broad and not passes_on and "noqa: BLE001" not in lines[node.lineno - 1]:
            yield f"{node.lineno}: a broad except: name the exception, or mark the isolation edge"


def task_problems(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
            and node.value.func.attr in ("create_task", "ensure_future")
            and not (
                isinstance(node.value.func.value, ast.Name) and "group" in node.value.func.value.id
            )
        ):
            yield f"{node.lineno}: a task nobody owns: use a TaskGroup"


@functools.cache
def parsed(path: Path) -> tuple[str, ast.Module]:
    source = path.read_text("utf-8")
    return source, ast.parse(source)


def parts() -> list[str]:
    return sorted({name_of(path).split("/")[0] for path in modules()})


def modules_of(part: str) -> list[Path]:
    return [path for path in modules() if name_of(path).split("/")[0] == part]


@pytest.mark.parametrize("part", PURE)
def test_core_is_pure(part: str) -> None:
    found = [
        f"{name_of(path)}:{problem}"
        for path in modules(part)
        for problem in purity_problems(parsed(path)[1], floats_allowed=part not in NO_FLOAT)
    ]
    assert found == []


@pytest.mark.parametrize("part", parts())
def test_modules_are_tidy(part: str) -> None:
    found = []
    for path in modules_of(part):
        source, tree = parsed(path)
        problems = (
            *size_problems(tree, source.count("\n")),
            *docstring_problems(tree),
            *exception_problems(source, tree),
            *task_problems(tree),
        )
        found += [f"{name_of(path)}:{problem}" for problem in problems]
    assert found == []


def packages() -> list[Path]:
    return sorted(path.parent for path in SOURCE.rglob("__init__.py") if path.parent != SOURCE)


@pytest.mark.parametrize("package", packages(), ids=name_of)
def test_package_has_a_charter(package: Path) -> None:
    charter = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8"))) or ""
    assert [word for word in ("Owns:", "May import:", "Never:") if word not in charter] == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("x = 1.5", "float literal"),
        ("x = a / b", "`/`"),
        ("x = float(a)", "float()"),
        ("x = {1, 2}", "a set"),
        ("async def f(): ...", "async"),
        ("def f():\n    global x", "global"),
        ("assert a and b", "compound assert"),
        ("x = round(a)", "round()"),
        ("x = hash(a)", "hash()"),
    ],
)
def test_the_purity_check_finds_what_is_planted(planted: str, found: str) -> None:
    assert any(found in problem for problem in purity_problems(ast.parse(planted)))


def test_the_other_checks_find_what_is_planted() -> None:
    long = ast.parse("def f():\n" + "    x = 1\n" * 80)
    assert any("has 81 lines" in problem for problem in size_problems(long, 81))
    assert list(size_problems(ast.parse(""), 700))
    assert list(size_problems(ast.parse("class A:\n" + "    x = 1\n" * 450), 10))
    assert list(docstring_problems(ast.parse("def f(): ...")))
    source = "try:\n    pass\nexcept Exception:\n    pass\n"
    assert list(exception_problems(source, ast.parse(source)))
    assert list(task_problems(ast.parse("loop.create_task(f())")))
    assert not list(task_problems(ast.parse("group.create_task(f())")))
