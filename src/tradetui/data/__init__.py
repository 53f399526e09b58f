"""Historical data: reading, checking and resampling files of bars, trades and quotes.

Owns: the layouts of files, the exact parsing of their numbers and times, the checks, the tables
they become, and the order in which several are played back. May import: domain, polars and numpy
(polars only inside functions, so that nothing that merely names this package pays for it). Never:
the network, a clock, a float as a price, anything of our other packages.
"""
