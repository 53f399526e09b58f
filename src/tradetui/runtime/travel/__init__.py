"""Time travel: a recorded run, at any of its steps, behind the same door as a running engine.

Owns: the place in the run, moving it, the replica at that place, what a step changed.
May import: what runtime may.
Never: a write to the journal, a command that acts.
"""
