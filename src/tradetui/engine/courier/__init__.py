"""How orders reach a real venue, and what proves what became of them.

Owns: what is sent, once; the lookups that resolve what is unknown; the trades behind the cursor;
the lanes and the budget of requests. Complete, and not wired until there is an adapter.
May import: domain, core, ports.
Never: I/O, a clock, asyncio: ``runtime.execution`` drives it; a change of an order's state.

Read first: ``courier`` (what goes in and comes out), then ``orders`` and ``trades``.
"""
