"""What is drawn: pure functions from replica records to lines, and the one widget that shows lines.

Owns: the wording and the columns of every pane, the chart rasteriser. May import: domain, strategy
(widgets), textual and rich through ``lines`` and ``line_view`` only. Never: the engine client.
"""
