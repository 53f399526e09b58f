"""What older programs recorded, as this one would write it: to compare with, and for nothing else.

A record is never rewritten, and the kernel is given it as it is.
"""

from __future__ import annotations

from msgspec.structs import replace

from tradetui.domain.control import InstanceLoaded
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import CallbackResult, StepRecord


def as_written_now(was: StepRecord, now: StepRecord) -> StepRecord:
    """Return a recorded step with what older ones do not say of a load (which bars are taken, how
    often it ticks), and without what they say twice of a callback that failed.
    """
    was = _with_whole_load(was, now)
    results = was.result.callbacks
    if not results or callbacks_now(results) == results:
        return was
    said = tuple(_said_once(one, results) for one in was.result.diagnostics)
    result = replace(was.result, callbacks=callbacks_now(results), diagnostics=said)
    return replace(was, result=result)


def callbacks_now(results: tuple[CallbackResult, ...]) -> tuple[CallbackResult, ...]:
    """Return how callbacks ended, the hook of each being named once: older messages began with it,
    too.
    """
    return tuple([replace(one, message=one.reason) for one in results])


def _with_whole_load(was: StepRecord, now: StepRecord) -> StepRecord:
    old, new = was.event.payload, now.event.payload
    if not (isinstance(old, InstanceLoaded) and isinstance(new, InstanceLoaded)):
        return was
    if old.timeframes or old.tick_steps:
        return was
    whole = replace(old, timeframes=new.timeframes, tick_steps=new.tick_steps)
    return replace(was, event=replace(was.event, payload=whole))


def _said_once(said: Diagnostic, results: tuple[CallbackResult, ...]) -> Diagnostic:
    if said.code is not Reason.INSTANCE_ERROR:
        return said
    text = said.message
    for one in results:
        text = text.replace(f" {one.hook}: {one.hook}: ", f" {one.hook}: ", 1)
    return replace(said, message=text)
