"""What STATE_SCHEMA keeps of each instance: noted when it changes, given back after a restart."""

from __future__ import annotations

from tradetui.domain.ids import StrategyId
from tradetui.engine.runner import Runner


class KeptState:
    """The kept values of all instances, and which of them the step under way has changed."""

    def __init__(self) -> None:
        self.texts: dict[StrategyId, str] = {}
        """Canonical JSON, as it was last noted; also of instances that do not run now."""
        self.runners: dict[StrategyId, Runner] = {}
        """The running instances whose strategy has a STATE_SCHEMA."""
        self.changes: list[tuple[StrategyId, str]] = []
        """What the step has changed so far."""
        self.touched: dict[StrategyId, Runner] = {}
        """Whose strategy ran since the last comparison: only its own code changes its values."""

    def add(self, strategy_id: StrategyId, runner: Runner) -> None:
        """Watch an instance from here on, if its strategy keeps anything."""
        if runner.strategy.STATE_SCHEMA:
            self.runners[strategy_id] = runner
            self.touched[strategy_id] = runner
            runner.watch(self.touched)

    def remove(self, strategy_id: StrategyId) -> None:
        """Watch it no more; what it kept is remembered."""
        self.runners.pop(strategy_id, None)
        self.touched.pop(strategy_id, None)

    def compare(self) -> None:
        """Note whose values are no longer those that were noted last."""
        found: list[tuple[StrategyId, str]] = []
        for strategy_id, runner in self.touched.items():
            try:
                if runner.get_kept(runner.strategy.state) == runner.kept_values:
                    continue
            except Exception:  # noqa: BLE001 - isolation edge: the next line says what it is
                pass
            text = runner.changed_kept()
            if text is not None and text != self.texts.get(strategy_id):
                self.texts[strategy_id] = text
                found.append((strategy_id, text))
        self.touched.clear()
        if found:
            self.changes += sorted(found)

    def take(self) -> tuple[tuple[StrategyId, str], ...]:
        """Return (once) what the step has changed."""
        if not self.changes:
            return ()
        changes = tuple(self.changes)
        self.changes.clear()
        return changes
