"""Protocols of the edge: what the engine, the services and the screens ask of the outside.

Owns: the Protocols and their error types.
May import: domain.
Never: an implementation, a library of I/O, anything of our other packages.
"""
