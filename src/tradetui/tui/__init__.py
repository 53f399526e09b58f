"""The full-screen console: what a person sees and presses.

Owns: the app, its screen, widgets, dialogs, the binding table, themes.
May import: services, domain, strategy (widgets); textual and rich.
Never: core, engine, adapters, storage; the network; a metric that is computed here; Rich markup.
"""
