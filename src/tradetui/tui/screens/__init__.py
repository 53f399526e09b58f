"""The main screen: which pane is where, what each key does there.

Owns: layout, focus, key dispatch. May import: tui, domain. Never: drawing of its own.
"""
