"""A mapping as an object of objects: place -> problem -> code, or place -> problem -> issue -> code."""

from __future__ import annotations

from typing import Any

from app.repairs.mapping.config import (
    EXITS,
    MOST_NODES,
    Config,
    ConfigFault,
    Entries,
    Node,
    Walk,
    display_of,
    join,
    twice,
    what,
)


def read_nested(name: str, by_kind: dict[str, Any], found: tuple[ConfigFault, ...]) -> Config:
    """The mapping of one object of places for each kind of home; "" where the file names no kind."""
    reader = _Reader(list(found))
    places = {kind: reader.options(raw, kind, 1) for kind, raw in by_kind.items()}
    return Config(name, "nested", places, tuple(reader.faults))


class _Reader(Walk):
    """Walks the objects and notes faults by path."""

    def options(self, raw: Entries, path: str, tier: int) -> tuple[Node, ...]:
        self.faults += twice(raw, path)
        if not raw:
            self.fault(path, "nothing stands under it: it needs a code or something to ask next")
        nodes = [self.node(key, value, path, tier) for key, value in raw.items()]
        seen: set[str] = set()
        for each in nodes:
            if each.value in seen:
                self.fault(each.path, "two entries here differ only in white space")
            seen.add(each.value)
        return tuple(nodes)

    def node(self, key: str, raw: Any, path: str, tier: int) -> Node:
        value = key.strip()
        here = join(path, value or "(blank)")
        self.count += 1
        if self.count == MOST_NODES:
            self.fault(here, f"more than {MOST_NODES:,} entries: the rest is not checked")
        if not value:
            self.fault(here, "an entry without a name cannot be chosen")
        display = display_of(value)
        if isinstance(raw, Entries):
            if tier >= 3:
                self.fault(here, "a fourth tier: a mapping has two or three")
            options = self.options(raw, here, tier + 1) if self.count < MOST_NODES else ()
            return Node(here, value, display, tier, options=options, has_options=True)
        if tier == 1:
            self.fault(here, "a place needs problems under it before there is a code")
        if isinstance(raw, str):
            code = raw.strip()
            if code in EXITS or (not code and value in EXITS):
                return Node(here, value, display, tier, exit=code or value)
            return Node(here, value, display, tier, code=code)
        if raw is not None:
            self.fault(here, f"a code is text in quotes, with its zeros; here stands {what(raw)}")
        elif value in EXITS:
            return Node(here, value, display, tier, exit=value)
        return Node(here, value, display, tier, code="")
