"""No shared code knows a venue by its name: what venues differ in is a declared capability."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from tests.architecture.test_tidy import modules, name_of

SHARED = (
    "domain",
    "core",
    "ports",
    "strategy",
    "engine",
    "runtime",
    "backtest",
    "services",
    "storage",
    "tui",
    "cli",
)
VENUES = (
    "alpaca",
    "ascendex",
    "binance",
    "bitfinex",
    "bitget",
    "bitmex",
    "bitstamp",
    "bybit",
    "coinbase",
    "cryptocom",
    "deribit",
    "gateio",
    "gemini",
    "htx",
    "huobi",
    "hyperliquid",
    "ibkr",
    "kalshi",
    "kraken",
    "kucoin",
    "mexc",
    "okx",
    "poloniex",
    "polymarket",
    "woofi",
)


def venue_names(tree: ast.Module) -> Iterator[str]:
    """Yield where code (not a docstring) has a venue's name in a text or an identifier."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        texts: list[str] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts = [] if id(node) in docstrings else [node.value]
        elif isinstance(node, ast.Name):
            texts = [node.id]
        elif isinstance(node, ast.Attribute):
            texts = [node.attr]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.alias):
            texts = [node.name]
        for text in texts:
            for venue in VENUES:
                if venue in text.lower():
                    yield f"{getattr(node, 'lineno', 0)}: {venue}"


@pytest.mark.parametrize("package", SHARED)
def test_shared_code_names_no_venue(package: str) -> None:
    found = []
    for path in modules(package):
        source = path.read_text("utf-8")
        if any(venue in source.lower() for venue in VENUES):
            found += [f"{name_of(path)}:{problem}" for problem in venue_names(ast.parse(source))]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "if venue == 'BINANCE': ...",
        "x = {'kraken_fee': 1}",
        "def for_okx(): ...",
        "self.is_bybit = True",
        "import deribit",
    ],
)
def test_the_check_finds_what_is_planted(planted: str) -> None:
    assert list(venue_names(ast.parse(planted)))


def test_an_example_in_a_docstring_is_none() -> None:
    assert not list(venue_names(ast.parse('def f():\n    """``BTC/USD.BITFINEX``"""')))
