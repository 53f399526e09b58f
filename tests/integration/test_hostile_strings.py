"""Hostile texts in every field that a screen or a command prints: only our own sequences leave.

A strategy whose every name, line, reason and widget is hostile, file names, rows of the databases
and words of the command line; then every command and every screen, byte by byte.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.support import hostile
from tests.support.hostile import BAD
from tests.support.outside import OURS, Nursery, environment, foreign
from tests.support.terminal import Terminal

READS = (
    *("instances list", "instances show bad", "instances config bad", "status", "positions"),
    *("orders --all", "fills", "decisions", "log", "strategies list", "strategies show hostile"),
    *("config show", "config path", "themes", "keys", "doctor", "journal runs", "journal size"),
    *("journal verify", "replay", "replay --verify", "why 60", "why-not bad", "since 1"),
)
NAMED = (
    *(("why", BAD), ("why-not", BAD), ("since", BAD), ("flatten", BAD, "--yes"), ("replay", BAD)),
    *(("instances", "show", BAD), ("strategies", "show", BAD), ("strategies", "new", BAD)),
    *(("kill", "--reason", BAD, "--scope", f"strategy:{BAD}"), ("restore", BAD), (BAD,)),
    *(("replay", "--what-if", "--set", BAD), ("journal", "verify", "--file", BAD)),
    *(("fills", "--instance", BAD), ("--theme", BAD, "demo"), ("--config", BAD, "status")),
)
OWN_PLACE = ("--theme", "--config", BAD)


def test_every_command_prints_text_only(nursery: Nursery, tmp_path: Path) -> None:
    place = hostile.make(tmp_path, 60)
    ran = nursery.run(tmp_path, "demo", "--headless", "--until-end", *place)
    assert "good" in ran.succeeded()
    assert "hostile" not in nursery.run(tmp_path, "fills", "--instance", "good", *place).succeeded()
    hostile.spoil(tmp_path / "folder" / "state.db")
    nursery.run(tmp_path, "kill", "--scope", "strategy:good", "--reason", BAD, *place).succeeded()
    for line in READS:
        words = line.split()
        plain = nursery.run(tmp_path, *words, *place)
        plain.is_clean()
        assert plain.code == 0 or words[0] in ("why", "doctor"), plain
        if words[0] not in ("doctor",):
            record = nursery.run(tmp_path, *words, "--json", *place)
            record.is_clean()
            json.loads(record.out or "null")
    exported = nursery.run(tmp_path, "journal", "export", *place)
    assert "HOSTILE" not in exported.succeeded()
    for words in NAMED:
        done = nursery.run(tmp_path, *words, *(() if words[0] in OWN_PLACE else place))
        done.is_clean()
        assert done.code in (0, 2, 3), done


def test_every_screen_sends_our_own_sequences_only(nursery: Nursery, tmp_path: Path) -> None:
    place = hostile.make(tmp_path, 3_000)
    where = ("--strategy", "hostile", "--account", "paper/main", "--market", "BTC/USDT")
    nursery.run(tmp_path, "instances", "create", "extra", *where, *place).succeeded()
    hostile.spoil(tmp_path / "folder" / "state.db")
    env = {**environment(tmp_path), "TERM": "xterm-256color"}
    words = ["run", *map(str, place)]
    terminal = Terminal(words, cols=150, rows=45, env=env, keep_raw=True, launcher=nursery)
    try:
        terminal.wait_for("extra")
        terminal.press("j", "j", "2")
        terminal.wait_for("[red]x[/]")
        for screen in "34567890":
            terminal.press(screen, "]", "j", "enter", "]", "escape", pause=0.08)
        terminal.press("1")
        for _ in range(4):
            keys = ("j", "2", *"]]]]]]", "w", "escape", "e", "escape", "d", "escape", "1")
            terminal.press(*keys, pause=0.08)
        terminal.press("!", "escape", "?", "j", "escape", "n", "escape", pause=0.1)
        for verb in ("since", "theme", "layout", "why-not h2", "th"):
            terminal.press(":", *verb, "tab", "enter", pause=0.03)
            terminal.press("escape", "escape", pause=0.1)
        terminal.wait_for(lambda _: b"=cmd()" in terminal.raw)
        assert "Traceback" not in terminal.text()
        terminal.kill(15)
        assert terminal.wait() == 0
        raw = terminal.raw.decode()
        assert not foreign(raw.replace("\r", ""), *OURS)
    finally:
        terminal.close()
    nursery.run(tmp_path, "journal", "verify", *place).succeeded()
