"""The live driver: everything asynchronous around the synchronous engine.

Owns: the inbox and its queue policies, the pump that drains it, pacing of replays, the guard and
the telemetry of callbacks, the replica that screens read, the in-process EngineClient, the
supervision of tasks. May import: domain, core, ports, strategy, engine. Never: a decision about an
order, a network library, a database, a screen, ``backtest``.

Read first: ``driver`` (what is started, in which order), ``pump`` (from the inbox to the journal),
``replica`` (what screens get), then ``client`` (what a person asks for). Rooms: ``pages`` (figures
of full screens), ``travel`` (the past behind the same door).
"""
