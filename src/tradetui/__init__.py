"""Tradetui: a full-screen terminal console for automated trading strategies.

Owns: nothing but the version. May import: nothing. Never: re-export from its packages.
"""

__version__ = "0.1.0"
