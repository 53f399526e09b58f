"""Finds strategies in folders by parsing, without running a line of them.

A strategy is a file ``<name>.py`` directly in one of the folders, with one class that derives from
``Strategy``. Its name is the file's. Nothing of a file is trusted before it is asked for: links
that leave the folder, odd names, huge files and files that do not parse are listed with the reason.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from tradetui.domain.instances import STRATEGY_TYPE
from tradetui.domain.record import Record
from tradetui.domain.text import printable

MAX_SOURCE_BYTES: Final = 1_000_000
MAX_LABEL: Final = 60
_REMEMBERED: Final = 64
"""Files whose class and label are remembered, by their bytes."""


class StrategyFile(Record, frozen=True):
    """One file of a strategy folder.

    ``problem`` is empty, or one sentence that says why the file cannot be used (then the rest may
    be empty). ``file_hash`` is the SHA-256 of its bytes, in hex.
    """

    name: str
    path: str
    label: str = ""
    class_name: str = ""
    file_hash: str = ""
    problem: str = ""


class SourceError(Exception):
    """A strategy file cannot be read or parsed; the message is one sentence."""


def find_strategies(folders: Sequence[Path]) -> tuple[StrategyFile, ...]:
    """List every strategy file of the folders, in ascending name; the first folder wins a name.

    A folder that does not exist holds nothing; one that cannot be read is listed with the reason.
    Files that begin with ``_`` are not strategies.
    """
    found: dict[str, StrategyFile] = {}
    problems: list[StrategyFile] = []
    for folder in folders:
        try:
            paths = _sources_in(folder)
        except OSError as error:
            reason = f"the folder {folder.name} cannot be read: {error.strerror}"
            problems.append(
                StrategyFile(
                    printable(folder.name, 64), printable(str(folder), 300), problem=reason
                )
            )
            continue
        for path in paths:
            entry = examine(folder, path)
            first = found.get(entry.name)
            if first is None:
                found[entry.name] = entry
            else:
                hidden = f"is hidden by {first.path}, which has the same name; rename one of them"
                problems.append(StrategyFile(entry.name, entry.path, problem=hidden))
    return tuple(sorted([*found.values(), *problems], key=lambda entry: (entry.name, entry.path)))


def _sources_in(folder: Path) -> list[Path]:
    """Return the files of a folder that may be strategies; raises OSError."""
    try:
        names = sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    return [path for path in names if path.suffix == ".py" and not path.name.startswith("_")]


def locate(folders: Sequence[Path], name: str) -> Path:
    """Return the file of the strategy ``name``; raises SourceError if the name or the file is not
    sound.
    """
    if STRATEGY_TYPE.fullmatch(name) is None:
        raise SourceError(
            f"strategy name {printable(name, 40)!r} must be lower-case letters, digits and _, "
            "beginning with a letter, at most 64 characters"
        )
    for folder in folders:
        path = folder.joinpath(f"{name}.py")
        if path.is_symlink() or path.exists():
            check_place(folder, path)
            return path
    places = ", ".join(str(folder) for folder in folders) or "no folder"
    raise SourceError(f"no strategy {name}: looked for {name}.py in {places}")


def check_place(folder: Path, path: Path) -> None:
    """Raise SourceError unless ``path`` is a plain file that really lies in ``folder``."""
    if path.resolve().parent != folder.resolve():
        raise SourceError(
            f"{path.name} is a link that leads out of {folder}; copy the file instead"
        )
    if not path.is_file():
        raise SourceError(f"{path.name} is not a file")


def examine(folder: Path, path: Path) -> StrategyFile:
    """Describe one file without running it."""
    name = printable(path.stem, 64)
    shown = printable(str(path), 300)
    try:
        if STRATEGY_TYPE.fullmatch(path.stem) is None:
            raise SourceError(
                f"the file name must be lower-case letters, digits and _, like dip_buyer.py, not "
                f"{printable(path.name, 80)}"
            )
        check_place(folder, path)
        source = read_source(path)
        class_name, label = _described(source, path.name)
    except SourceError as problem:
        return StrategyFile(name, shown, problem=str(problem))
    return StrategyFile(name, shown, label or name, class_name, source_hash(source))


@lru_cache(maxsize=_REMEMBERED)
def _described(source: bytes, file_name: str) -> tuple[str, str]:
    """Return class name and label; the same bytes are parsed once, however many instances ask."""
    return strategy_class_of(parse(source, file_name), file_name)


def read_source(path: Path) -> bytes:
    """Read a strategy file once, bounded; raises SourceError."""
    try:
        with path.open("rb") as file:
            source = file.read(MAX_SOURCE_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}") from None
    if len(source) > MAX_SOURCE_BYTES:
        raise SourceError(
            f"{path.name} is larger than {MAX_SOURCE_BYTES} bytes; split the data out"
        )
    return source


def source_hash(source: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(source).hexdigest()


def parse(source: bytes, file_name: str) -> ast.Module:
    """Parse a file; raises SourceError with the line of the first mistake."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source, file_name)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        raise SourceError(
            f"{file_name} {where}{printable(error.msg or 'does not parse', 200)}"
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"{file_name} does not parse: {printable(str(error), 200)}") from None


def strategy_class_of(tree: ast.Module, file_name: str) -> tuple[str, str]:
    """Return (class name, LABEL or empty) of the one strategy class; raises SourceError
    otherwise.
    """
    known = _names_of_strategy(tree)
    classes: dict[str, ast.ClassDef] = {}
    parents: dict[str, None] = {}
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = [name for base in node.bases if (name := _base_name(base, known)) is not None]
        if bases:
            classes[node.name] = node
            known[node.name] = None
            parents.update(dict.fromkeys(bases))
    leaves = [name for name in classes if name not in parents and not name.startswith("_")]
    if not leaves:
        raise SourceError(
            f"{file_name} has no strategy: write `from tradetui.strategy import Strategy` and a "
            "class that derives from it"
        )
    if len(leaves) > 1:
        raise SourceError(
            f"{file_name} has {len(leaves)} strategies ({', '.join(leaves)}): keep one per file"
        )
    return leaves[0], printable(_label_of(classes[leaves[0]]), MAX_LABEL)


def _names_of_strategy(tree: ast.Module) -> dict[str, None]:
    """Return the names under which the file imports ``Strategy``."""
    names: dict[str, None] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tradetui."):
            for alias in node.names:
                if alias.name == "Strategy":
                    names[alias.asname or alias.name] = None
    return names


def _base_name(base: ast.expr, known: dict[str, None]) -> str | None:
    if isinstance(base, ast.Name) and base.id in known:
        return base.id
    if isinstance(base, ast.Attribute) and base.attr == "Strategy":
        return base.attr
    return None


def _label_of(node: ast.ClassDef) -> str:
    for statement in node.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        value = statement.value
        for target in targets:
            if (
                isinstance(target, ast.Name)
                and target.id == "LABEL"
                and isinstance(value, ast.Constant)
            ):
                return value.value if isinstance(value.value, str) else ""
    return ""
