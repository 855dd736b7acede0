"""What the changes of a page come to for one record: values, version, scope, whether it is still here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sync import wire

_MOVES = (wire.Kind.LEAVE.value, wire.Kind.ENTER.value)


@dataclass
class Folded:
    """The outcome of several changes. `at` is empty when no change is to be written; `scope` is set when the
    record stands in another scope now, `left` when that is one nobody here may read."""

    version: int
    fields: dict[str, Any] = field(default_factory=dict)
    deleted: bool | None = None
    whole: bool = False
    scope: str | None = None
    left: bool = False
    at: str = ""
    by: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return self.at == "" and self.scope is None


@dataclass
class Incoming:
    """One record of a page of one scope's log: its changes in order, folded together."""

    type: str
    id: str
    changes: list[wire.RawChange] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether what is here begins with the record itself, made or brought from another scope."""
        first = self.changes[0]
        return first.ver == 1 or first.kind == wire.Kind.ENTER

    def fold(self, after: int, here: str, readable: Collection[str]) -> Folded:
        """What the changes past a version come to in the scope `here`, for a laptop that may read these."""
        folded = Folded(after)
        for change in self.changes:
            if change.ver <= after or change.kind == wire.Kind.CONFLICT:
                continue
            if change.kind == wire.Kind.LEAVE:
                folded.scope = change.s
                if change.s in readable:
                    continue  # the log of that scope brings it, under the same version
            if change.kind in (wire.Kind.SEALED, wire.Kind.ENTER):
                folded.whole, folded.fields = True, {}
            if change.kind == wire.Kind.ENTER:
                folded.scope = here
            folded.left = change.kind == wire.Kind.LEAVE
            folded.fields.update(msgspec.json.decode(change.f))
            folded.version, folded.at, folded.by = change.ver, change.at, change.name
            folded.deleted = change.d if change.d is not None else folded.deleted
        return folded


def told(change: wire.RawChange, here: str) -> tuple[str, str]:
    """Kind and fields (JSON) of a change as the history tells it: both ends of a move are one move."""
    if change.kind not in _MOVES:
        return change.kind, str(change.f, "utf-8")
    scope = here if change.kind == wire.Kind.ENTER else change.s
    return wire.Kind.MOVE, wire.encode({"scope": scope}).decode()
