"""The step loop and all that runs strategies, used by every driver: live, backtest, scripts.

Owns: StepLoop, StrategyHost, the loader of strategy files, the heartbeat schedule, derived bars,
the state coordinator, reference data and ``Session``. May import: domain, core, ports, strategy.
Never: a clock, randomness, threads, async, I/O (the loader reads files and starts its check), a
screen, an adapter.

Read first: ``step_loop`` (what a step is), ``host`` and ``runner`` (a strategy's callbacks),
then ``assembly`` and ``session``. Rooms: ``loader`` (strategy files), ``courier`` (real venues).
"""
