"""A council's mapping of places and problems to its schedule of rates, read from a JSON file of either shape.

Two shapes are in public use: an object of objects (place -> problem -> code, or -> issue -> code), and a list
of entries with `value`, `display`, `options`, `sorCode` and `priority`. Either may stand alone or under the
kinds of home. Codes are opaque text: "000731" is not 731, and a number in the file is a fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.errors import BadFile

MOST_BYTES = 8 * 1_048_576
MOST_DEPTH = 40  # of brackets; a tree of three tiers needs eight
MOST_NODES = 50_000
KINDS = ("tenant", "leasehold", "communal")
EXITS = ("Emergency", "UnableToBook", "NotEligibleNonEmergency", "ContactUs")
TIERS = ("place", "problem", "issue")
_ADVICE = "Give the mapping as one JSON file: an object of places, or a list of entries."


@dataclass(frozen=True)
class ConfigFault:
    """What is wrong with a mapping, and where: "kitchen/cupboards/door"."""

    path: str
    message: str


class Walk:
    """A way through the entries of a file: how many there were, and every fault by its path."""

    def __init__(self, faults: list[ConfigFault]) -> None:
        self.faults = faults
        self.count = 0

    def fault(self, path: str, message: str) -> None:
        """Notes a fault; without a path it is the file's."""
        self.faults.append(ConfigFault(path or "(the file)", message))


@dataclass(frozen=True)
class Node:
    """One entry of a mapping: a place, a problem in it, or an issue of that problem.

    `code` and `priority` are None where the file does not name them, "" where it leaves them blank.
    """

    path: str  # values joined by "/", the kind of home first where the file names kinds
    value: str
    display: str
    tier: int  # 1 for a place, 2 for a problem, 3 for an issue
    code: str | None = None
    priority: str | None = None
    options: tuple[Node, ...] = ()
    has_options: bool = False  # the file names options, though there may be none
    exit: str = ""  # one of EXITS

    def walk(self) -> Iterator[Node]:
        """This entry and everything under it, in the order of the file."""
        yield self
        for each in self.options:
            yield from each.walk()

    @property
    def ends(self) -> bool:
        """Whether nothing is asked after it."""
        return not self.options


@dataclass(frozen=True)
class Config:
    """A mapping as it was read: its places by kind of home ("" where the file names no kind), and faults."""

    name: str
    shape: str  # "nested" or "list"
    places: dict[str, tuple[Node, ...]]
    faults: tuple[ConfigFault, ...]

    def nodes(self) -> Iterator[Node]:
        """Every entry, in the order of the file."""
        for places in self.places.values():
            for each in places:
                yield from each.walk()

    def leaves(self) -> list[Node]:
        """The entries that carry a code or should: neither options nor an exit."""
        return [n for n in self.nodes() if n.ends and not (n.exit and not n.code)]

    def exits(self) -> dict[str, int]:
        """How often each early exit is used."""
        found = dict.fromkeys(EXITS, 0)
        for each in self.nodes():
            if each.exit and each.ends and not each.code:
                found[each.exit] += 1
        return {name: count for name, count in found.items() if count}

    @property
    def tiers(self) -> int:
        """The most tiers anything in it has."""
        return max((n.tier for n in self.nodes()), default=0)


