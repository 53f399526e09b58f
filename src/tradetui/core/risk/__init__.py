"""The risk engine: one recorded decision for every intent, before anything leaves.

Owns: the gates and their order, limits and profiles at work, kill-switches as the gates see them,
the choice of the route, and what a breach of an instance's limits does. May import: domain, the
state and the conversion of core. Never: a transition, a fill, a command; a limit that is guessed.

Read first: ``engine`` (who is judged by what), ``judgement`` (an order's way through the gates),
then the ``*_gates``. ``express``, ``express_exit`` and ``lanes`` are short ways for the usual entry
and exit: they answer as ``judgement`` would or leave it to that, and a generator of random streams
compares.
"""
