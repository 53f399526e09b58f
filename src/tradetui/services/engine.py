"""The door to the running engine, for screens too: they know no ports."""

from tradetui.ports.engine_client import EngineClient

__all__ = ["EngineClient"]
