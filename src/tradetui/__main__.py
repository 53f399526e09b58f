"""``python -m tradetui``: the same as the command ``tradetui``."""

from tradetui.bootstrap import main

if __name__ == "__main__":
    main()
