"""The full-screen console: what a person sees and presses.

Owns: the app, its screen, widgets, dialogs, the binding table, themes.
May import: services, domain, strategy (widgets); textual and rich.
Never: core, engine, adapters, storage; the network; a metric that is computed here; Rich markup.

Read first: ``app`` and ``screens.main`` (what is drawn when), ``keymap`` (every key), ``replica``
(what is known), then ``screens.desk`` (what the parts of the screen know of each other).
"""
