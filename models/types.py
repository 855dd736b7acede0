"""Column types: how pence, moments, days, choices and text are kept, the same on disk and on the wire.

Every type knows three forms of a value: Python (what code handles), database (what SQLite keeps) and
wire (what a sync message carries; JSON with integers, strings, booleans, lists and objects, never floats).
"""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.errors import BadText

SHORT_LIMIT = 500
LONG_LIMIT = 500_000
JSON_LIMIT = 2_000_000


def clean_text(value: str, limit: int = LONG_LIMIT) -> str:
    """The text as it may be kept: NFC, at most `limit` characters.

    Raises BadText for a NUL, for half a surrogate pair (some Windows file names hold one) and for text
    over the limit; in each case nothing has been changed.
    """
    if "\x00" in value:
        raise BadText(
            "The text holds a NUL character, which no document can show.",
            "Paste it as plain text, or delete the odd character and try again.",
        )
    if len(value) > limit:
        raise BadText(
            f"The text is {len(value):,} characters long; at most {limit:,} fit here.",
            "Shorten it, or put the rest in another place.",
        )
    if value.isascii():
        return value
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadText(
            "The text holds half a character (a lone surrogate), which cannot be saved or sent.",
            "Retype the word where the odd sign stands and try again.",
        ) from None
    return unicodedata.normalize("NFC", value)


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text. Floats are refused (TypeError)."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if "." in text and _has_float(value):
        raise TypeError("floats are not kept: money is pence, other figures are scaled integers")
    return text


def _has_float(value: Any) -> bool:
    if isinstance(value, float):
        return True
    if isinstance(value, dict):
        return any(_has_float(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_has_float(item) for item in value)
    return False


class _Wired:
    """What each of our types adds to SQLAlchemy's: `clean` on assignment and the two wire conversions."""

    def clean(self, value: Any) -> Any:
        return value

    def to_wire(self, value: Any) -> Any:
        return value

    def from_wire(self, value: Any) -> Any:
        return self.clean(value)


class _TextBase(_Wired, TypeDecorator[str]):
    impl = Text
    cache_ok = True
    limit = LONG_LIMIT

    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, str):
            raise TypeError(f"text expected, not {type(value).__name__}")
        return clean_text(value, self.limit)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return self.clean(value)


class ShortText(_TextBase):
    """One line of text, at most `limit` characters (500 unless said), NFC."""

    cache_ok = True

    def __init__(self, limit: int = SHORT_LIMIT) -> None:
        super().__init__()
        self.limit = limit


class LongText(_TextBase):
    """Running text, at most `limit` characters (500,000 unless said), NFC."""

    cache_ok = True

    def __init__(self, limit: int = LONG_LIMIT) -> None:
        super().__init__()
        self.limit = limit


class Pence(_Wired, TypeDecorator[int]):
    """An amount of money in whole pence; never a float."""

    impl = BigInteger
    cache_ok = True

    def clean(self, value: Any) -> Any:
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise TypeError("money is an integer number of pence")

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return self.clean(value)


class UtcDateTime(_Wired, TypeDecorator[datetime]):
    """A moment in UTC, kept as ISO text with microseconds, so that text order is time order."""

    impl = String
    cache_ok = True

    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise TypeError("a moment needs a time zone; Holdall keeps UTC")
        return value.astimezone(UTC)

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        return self.clean(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def from_wire(self, value: Any) -> Any:
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return self.to_wire(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return self.from_wire(value)


class DateOnly(_Wired, TypeDecorator[date]):
    """A day in the calendar, kept as ISO text."""

    impl = String
    cache_ok = True

    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            raise TypeError("a day is a date without a time")
        return value

    def to_wire(self, value: Any) -> Any:
        return None if value is None else self.clean(value).isoformat()

    def from_wire(self, value: Any) -> Any:
        return None if value is None else date.fromisoformat(value)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return self.to_wire(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return self.from_wire(value)


class Choice(_Wired, TypeDecorator[StrEnum]):
    """One value of a StrEnum, kept by its value. A value this version does not know reads as plain text
    and is kept as it came, so that a newer laptop's choice survives a visit here."""

    impl = String
    cache_ok = True

    def __init__(self, choices: type[StrEnum]) -> None:
        super().__init__()
        self.choices = choices

    def clean(self, value: Any) -> Any:
        return None if value is None else self.choices(value)

    def to_wire(self, value: Any) -> Any:
        return None if value is None else str(value)

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return None
        try:
            return self.choices(value)
        except ValueError:
            return value

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return self.to_wire(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return self.from_wire(value)


class Json(_Wired, TypeDecorator[Any]):
    """A list or object of JSON values without floats, kept as canonical text.

    Assign a new value to change it: what is changed in place is not noticed.
    """

    impl = Text
    cache_ok = True

    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        text = canonical_json(value)
        if len(text) > JSON_LIMIT:
            raise BadText(
                f"This record would hold {len(text):,} characters; at most {JSON_LIMIT:,} fit.",
                "Split it into two, then try again.",
            )
        return json.loads(clean_text(text, JSON_LIMIT)) if "\\u0000" not in text else _refuse_nul(value)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def _refuse_nul(value: Any) -> Any:
    """The value when every NUL in it is only the six letters of an escape; BadText otherwise."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): _refuse_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_refuse_nul(item) for item in value]
    return value


def _plain(type_: TypeEngine[Any]) -> str:
    if isinstance(type_, Boolean):
        return "bool"
    return "int" if isinstance(type_, Integer) else "text"


def clean_value(type_: TypeEngine[Any], value: Any) -> Any:
    """A value as a column of this type may hold it; raises BadText, TypeError or ValueError."""
    if isinstance(type_, _Wired):
        return type_.clean(value)
    if isinstance(value, str):
        return clean_text(value)
    return value


def to_wire(type_: TypeEngine[Any], value: Any) -> Any:
    """A column's Python value as sync carries it."""
    return type_.to_wire(value) if isinstance(type_, _Wired) else value


def from_wire(type_: TypeEngine[Any], value: Any) -> Any:
    """A value that sync carried, as the column's Python value; raises ValueError or TypeError when it
    does not fit the column."""
    if isinstance(type_, _Wired):
        return type_.from_wire(value)
    kind = _plain(type_)
    if value is None:
        return None
    if kind == "bool":
        return bool(value)
    if kind == "int":
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError("a whole number was expected")
        return value
    return clean_text(value)
