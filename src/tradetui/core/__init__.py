"""The verbs: sequencer, kernel, order manager, risk engine, ledger, invariants, simulated venue.

Owns: every change of order, position, cash and risk state, and the order in which it happens.
May import: domain.
Never: a clock, randomness, a float, a set, anything async, I/O, logging, a callback outwards.
"""
