"""Made-up markets: prices without a venue, a file or a network.

Owns: a seeded market model and the MarketDataClient over it. May import: domain, ports. Never:
numpy or polars (this is the default demo, and must stay small), a clock of its own, the claim that
its prices are anybody's.
"""
