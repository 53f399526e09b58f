"""What a journal holds, as commands and screens ask for it.

Owns: which journal, run and steps are meant, the newest run brought back, its runs as a list, the
instances that it tells of, and pages of what neither engine nor screen keeps any more.
May import: process, profile; cli (``wiring``), services, storage, backtest, runtime (its rows).
Never: a change of anything, the lock of a folder.

Read first: ``journal_part`` (which run, which steps), then ``newest_run``.
"""
