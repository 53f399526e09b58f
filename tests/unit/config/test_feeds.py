"""The sections of feeds: how far items are put in order of time, and what is refused of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.config.test_bad_input import GOOD

from tradetui.config.errors import ConfigError
from tradetui.config.feeds import (
    DEFAULT_REORDER_TIMEOUT_NS,
    MAX_REORDER_TIMEOUT_NS,
    ReplayFeed,
    SyntheticFeed,
)
from tradetui.config.finding import Found
from tradetui.config.loading import load_config

MADE_UP = 'kind = "synthetic"\nmarkets = ["BTC/USDT", "ETH/USDT"]'
FILES = 'kind = "replay"\nfiles = ["one.csv"]\nvenue = "SIM"'


def feed_of(folder: Path, section: str, keys: str) -> SyntheticFeed | ReplayFeed:
    """Return the one feed of a config with such a section; raises ConfigError."""
    path = folder / "config.toml"
    assert MADE_UP in GOOD
    path.write_text(GOOD.replace(MADE_UP, f"{section}\n{keys}"))
    return load_config(Found(path, "test")).config.feeds[0]


@pytest.mark.parametrize("section", [MADE_UP, FILES])
def test_nothing_is_held_back_unless_asked_for(tmp_path: Path, section: str) -> None:
    plain = feed_of(tmp_path, section, "")
    assert (plain.reorder_buffer_size, plain.reorder_buffer_timeout) == (
        0,
        DEFAULT_REORDER_TIMEOUT_NS,
    )
    keys = "reorder_buffer_size = 64\nreorder_buffer_timeout = 1.5"
    held = feed_of(tmp_path, section, keys)
    assert (held.reorder_buffer_size, held.reorder_buffer_timeout) == (64, 1_500_000_000)
    longest = "reorder_buffer_size = 1\nreorder_buffer_timeout = 60"
    assert feed_of(tmp_path, section, longest).reorder_buffer_timeout == MAX_REORDER_TIMEOUT_NS


@pytest.mark.parametrize("section", [MADE_UP, FILES])
@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("reorder_buffer_size = -1", "feeds[1].reorder_buffer_size: "),
        ("reorder_buffer_size = 10_001", "feeds[1].reorder_buffer_size: "),
        ("reorder_buffer_size = 2.5", "feeds[1].reorder_buffer_size: must be a whole number"),
        ("reorder_buffer_timeout = 1", "has no effect without reorder_buffer_size above 0"),
        (
            "reorder_buffer_size = 5\nreorder_buffer_timeout = 60.5",
            "reorder_buffer_timeout must be at most 60 seconds",
        ),
        (
            "reorder_buffer_size = 5\nreorder_buffer_timeout = 0",
            "feeds[1].reorder_buffer_timeout: must be seconds above 0",
        ),
        ("reorder_bufer_size = 5", "unknown key; did you mean reorder_buffer_size?"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    tmp_path: Path, section: str, keys: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        feed_of(tmp_path, section, keys)
    (problem,) = caught.value.problems
    assert said in problem
    assert f"{tmp_path / 'config.toml'}, line " in problem
