"""The console opened: on a running engine, or over a recorded run.

Owns: the first page and how the engine comes behind it, the doors through which screens act, ask
why, travel and run the shell's commands, and how it is left.
May import: process, profile, recorded, recovery, run, commands; all other packages.
Never: anything drawn or any key; more than ``opening`` needs before the first page shows.

Read first: ``opening`` (the first page), then ``served`` (the engine under it), then ``travel`` (a
recorded run in its place) with ``travel_door``, ``travel_drawing`` and ``past_actions``.
"""
