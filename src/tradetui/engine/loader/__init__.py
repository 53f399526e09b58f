"""Strategy files: found by reading them, tried out in a child process, and only then loaded.

Owns: which files are strategies, the limits of the child, the module that a file becomes, and the
sentence that says why it cannot be one.
May import: domain, strategy; the operating system, as nothing else of the engine may.
Never: a strategy's code in this process before a child has lived through it.

Read first: ``strategy_loader``, then ``check`` (the child from outside) and ``child`` (inside).
"""
