"""The simulated venue: it answers commands and shows what a market would have done with them.

Owns: resting orders of simulated routes, fill rules and prices, partial fills, fees, slippage,
latency, brackets and OCO groups at the venue. May import: domain. Never: the kernel's state, a
clock, randomness, a float; it never sees a price before its time.
"""
