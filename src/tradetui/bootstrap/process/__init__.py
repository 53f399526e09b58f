"""What holds for the process as a whole, whatever it does.

Owns: signals, the memory given back, imports, what strategies print, reading in a thread of its
own, and which program this is.
May import: domain.
Never: a config, a state folder, a run.
"""
