"""What every section of the config file is made of: tables without unknown keys, checked names."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, Any, Final, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from tradetui.domain.instances import INSTANCE_ID, STRATEGY_TYPE
from tradetui.domain.text import printable

_CURRENCY: Final = re.compile(r"[A-Z0-9]{2,12}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]{0,63}")
_SYMBOL: Final = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,15}(/[A-Z0-9]{2,12}(:[A-Z0-9-]{2,16})?)?")


class Section(BaseModel):
    """A table of the file: unknown keys are mistakes, types are not converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="wrap")
    @classmethod
    def _known_keys(cls, data: Any, check: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            raise PydanticCustomError("table", "must be a table [...] of keys and values")
        known = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = [_unknown_key(key, known) for key in data if key not in known]
        if not unknown:
            return check(data)
        try:
            check({key: value for key, value in data.items() if key in known})
        except ValidationError as error:
            unknown += [_again(item) for item in error.errors(include_url=False)]
        raise ValidationError.from_exception_data(cls.__name__, unknown)


def _unknown_key(key: str, known: list[str]) -> InitErrorDetails:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    context = {"key": key, "hint": hint}
    return InitErrorDetails(
        type=PydanticCustomError("unknown_key", "unknown key; {hint}", context), input=key
    )


def _again(item: ErrorDetails) -> InitErrorDetails:
    """Return a mistake that was found beside others, to be raised with them."""
    context = {**item.get("ctx", {}), "message": item["msg"]}
    kind = PydanticCustomError(item["type"], "{message}", context)
    return InitErrorDetails(type=kind, loc=item["loc"], input=item["input"])


def _matching(pattern: re.Pattern[str], what: str) -> BeforeValidator:
    def check(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            shown = printable(repr(value), 60)
            raise PydanticCustomError(
                "name", "must be {what}, got {shown}", {"what": what, "shown": shown}
            )
        return value

    return BeforeValidator(check)


def one_of(kind: type[Any]) -> BeforeValidator:
    """Return the check that a text is one of the words of an enum."""

    def check(value: Any) -> Any:
        words = [member.value for member in kind]
        if value in words and isinstance(value, str):
            return kind(value)
        near = difflib.get_close_matches(str(value), words, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PydanticCustomError(
            "choice",
            "must be one of {words}, got {shown}{hint}",
            {"words": ", ".join(words), "shown": printable(repr(value), 60), "hint": hint},
        )

    return BeforeValidator(check)


def _tuple_of_list(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


LISTED: Final = BeforeValidator(_tuple_of_list)
"""For a field that is a tuple here and a list in the file."""
CurrencyName = Annotated[str, _matching(_CURRENCY, "a currency such as USDT")]
Name = Annotated[str, _matching(_NAME, "a name such as paper/main")]
Symbol = Annotated[str, _matching(_SYMBOL, "a market such as BTC/USDT")]
InstanceId = Annotated[str, _matching(INSTANCE_ID, "an id of 1 to 24 of a-z 0-9 _ -")]
StrategyName = Annotated[str, _matching(STRATEGY_TYPE, "the name of a strategy such as ma_cross")]
Count = Annotated[int, Field(ge=1, le=10_000_000)]
Held = Annotated[int, Field(ge=0, le=10_000)]
Text = Annotated[str, Field(max_length=500)]
