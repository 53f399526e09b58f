"""Recorded market data as a feed.

Owns: the MarketDataClient over files of bars, trades and quotes. May import: domain, ports, data.
Never: pacing (the runtime's), a wall clock, writing to a file.
"""
