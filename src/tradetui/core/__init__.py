"""The verbs: sequencer, kernel, order manager, risk engine, ledger, invariants, simulated venue.

Owns: every change of order, position, cash and risk state, and the order in which it happens.
May import: domain.
Never: a clock, randomness, a float, a set, anything async, I/O, logging, a callback outwards.

Read first: ``kernel`` (the five calls), ``order_manager`` and ``order_reports`` (what becomes of an
order), ``fills`` and ``ledger`` (what becomes of money), ``risk.engine``. ``express_reports`` and
``express_fills`` are short ways for the usual case: each does what the long way would or declines.
"""
