"""What a person typed wrong, in one sentence: what, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import click

from tradetui.cli.output import Exit, fail

_NO_NUMBER: Final = re.compile(r"(.*) is not a valid (integer|float)(?: range)?\.")
_NOT_WITHIN: Final = re.compile(r"(.*) is not in the range .*")
_EXTRA: Final = re.compile(r"Got unexpected extra arguments? \((.*)\)")
_NO_PATH: Final = re.compile(r"(?:Path|File|Directory) '(.*)' is not (readable|writable)\.")
_NO_VALUE: Final = re.compile(r"Option '(.*)' requires .*")
_KINDS: Final = {"integer": "whole number", "float": "number"}


class Shell(click.Group):
    """The group of all commands: a wrong usage is one sentence and exit code 2, as all bad input.

    Help for a group without a command, and the completion of a shell, stay as click has them.
    """

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with one_sentence():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with one_sentence():
            return super().invoke(ctx)


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn an error of usage into a sentence and exit code 2."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        fail(usage_text(error), Exit.BAD_INPUT)


def usage_text(error: click.UsageError) -> str:
    """Return what is wrong, and the command whose help says what is right."""
    if no_path := _NO_PATH.fullmatch(error.message):
        return f"{no_path[1]}: is not {no_path[2]}; look at its permissions and its owner"
    path = "tradetui" if error.ctx is None else error.ctx.command_path
    wrong = _wrong(error, path)
    return wrong if wrong.endswith("?") else f"{wrong}; `{path} --help` tells what there is"


def _wrong(error: click.UsageError, path: str) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"`{path}` has no option {error.option_name}" + _meant(error.possibilities)
    if isinstance(error, click.exceptions.NoSuchCommand):
        return f"`{path}` has no command {error.command_name!r}" + _meant(error.possibilities)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"`{path}` wants {_shown(error.param, error.ctx)}"
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{_shown(error.param, error.ctx)}: {_bad_value(error.param, error.message)}"
    if extra := _EXTRA.fullmatch(error.message):
        return f"`{path}` does not know what to do with {extra[1]!r}"
    if option := _NO_VALUE.fullmatch(error.message):
        return f"{option[1]} wants a value behind it"
    return error.format_message().rstrip(".")


def _meant(possibilities: list[str] | None) -> str:
    return f", did you mean {possibilities[0]}?" if possibilities else ""


def _shown(param: click.Parameter, context: click.Context | None) -> str:
    """Return an option's name, or how an argument is written in the usage."""
    if isinstance(param, click.Option) or context is None:
        return max(param.opts, key=len)
    return param.make_metavar(context)


def _bad_value(param: click.Parameter, message: str) -> str:
    """Say what is wrong with a value, and what would be right."""
    if wrong := _NO_NUMBER.fullmatch(message):
        return f"{wrong[1]} is no {_KINDS[wrong[2]]}{_bounds(param.type)}"
    if wrong := _NOT_WITHIN.fullmatch(message):
        return f"{wrong[1]} is out of bounds{_bounds(param.type)}"
    return message.rstrip(".")


def _bounds(kind: click.ParamType[Any]) -> str:
    """Return the bounds of a number: `` (1 to 10)``, `` (at least 1)`` or nothing."""
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return ""
    if kind.min is not None and kind.max is not None:
        return f" ({kind.min} to {kind.max})"
    return f" (at least {kind.min})" if kind.min is not None else f" (at most {kind.max})"
