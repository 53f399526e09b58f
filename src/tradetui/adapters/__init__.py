"""The outside world, one folder per family of venues or sources.

Owns: the translation of what venues, files and generators say into domain records, and of our
commands into theirs. May import: domain, ports (replay also data). Never: engine, core, a decision
about an order, state that the core owns, another family's folder.
"""
