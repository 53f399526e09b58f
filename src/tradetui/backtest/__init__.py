"""The synchronous driver over recorded data: what happened, made again and compared.

Owns: replays of a journal (with and without its strategies), what-if runs, the divergence report,
the state of a run at any step. May import: domain, core, ports, strategy, engine, data.
Never: asyncio, a clock, a database (journals come through ``ports.journal.JournalSource``), a
screen, the live driver.

Read first: ``recorded`` (one run), ``verifying`` (made again), then ``what_if``.
"""
