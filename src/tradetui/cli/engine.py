"""``tradetui engine``: what concerns the engine itself."""

from __future__ import annotations

from pathlib import Path

import click

from tradetui.cli.options import FILE, Call, on_a_place
from tradetui.cli.output import Exit


@click.group("engine")
def engine() -> None:
    """The engine's own state: what a start would bring back."""


@engine.command("recover")
@click.option(
    "--checkpoint",
    type=FILE,
    default=None,
    help="Begin with the checkpoint in this file; default: the newest sound one in the journal.",
)
@click.option(
    "--replay",
    type=FILE,
    default=None,
    help="Another journal file, such as one that was put aside; default: the profile's own.",
)
@click.option(
    "--start-step",
    type=click.IntRange(min=1),
    default=None,
    help="Compare from this step on, from the newest checkpoint before it.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Verify the whole journal too, compare the state at each checkpoint on the way, and stop "
    "at the first mismatch.",
)
@on_a_place
def recover(
    call: Call,
    checkpoint: Path | None,
    replay: Path | None,
    start_step: int | None,
    strict: bool,
) -> None:
    """Bring the newest run back as a start would, and report; nothing is started or written.

    Every step after the checkpoint is applied again and compared with its record. Exit code 1 when
    anything comes out otherwise, or a checkpoint is damaged.
    """
    row = call.wiring.recover(
        call.place,
        checkpoint=checkpoint,
        replay=replay,
        start_step=start_step,
        strict=strict,
    )
    call.print_fields(row)
    if not row["deterministic"]:
        raise SystemExit(int(Exit.FAILED))
