"""The schema of the config says what one writes, and every setting where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

from tradetui.config.describing import Setting, config_schema, settings
from tradetui.config.finding import Found
from tradetui.config.loading import load_config
from tradetui.config.resources import shipped_config


def test_defaults_are_as_one_writes_them() -> None:
    schema = config_schema()
    engine = schema["$defs"]["EngineSection"]["properties"]
    assert engine["callback_soft"]["default"] == 0.05
    assert engine["callback_soft"]["type"] == ["number", "string"]
    assert "x-scale" not in json.dumps(schema)
    assert schema["additionalProperties"] is False


def test_every_key_says_what_it_means() -> None:
    schema = config_schema()
    sections = [schema, *(one for one in schema["$defs"].values() if "properties" in one)]
    silent = [
        f"{section['title']}.{key}"
        for section in sections
        for key, field in section["properties"].items()
        if not field.get("description")
    ]
    assert silent == []
    assert len(sections) > 10
    window = schema["$defs"]["RiskSection"]["properties"]["order_window"]
    assert window["description"] == "Seconds over which `max_orders` counts."


def test_every_setting_says_where_it_comes_from() -> None:
    path = shipped_config("default")
    rows = {row.key: row for row in settings(load_config(Found(path, "shipped")))}
    named = path.read_text().splitlines()[int(rows["risk.paper.max_drawdown"].origin[-2:]) - 1]
    assert named.startswith("max_drawdown")
    assert rows["risk.paper.max_drawdown"].value == "0.10"
    assert rows["engine.callback_hard"] == Setting("engine.callback_hard", "2", "default")
    assert rows["feeds[1].markets"].value == "BTC/USDT, ETH/USDT, SOL/USDT, XRP/USDT"
    assert rows["profile.state"].value == '""'
    assert rows["strategies.samples"].value == "true"
    assert rows["strategies.folders"].value == "(none)"


def test_a_hostile_value_is_made_printable(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    text = (
        shipped_config("default")
        .read_text()
        .replace('"default"', '"default"\nstate = "a\\u001b[31m"')
    )
    path.write_text(text)
    rows = {row.key: row for row in settings(load_config(Found(path, "own")))}
    assert "\x1b" not in rows["profile.state"].value
