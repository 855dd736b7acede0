"""The hook for messages to tenants: called after a visit became confirmed, moved or cancelled, never before.

`Told.put` writes records in the very transaction that notes that it was told, so that a crash leaves both or
neither: a notifier only queues there, and sends later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import Connection

from sync.server.scheduling.writing import Write

Kind = Literal["confirmed", "moved", "cancelled"]


@dataclass(frozen=True)
class Told:
    """What happened to a visit: bodies as the server has them (wire values), `key` the same for one event
    however often it is told. Nothing may be sent from here; the transaction is still open."""

    connection: Connection
    tenant: str
    kind: Kind
    key: str
    now: datetime
    scope: str  # of the visit
    visit_id: str
    visit: Mapping[str, Any]
    repair: Mapping[str, Any]
    slot: Mapping[str, Any]
    put: Callable[[Sequence[Write]], None]


class Notifier(Protocol):
    """Whoever tells tenants."""

    def visit_changed(self, told: Told) -> None:
        """Queues what is to be sent."""


class Silent:
    """Tells nobody."""

    def visit_changed(self, told: Told) -> None:
        """Does nothing."""
