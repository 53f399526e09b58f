"""Runs a strategy file's source as a module under a private name, and finds its class."""

from __future__ import annotations

import linecache
import sys
import warnings
from types import ModuleType

from tradetui.engine.loader.find import SourceError
from tradetui.strategy import Strategy

PACKAGE_PREFIX = "_tradetui_strategy_"
"""Before the name of every strategy module: a file named like a module of ours, or of the standard
library, shadows nothing, and strategy folders are never on ``sys.path``."""


def import_source(source: bytes, path: str, name: str) -> ModuleType:
    """Run the source and return its module; whatever the file raises comes out.

    What runs is what was read (and hashed), and tracebacks show its lines even after the file
    changed.
    """
    module_name = PACKAGE_PREFIX + name
    module = ModuleType(module_name)
    module.__file__ = path
    text = source.decode("utf-8", "replace")
    linecache.cache[path] = (len(source), None, text.splitlines(keepends=True), path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(source, path, "exec", dont_inherit=True)
    before = sys.modules.get(module_name)
    sys.modules[module_name] = module
    try:
        exec(code, module.__dict__)
    except BaseException:
        if before is None:
            del sys.modules[module_name]
        else:
            sys.modules[module_name] = before
        raise
    return module


def class_of(module: ModuleType, class_name: str) -> type[Strategy]:
    """Return the strategy class of a module; raises SourceError if running the file left none
    there.
    """
    found = getattr(module, class_name, None)
    if not isinstance(found, type) or not issubclass(found, Strategy):
        raise SourceError(f"{class_name} is no Strategy class after the file has run")
    return found
