"""What survives a crash: desired state (``state.db``) and the journal (``journal.db``).

Owns: the two SQLite files, their schemas and migrations, the lock of the state folder, the rights
of its files. May import: domain, ports, aiosqlite. Never: a decision about trading, a guess about a
damaged file, a write to a file that it does not fully understand.

Read first: ``database`` (how a file of ours is opened), ``instance_store`` (``state.db``), then
``journal`` (written), ``reader`` (read) and ``archive`` (made small).
"""
