"""The shell: argument parsing, printing and exit codes only.

Owns: the commands, their options, how results are printed, the table of exit codes.
May import: services, tui (late), domain.
Never: a decision, a calculation, the engine, storage or an adapter; those come through ``Wiring``.

Read first: ``wiring`` (all that is asked for), then ``options`` and ``output``.
"""
