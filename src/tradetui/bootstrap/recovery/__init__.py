"""The start of every run: the journal opened and verified, and the past brought back.

Owns: what a new run goes on with, what it refuses to go on with, and the words for what came back
and for what a run leaves behind.
May import: process; core, engine, runtime, storage, services.
Never: a feed, a driver, a screen.

Read first: ``starting`` (the one path), then ``past`` (what is gone on with) and
``rebuilding`` (checkpoint and the steps after it).
"""
