"""A running engine, put together from a profile and led to its end.

Owns: the feeds, the settings of a run, what a start refuses, the driver with all that it asks for
beside it (records, archiving, the check of the journal), and the run without a screen.
May import: process, profile, recorded, recovery; all other packages but tui.
Never: a screen, the parsing of arguments.

Read first: ``engine`` (what is opened, in which order), then ``run_settings``.
"""
