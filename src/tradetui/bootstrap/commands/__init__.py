"""The commands of the shell: what each has to open, and the rows that it prints.

Owns: one module for what is asked of one thing (instances, strategies, a journal, a running
engine), with the name that it has in ``cli`` and ``services`` too; how a command reaches a running
engine, or waits for the next.
May import: process, profile, recorded, recovery, run; all other packages.
Never: the parsing of arguments, an exit code, a screen, what ``services`` can work out by itself.

Read first: ``instances`` (records), ``reading`` (what was done), ``operating`` and
``handing_over`` (acts on a running engine), ``why`` and ``replay`` (a recorded run).
"""
