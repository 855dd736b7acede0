"""A mapping as lists of entries: value, display, and options, or a schedule-of-rates code with a priority."""

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
    text_of,
    twice,
    what,
)
from app.repairs.mapping.validity import rule_fault

_KNOWN = frozenset({"value", "display", "options", "sorCode", "priority"})


def read_lists(name: str, by_kind: dict[str, Any], found: tuple[ConfigFault, ...]) -> Config:
    """The mapping of one list of places for each kind of home; "" where the file names no kind."""
    reader = _Reader(list(found))
    places = {kind: reader.options(raw, kind, 1) for kind, raw in by_kind.items()}
    return Config(name, "list", places, tuple(reader.faults))


class _Reader(Walk):
    """Walks the entries and notes faults by path."""

    def options(self, raw: Any, path: str, tier: int) -> tuple[Node, ...]:
        if not isinstance(raw, list):
            self.fault(path, f"here a list of entries should stand, not {what(raw)}")
            return ()
        if not raw and tier == 1:
            self.fault(path, "the list has no places")
        nodes: list[Node] = []
        seen: set[str] = set()
        for number, entry in enumerate(raw, 1):
            if not isinstance(entry, Entries):
                self.fault(join(path, f"[{number}]"), f"an entry is an object, not {what(entry)}")
                continue
            node = self.node(entry, path, tier, number)
            if node.value and node.value in seen:
                self.fault(
                    node.path, f"the value “{node.value}” stands twice in one list: nothing tells which"
                )
            seen.add(node.value)
            nodes.append(node)
        return tuple(nodes)

    def node(self, raw: Entries, path: str, tier: int, number: int) -> Node:
        value = text_of(raw.get("value")) or ""
        here = join(path, value or f"[{number}]")
        self.count += 1
        if self.count == MOST_NODES:
            self.fault(here, f"more than {MOST_NODES:,} entries: the rest is not checked")
        self.faults += twice(raw, here)
        if not value:
            self.fault(here, "an entry needs a value, as text")
        code, priority = self.text(raw, "sorCode", here), self.text(raw, "priority", here)
        display = self.text(raw, "display", here) or display_of(value)
        for key in raw.keys() - _KNOWN:
            near = next((k for k in _KNOWN if k.lower() == key.strip().lower()), None)
            if near is not None:
                self.fault(here, f"“{key}” is written “{near}”; as it stands it is not read")
        has_options = raw.get("options") is not None
        options: tuple[Node, ...] = ()
        if has_options and self.count < MOST_NODES:
            if tier >= 3 and raw["options"]:
                self.fault(here, "a fourth tier: a mapping has two or three")
            options = self.options(raw["options"], here, tier + 1)
        exit_ = value if value in EXITS else ""
        node = Node(here, value, display, tier, code, priority, options, has_options, exit_)
        typed = all(raw.get(key) is None or isinstance(raw[key], str) for key in ("sorCode", "priority"))
        if typed and (message := rule_fault(node)) is not None:
            self.fault(here, message)
        return node

    def text(self, raw: Entries, key: str, path: str) -> str | None:
        found = raw.get(key)
        if found is None or isinstance(found, str):
            return text_of(found)
        quoted = " in quotes, with its zeros" if key == "sorCode" else ""
        self.fault(path, f"“{key}” is text{quoted}; here stands {what(found)}")
        return None