class Entries(dict[str, Any]):
    """A JSON object that remembers the names it held twice."""

    doubled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A number in the file, in the letters it was written in."""

    text: str


def read_config(data: bytes, name: str) -> Config:
    """A mapping from the bytes of its file. What is wrong inside it is listed in its faults; raises BadFile
    when it cannot be read at all: no JSON, too large, too deep, or neither of the shapes."""
    from app.repairs.mapping.config_list import read_lists
    from app.repairs.mapping.config_nested import read_nested

    raw = parse_json(data, name)
    if isinstance(raw, list):
        return read_lists(name, {"": raw}, ())
    if not isinstance(raw, Entries):
        raise BadFile(f"“{name}” holds {_kind_words(raw)}, not a mapping.", _ADVICE)
    by_kind = _by_kind(raw)
    if by_kind is not None and any(isinstance(each, list) for each in by_kind.values()):
        return read_lists(name, by_kind, twice(raw, ""))
    if by_kind is not None and all(isinstance(each, Entries) for each in by_kind.values()):
        return read_nested(name, by_kind, twice(raw, ""))
    if {"value", "display"} <= raw.keys():
        raise BadFile(
            f"“{name}” holds one entry, not a list of places.", "Put it into [ and ], then try again."
        )
    return read_nested(name, {"": raw}, ())


def parse_json(data: bytes, name: str) -> Any:
    """The JSON of a file, its objects as Entries and its numbers as Figures; raises BadFile in a sentence."""
    if len(data) > MOST_BYTES:
        raise BadFile(
            f"“{name}” has {len(data) / 1_048_576:.1f} MB; a mapping has at most {MOST_BYTES // 1_048_576}.",
            "Check that it is the right file.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"“{name}” is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from None
    if not text.strip():
        raise BadFile(f"“{name}” is empty.", _ADVICE)
    if _depth(text) > MOST_DEPTH:
        raise BadFile(f"“{name}” is nested more than {MOST_DEPTH} deep.", "A mapping has two or three tiers.")
    try:
        return json.loads(
            text, object_pairs_hook=_entries, parse_int=Figure, parse_float=Figure, parse_constant=Figure
        )
    except json.JSONDecodeError as error:
        raise BadFile(
            f"“{name}” is not JSON: line {error.lineno}, column {error.colno}, {error.msg.lower()}.",
            "Put it right in the file, then read it again.",
        ) from None


def _entries(pairs: list[tuple[str, Any]]) -> Entries:
    found = Entries()
    doubled = []
    for key, value in pairs:
        if key in found:
            doubled.append(key)
        else:
            found[key] = value
    found.doubled = tuple(dict.fromkeys(doubled))
    return found


def _depth(text: str) -> int:
    """How deep the brackets go, outside strings."""
    deepest = depth = 0
    in_string = escaped = False
    for letter in text:
        if in_string:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                in_string = False
        elif letter == '"':
            in_string = True
        elif letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest


def _by_kind(raw: Entries) -> dict[str, Any] | None:
    """The parts of an object by kind of home; None when its names are not kinds."""
    if not raw or any(key.strip().lower() not in KINDS for key in raw):
        return None
    return {key.strip().lower(): value for key, value in raw.items()}


def twice(raw: Any, path: str) -> tuple[ConfigFault, ...]:
    """A fault for each name that an object holds twice."""
    doubled = raw.doubled if isinstance(raw, Entries) else ()
    return tuple(
        ConfigFault(
            join(path, key),
            f"“{key}” stands here twice; only the first was read, and nothing tells which holds",
        )
        for key in doubled
    )


def join(path: str, value: str) -> str:
    """A path with one more value."""
    return f"{path}/{value}" if path else value


def text_of(value: Any) -> str | None:
    """The text of a value, trimmed; None for what is no text."""
    return value.strip() if isinstance(value, str) else None


def what(value: Any) -> str:
    """What a value is, in words: "the number 731"."""
    if isinstance(value, Figure):
        return f"the number {value.text[:30]}"
    return _kind_words(value)


def _kind_words(value: Any) -> str:
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Figure):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"


def display_of(value: str) -> str:
    """A name as a person reads it: "heatingOrHotWater" becomes "Heating or hot water"."""
    words: list[str] = []
    for letter in value.replace("_", " ").replace("-", " "):
        previous = words[-1] if words else " "
        if letter.isupper() and previous.islower():
            words.append(" ")
            letter = letter.lower()
        words.append(letter)
    joined = " ".join("".join(words).split())
    return joined[:1].upper() + joined[1:]
