"""The nouns of tradetui: units, ids, instruments, events, intents, orders, decisions, replica
records, codec.

Owns: every record that crosses a boundary, and the integer arithmetic they are made of.
May import: the standard library (minus clocks, randomness, I/O) and msgspec.
Never: state, behaviour that depends on history, floats, anything of our other packages.
"""
