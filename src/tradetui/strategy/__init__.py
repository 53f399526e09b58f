"""What users import to write strategies: ``from tradetui.strategy import Strategy, bars``.

Owns: the Strategy base class, its context, feeds, indicators, widgets, config and state schemas,
order helpers. May import: domain. Never: the engine, the kernel, adapters, I/O, clocks, randomness
that is not seeded by the engine.
"""
