"""Strategy files: found without running them, tried out where they can do no harm, then loaded.

Also the tests of ``engine/loader/module.py``.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tradetui.engine.errors import LoadError
from tradetui.engine.loader import check, child
from tradetui.engine.loader import strategy_loader as loaders
from tradetui.engine.loader.check import CheckLimits, CheckReport, CheckSubject
from tradetui.engine.loader.child import TrialPort, check_source
from tradetui.engine.loader.find import (
    MAX_SOURCE_BYTES,
    SourceError,
    find_strategies,
    locate,
    parse,
    strategy_class_of,
)
from tradetui.engine.loader.strategy_loader import SURE_AFTER, StrategyLoader

GOOD = """
from tradetui.strategy import Strategy, bars

class Dip(Strategy):
    LABEL = "Dip buyer"
    TICK_MINUTES = 2.1
    DATA = {"fast": bars("5m"), "other": bars("1h", market="ETH/USD")}
    CONFIG_SCHEMA = {"z": {"type": "float", "default": 2.0}}
"""

QUICK = CheckLimits(memory_bytes=1 << 29, cpu_seconds=2, asleep_milliseconds=500)


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def body(lines: str) -> str:
    """A good strategy with something before it."""
    return lines + GOOD


class TestFind:
    def test_lists_name_label_class_and_hash_without_running(self, tmp_path: Path) -> None:
        marker = tmp_path / "ran"
        write(tmp_path, "dip.py", body(f"open({str(marker)!r}, 'w')\n"))
        (entry,) = find_strategies([tmp_path, tmp_path / "missing"])
        assert (entry.name, entry.label, entry.class_name) == ("dip", "Dip buyer", "Dip")
        assert len(entry.file_hash) == 64
        assert entry.problem == ""
        assert not marker.exists()

    def test_the_label_defaults_to_the_name(self, tmp_path: Path) -> None:
        write(tmp_path, "a.py", "from tradetui.strategy import Strategy as S\nclass A(S):\n  x = 1")
        write(
            tmp_path,
            "b.py",
            "import tradetui.strategy as t\nclass B(t.Strategy):\n  LABEL: str = 'Bee'",
        )
        write(
            tmp_path,
            "c.py",
            "from tradetui.strategy import Strategy\nclass C(Strategy):\n  LABEL = 5",
        )
        assert [e.label for e in find_strategies([tmp_path])] == ["a", "Bee", "c"]

    def test_a_base_class_in_the_file_is_not_the_strategy(self, tmp_path: Path) -> None:
        write(tmp_path, "a.py", body("") + "\nclass Mine(Dip):\n    pass\nclass Other:\n    pass\n")
        (entry,) = find_strategies([tmp_path])
        assert entry.class_name == "Mine"

    @pytest.mark.parametrize(
        ("name", "text", "says"),
        [
            ("bad.py", "class X(:\n", "bad.py line 1"),
            ("bad.py", b"\x00", "bad.py"),
            ("bad.py", b"\xff\xfe\xfa", "bad.py"),
            ("bad.py", "x = 1\n", "has no strategy"),
            ("bad.py", body("") + "\nclass E(Strategy): pass\n", "2 strategies (Dip, E)"),
            ("Bad Name.py", GOOD, "lower-case"),
            ("bad.py", "(" * 5_000, "bad.py"),
            ("bad.py", b"#" * (MAX_SOURCE_BYTES + 1), "larger than"),
        ],
    )
    def test_a_file_that_cannot_be_used_says_why(
        self, tmp_path: Path, name: str, text: Any, says: str
    ) -> None:
        write(tmp_path, name, text)
        (entry,) = find_strategies([tmp_path])
        assert says in entry.problem
        assert entry.problem.isprintable()

    def test_helpers_and_other_files_are_not_strategies(self, tmp_path: Path) -> None:
        write(tmp_path, "_helper.py", GOOD)
        write(tmp_path, "notes.txt", GOOD)
        assert find_strategies([tmp_path]) == ()

    def test_a_folder_named_like_a_strategy_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "dir.py").mkdir()
        (entry,) = find_strategies([tmp_path])
        assert "not a file" in entry.problem

    def test_a_link_that_leaves_the_folder_is_refused(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        inside = tmp_path / "inside"
        outside.mkdir()
        inside.mkdir()
        (inside / "dip.py").symlink_to(write(outside, "dip.py", GOOD))
        (entry,) = find_strategies([inside])
        assert "leads out" in entry.problem

    def test_the_first_folder_wins_a_name_and_the_other_is_said(self, tmp_path: Path) -> None:
        mine, shipped = tmp_path / "mine", tmp_path / "shipped"
        mine.mkdir()
        shipped.mkdir()
        write(mine, "dip.py", GOOD)
        write(shipped, "dip.py", GOOD)
        first, second = find_strategies([mine, shipped])
        assert first.problem == ""
        assert "is hidden by" in second.problem

    @pytest.mark.parametrize("name", ["../dip", "Dip", "", "a" * 65, "dip.py", "os.path", "a/b"])
    def test_a_name_that_is_no_name_is_refused(self, tmp_path: Path, name: str) -> None:
        write(tmp_path, "dip.py", GOOD)
        with pytest.raises(SourceError, match="lower-case"):
            locate([tmp_path], name)

    def test_a_strategy_that_is_not_there_says_where_it_was_looked_for(
        self, tmp_path: Path
    ) -> None:
        with pytest.raises(SourceError, match=r"looked for dip\.py in"):
            locate([tmp_path], "dip")
        with pytest.raises(SourceError, match="no folder"):
            locate([], "dip")

    def test_a_file_that_cannot_be_read(self, tmp_path: Path, monkeypatch: Any) -> None:
        write(tmp_path, "dip.py", GOOD)

        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        (entry,) = find_strategies([tmp_path])
        assert entry.problem == "dip.py cannot be read: Permission denied"

    def test_odd_class_statements(self) -> None:
        tree = parse(
            b"from tradetui.strategy import Strategy, bars\n"
            b"class A(Strategy, metaclass=type):\n  x: int\n  a = b = LABEL = 'Three'\n",
            "a.py",
        )
        assert strategy_class_of(tree, "a.py") == ("A", "Three")


@pytest.fixture(autouse=True)
def no_modules_left() -> Iterator[None]:
    """Forget every strategy module that a test has made."""
    yield
    for name in [name for name in sys.modules if name.startswith("_tradetui_strategy_")]:
        del sys.modules[name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


class TestCheckInChild:
    """Each of these runs a real child process."""

    def check(self, folder: Path, text: str) -> CheckReport:
        write(folder, "dip.py", text)
        return StrategyLoader([folder], QUICK).check("dip")

    def test_a_good_file(self, folder: Path) -> None:
        report = self.check(folder, body("print('\\x1b[2J' * 100_000)\n"))
        assert report == CheckReport("", 21, ("fast: bars 5m", "other: bars 1h"))

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (body("import no_such_module\n"), "importing the file, line 1: ModuleNotFoundError"),
            (body("import sys; sys.exit(0)\n"), "sys.exit() was called"),
            (body("import os; os._exit(0)\n"), "ended the whole process"),
            (body("import ctypes; ctypes.string_at(1)\n"), "crashed"),
            (body("while True: pass\n"), "within 2 s of processor time (an endless loop?)"),
            (body("import time; time.sleep(600)\n"), "did nothing but wait for 0 s (sleep"),
            (body("x = [0]\nwhile True: x = x + x\n"), "memory"),
            (body("raise ValueError('\\x1b[31m' * 3)\n"), "line 1: ValueError: ?[31m?[31m?[31m"),
            (body("import os; os.fork()\n"), ""),
        ],
    )
    def test_what_a_file_can_do_to_us(self, folder: Path, text: str, says: str) -> None:
        problem = self.check(folder, text).problem
        assert says in problem
        assert problem.isprintable()

    def test_an_instances_own_config_is_tried(self, folder: Path) -> None:
        write(folder, "dip.py", GOOD + "    def setup(self): 1 / (self.cfg.z - 7)\n")
        loader = StrategyLoader([folder], QUICK)
        assert loader.check("dip").problem == ""
        loader.try_config("dip", {"z": 3.0})
        with pytest.raises(LoadError, match=r"with the instance.s config, line .*ZeroDivision"):
            loader.try_config("dip", {"z": 7.0})
        with pytest.raises(LoadError, match="no strategy dap"):
            loader.try_config("dap", {})
        loader.interrupt()
        loader.try_config("dip", {"z": 7.0})

    def test_a_machine_too_busy_to_tell_is_asked_again(self, folder: Path) -> None:
        """The clock alone never condemns a file: here it gives the child no time at all."""
        write(folder, "dip.py", GOOD)
        loader = StrategyLoader([folder], CheckLimits(wall_milliseconds=1))
        report = loader.check("dip")
        assert "was not over after 0 s: the machine is too busy" in report.problem
        assert report.is_untold
        assert loader._reports == {}

    def test_a_system_that_does_not_say_who_sleeps(self) -> None:
        assert not check._is_asleep(-1)

    def test_the_secrets_of_our_environment_are_not_there(
        self, folder: Path, monkeypatch: Any
    ) -> None:
        monkeypatch.setenv("API_SECRET", "abc")
        report = self.check(folder, body("import os; assert 'API_SECRET' not in os.environ\n"))
        assert report.problem == ""

    def test_a_file_cannot_write(self, folder: Path) -> None:
        report = self.check(
            folder, body(f"f = open({str(folder / 'x')!r}, 'w'); f.write('y'); f.flush()\n")
        )
        assert "OSError" in report.problem


class TestCheckSource:
    """The stages, in this process."""

    def check(self, text: str, class_name: str = "Dip") -> CheckReport:
        stages: list[str] = []
        report = check_source(text.encode(), "dip.py", "dip", class_name, stages.append)
        assert stages[0] == "importing the file"
        return report

    def test_good(self) -> None:
        assert self.check(GOOD).problem == ""

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (GOOD.replace("2.1", "0"), "TICK_MINUTES"),
            (GOOD.replace("2.1", "float('nan')"), "TICK_MINUTES"),
            (GOOD.replace('"float"', '"flaot"'), "CONFIG_SCHEMA"),
            (GOOD + "    STATE_SCHEMA = 5\n", "STATE_SCHEMA"),
            (GOOD + "    def setup(self): 1 / 0\n", "making an instance"),
            (GOOD + "    def render(self): return self.state['x']\n", "render() before the first"),
            (GOOD + "    def setup(self): raise MemoryError\n", "more memory"),
            (GOOD + "Dip = 5\n", "no Strategy class"),
            ("def f(:\n", "line 1"),
        ],
    )
    def test_each_stage_says_what_is_wrong(self, text: str, says: str) -> None:
        assert says in self.check(text).problem

    def test_the_trial_market_answers_everything(self) -> None:
        text = GOOD + (
            "    def setup(self):\n"
            "        c = self.context\n"
            "        self.seen = [c.get_price(), c.get_orders(), bool(self.position),\n"
            "                     c.get_account_info()['budget'], c.get_order('x'), c.now,\n"
            "                     c.suggest_order_amount('buy'), c.can_trade]\n"
            "        self.log('hello'); self.every('1m'); self.cancel_timer(); self.rng.random()\n"
            "    def render(self):\n"
            "        return {'widgets': [{'type': 'text', 'text': str(self.seen)}]}\n"
        )
        assert self.check(text).problem == ""

    def test_the_trial_port_itself(self) -> None:
        port = TrialPort()
        key = port.market
        assert port.instrument().symbol == "BTC/USD"
        assert port.next_order_id() != port.next_order_id()
        assert (port.mark(key), port.mark_time(key), port.quote(key)) == (None, None, None)
        assert port.recent_bars(key, 60, 5) == ()
        port.emit(None)  # type: ignore[arg-type]
        assert port.record_signal(None) == 0  # type: ignore[arg-type]
        port.subscribe(key)
        port.is_loading = False
        with pytest.raises(KeyError):
            port.instrument("XRP/USD")

    def test_main_reports_on_its_descriptor(self, monkeypatch: Any) -> None:
        read_end, write_end = os.pipe()
        ended: list[int] = []
        limited: list[Any] = []

        class Input:
            buffer = io.BytesIO(GOOD.encode())

        monkeypatch.setattr(sys, "stdin", Input)
        monkeypatch.setattr(os, "_exit", ended.append)
        monkeypatch.setattr(child, "limit_process", lambda *args: limited.append(args))
        child.main([str(write_end), "1000", "2", "dip.py", "dip", "Dip", ""])
        os.close(write_end)
        with os.fdopen(read_end, "rb") as results:
            lines = [json.loads(line) for line in results]
        assert [line[1] for line in lines] == [
            "starting the check",
            "importing the file",
            "checking its declarations",
            "making an instance with the default config",
            "calling render() before the first event",
            "done",
        ]
        assert ended == [0]
        assert limited == [(1000, 2)]

    def test_a_limit_that_the_platform_lacks_is_left_out(self, monkeypatch: Any) -> None:
        tried: list[int] = []

        def refuse(kind: int, values: Any) -> None:
            tried.append(kind)
            raise ValueError

        monkeypatch.setattr(child.resource, "setrlimit", refuse)
        child.limit_process(1, 1)
        assert len(tried) == 4


class TestInterrupt:
    def test_it_ends_checks_under_way_and_later_ones_and_remembers_nothing(
        self, folder: Path
    ) -> None:
        write(folder, "dip.py", body("import time\nwhile True:\n    time.sleep(1)\n"))
        loader = StrategyLoader([folder], CheckLimits(wall_milliseconds=60_000))
        reports: list[CheckReport] = []
        check = threading.Thread(target=lambda: reports.append(loader.check("dip")))
        begun = time.monotonic()
        check.start()
        check.join(0.1)
        assert check.is_alive()
        loader.interrupt()
        check.join(30)
        assert loader.is_interrupted
        assert loader.check("dip").problem
        assert len(reports) == 1
        assert loader._reports == {}
        assert time.monotonic() - begun < 30


class TestLoad:
    def test_the_same_content_is_checked_and_loaded_once(
        self, folder: Path, monkeypatch: Any
    ) -> None:
        runs: list[str] = []

        def fake(subject: CheckSubject, *_: Any) -> CheckReport:
            runs.append(subject.name)
            return CheckReport("", 21)

        monkeypatch.setattr("tradetui.engine.loader.strategy_loader.run_check", fake)
        write(folder, "dip.py", GOOD)
        loader = StrategyLoader([folder])
        first = loader.load("dip")
        assert loader.load("dip").strategy_class is first.strategy_class
        assert (first.label, first.tick_steps) == ("Dip buyer", 21)
        assert first.file_hash == loader.file_hash("dip") == loader.find()[0].file_hash
        assert runs == ["dip"]
        write(folder, "dip.py", GOOD.replace("Dip buyer", "Dip seller"))
        second = loader.load("dip")
        assert second.strategy_class is not first.strategy_class
        assert second.label == "Dip seller"
        assert first.strategy_class.LABEL == "Dip buyer"
        assert runs == ["dip", "dip"]

    def test_a_file_named_like_a_module_shadows_nothing(
        self, folder: Path, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(
            "tradetui.engine.loader.strategy_loader.run_check", lambda *args: CheckReport()
        )
        write(folder, "json.py", body("import json\nassert json.dumps\n"))
        kind = StrategyLoader([folder]).load("json").strategy_class
        assert kind.__module__ == "_tradetui_strategy_json"
        assert json.dumps({}) == "{}"
        assert str(folder) not in sys.path

    def test_every_failure_is_one_sentence(self, folder: Path, monkeypatch: Any) -> None:
        loader = StrategyLoader([folder])
        with pytest.raises(LoadError, match="no strategy dip"):
            loader.load("dip")
        with pytest.raises(LoadError, match="no strategy dip"):
            loader.file_hash("dip")
        assert "no strategy dip" in loader.check("dip").problem
        write(folder, "dip.py", "x = (\n")
        with pytest.raises(LoadError, match="line 1"):
            loader.load("dip")
        monkeypatch.setattr(
            "tradetui.engine.loader.strategy_loader.run_check", lambda *a: CheckReport("slow")
        )
        write(folder, "dip.py", GOOD)
        with pytest.raises(LoadError, match="strategy dip: slow"):
            loader.load("dip")

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("raise OSError('here only')\n", "line 1: OSError: here only"),
            ("import sys; sys.exit()\n", "sys.exit"),
        ],
    )
    def test_what_fails_only_in_this_process_stays_contained(
        self, folder: Path, monkeypatch: Any, line: str, says: str
    ) -> None:
        monkeypatch.setattr(
            "tradetui.engine.loader.strategy_loader.run_check", lambda *args: CheckReport()
        )
        write(folder, "dip.py", body(line))
        with pytest.raises(LoadError, match=says):
            StrategyLoader([folder]).load("dip")
        assert "_tradetui_strategy_dip" not in sys.modules

    def test_a_version_that_fails_leaves_the_one_of_before(
        self, folder: Path, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(
            "tradetui.engine.loader.strategy_loader.run_check", lambda *args: CheckReport()
        )
        write(folder, "keep.py", GOOD)
        loader = StrategyLoader([folder])
        kind = loader.load("keep").strategy_class
        write(folder, "keep.py", body("raise ValueError\n"))
        with pytest.raises(LoadError, match="ValueError"):
            loader.load("keep")
        assert sys.modules["_tradetui_strategy_keep"].__dict__["Dip"] is kind
        write(folder, "keep.py", GOOD + "\nDip = None\n")
        with pytest.raises(LoadError, match="no Strategy class"):
            loader.load("keep")


class TestJudgement:
    def test_what_is_no_message_ends_the_messages(self) -> None:
        from tradetui.engine.loader.check import _decode

        whole = b'["ChildMessage","importing the file",null]\n'
        assert len(_decode(whole + b"garbage\n" + whole)) == 1
        assert len(_decode(whole + b'["\x80"]\n' + whole)) == 1

    def test_a_child_that_said_nothing(self) -> None:
        from tradetui.engine.loader.check import _judge

        assert _judge([], 1, False, QUICK).problem.startswith("starting the check")


class TestChanges:
    def test_a_file_as_it_was_loaded_has_none(self, tmp_path: Path) -> None:
        write(tmp_path, "dip.py", GOOD)
        loader = StrategyLoader([tmp_path])
        assert loader.changes("dip", loader.load("dip").file_hash) == ()

    def test_the_lines_that_differ_are_told_and_bounded(self, tmp_path: Path) -> None:
        path = write(tmp_path, "dip.py", GOOD)
        loader = StrategyLoader([tmp_path])
        loaded = loader.load("dip").file_hash
        path.write_text(GOOD.replace("2.0", "0.5"))
        lines = loader.changes("dip", loaded)
        assert [line[0] for line in lines] == ["@", " ", "-", "+"]
        assert '"default": 0.5' in lines[-1]
        path.write_text(GOOD + "".join(f"    X{n} = '\x1b[2J'\n" for n in range(100)))
        lines = loader.changes("dip", loaded)
        assert lines[-1].endswith("more lines")
        assert not any("\x1b" in line for line in lines)

    def test_what_was_loaded_by_another_process_is_not_known(self, tmp_path: Path) -> None:
        write(tmp_path, "dip.py", GOOD)
        (line,) = StrategyLoader([tmp_path]).changes("dip", "0" * 64)
        assert "no longer known" in line

    def test_a_file_that_is_gone_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(LoadError, match="dip"):
            StrategyLoader([tmp_path]).changes("dip", "0" * 64)


class TestHashOfAFile:
    """The hash is asked for every second; the file is read when the disk says it may be another."""

    @pytest.fixture
    def reads(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        found: list[str] = []

        def read(path: Path) -> bytes:
            found.append(path.parent.name)
            return path.read_bytes()

        monkeypatch.setattr(loaders, "read_source", read)
        return found

    def test_a_file_that_nothing_touches_is_read_no_more(
        self, tmp_path: Path, reads: list[str]
    ) -> None:
        first, second = tmp_path / "first", tmp_path / "second"
        first.mkdir()
        second.mkdir()
        write(second, "dip.py", GOOD)
        loader = StrategyLoader([first, second])
        good = [loader.file_hash("dip") for _ in range(9)]
        assert reads == ["second"] * SURE_AFTER
        write(second, "dip.py", body("# more"))
        assert loader.file_hash("dip") not in good
        write(first, "dip.py", GOOD)
        assert loader.file_hash("dip") in good
        assert reads[SURE_AFTER:] == ["second", "first"]
        for folder in (first, second):
            (folder / "dip.py").unlink()
        with pytest.raises(LoadError, match="no strategy dip"):
            loader.file_hash("dip")

    def test_a_change_that_the_disk_does_not_tell_is_seen_at_first(
        self, tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(StrategyLoader, "_places", lambda loader, name: ("the same",))
        loader = StrategyLoader([tmp_path])
        found = []
        for text in (GOOD, body("# more"), GOOD):
            write(tmp_path, "dip.py", text)
            found.append(loader.file_hash("dip"))
        assert found[0] == found[2] != found[1]
        assert len(reads) == 3
