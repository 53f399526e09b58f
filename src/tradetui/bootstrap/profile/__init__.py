"""What a command works on: whose files, which config, which state folder, which records.

Owns: where a user's files are, the checked profile of a place, its instance records opened to read
or to change, its strategy files behind the loader, and who acts.
May import: process; cli (``wiring``, ``output``), config, services, storage, engine (the loader).
Never: a run, a journal.

Read first: ``profile`` (``profile_at``), then ``opened_records``.
"""
