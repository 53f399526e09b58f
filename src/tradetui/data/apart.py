"""Read files in a child process: reading takes many times the memory of what is read.

The tables of half a million bars take 25 MB; the library that reads them keeps three times as much
for itself, for good. A child takes that with it when it ends.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import tradetui
from tradetui.data.instrument_spec import InstrumentSpec
from tradetui.data.problems import DataError
from tradetui.data.tables import MarketTable
from tradetui.domain.text import printable

if TYPE_CHECKING:
    from tradetui.data.row_order import Arrange

_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from tradetui.data.apart import serve; serve(sys.stdin.buffer, sys.stdout.buffer)"
)
"""The child finds this package where we found it, and nothing in the folder it is started in."""


def load_apart(
    paths: Sequence[Path],
    spec: InstrumentSpec,
    *,
    strict: bool = True,
    arrange: Arrange | None = None,
) -> list[MarketTable]:
    """Read files as ``loader.load_all`` does, and raise what it raises (DataError).

    ``arrange`` goes to the child: a function of a module, or an instance of a class of one. A child
    that ends without an answer (killed, out of memory) is a DataError too.
    """
    request = pickle.dumps((tuple(paths), spec, strict, arrange))
    done = subprocess.run(
        [sys.executable, "-P", "-c", _START, str(Path(tradetui.__file__).parents[1])],
        input=request,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise DataError(
            f"{', '.join(printable(str(path)) for path in paths)}: the process that reads files "
            f"ended with {done.returncode}: {printable(said[-1]) if said else 'it said nothing'}; "
            "try again with more free memory, or with fewer rows"
        )
    answer: list[MarketTable] | DataError = pickle.loads(done.stdout)
    if isinstance(answer, DataError):
        raise answer
    return answer


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Read what is asked for and write the answer: the child's part."""
    from tradetui.data.loader import load_all

    paths, spec, strict, arrange = pickle.load(source)
    answer: list[MarketTable] | DataError
    try:
        answer = load_all(list(paths), spec, strict=strict, arrange=arrange)
    except DataError as error:
        answer = error
    pickle.dump(answer, target, protocol=pickle.HIGHEST_PROTOCOL)
