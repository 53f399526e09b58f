"""Use cases that the console and the commands share, written against ports.

Owns: the plan that aligns what runs with the records, and every act of an operator as a function.
May import: domain, ports, config, strategy, data.
Never: a screen, argument parsing, the engine, storage or an adapter.

Read first: ``plan`` and ``reconciler`` (records to what runs), ``operations`` (a person's acts),
then ``why``.
"""
