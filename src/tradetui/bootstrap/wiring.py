"""What the commands need done, done: implements ``cli.wiring.Wiring``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tradetui.bootstrap import shell
from tradetui.cli.wiring import Place, Row, RunOptions


class Application:
    """The doors that the commands use."""

    def open_console(self, options: RunOptions) -> int:
        """Run the full-screen console and return the exit code."""
        from tradetui.bootstrap.console import open_console

        return asyncio.run(open_console(options))

    def run_headless(self, options: RunOptions, say: Callable[[str], None]) -> Row:
        """Run without a screen and return the summary."""
        from tradetui.bootstrap.headless import run_headless

        return asyncio.run(run_headless(options, say))

    def list_strategies(self, place: Place) -> list[Row]:
        """Return every strategy file that was found."""
        return asyncio.run(shell.list_strategies(place))

    def check_strategies(self, place: Place, names: tuple[str, ...]) -> list[Row]:
        """Check strategies, each in a child process."""
        return asyncio.run(shell.check_all(place, names))

    def list_instances(self, place: Place) -> list[Row]:
        """Return the records."""
        return asyncio.run(shell.list_instances(place))

    def create_instance(
        self, place: Place, *, name: str, strategy: str, account: str, market: str, config: str
    ) -> Row:
        """Create a record, off."""
        return asyncio.run(
            shell.create_instance(
                place, name=name, strategy=strategy, account=account, market=market, config=config
            )
        )

    def set_mode(self, place: Place, name: str, mode: str, *, confirmed: bool) -> Row:
        """Write the mode of a record."""
        return asyncio.run(shell.set_mode(place, name, mode, confirmed=confirmed))

    def get_config(self, place: Place, name: str) -> Row:
        """Return the config of a record."""
        return asyncio.run(shell.get_config(place, name))

    def set_config(self, place: Place, name: str, changes: tuple[str, ...]) -> Row:
        """Change keys of a record's config."""
        return asyncio.run(shell.set_config(place, name, changes))

    def doctor(self, place: Place) -> list[Row]:
        """Check this machine and the state folder."""
        return asyncio.run(shell.doctor(place))
