"""Use cases that the screens and the commands share.

Owns: plans and their execution, the acts on instances and orders, checks, summaries, exports. May
import: domain, ports, config, strategy, data, analytics, tomlkit, platformdirs. Never: the engine,
storage, adapters, a terminal; those come through Protocols.
"""
