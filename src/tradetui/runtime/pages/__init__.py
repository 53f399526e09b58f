"""Pages: figures that a full screen asks for while it is open.

Owns: how each page is put together from the kernel's state, the telemetry and the newest steps.
May import: what runtime may.
Never: a figure that is not asked for, a change of anything.
"""
