"""What is noted of a message between two steps, beside the notes of the appointments."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from sync.server.scheduling import notes
from sync.server.store import stamp
from sync.server.tables import scheduling

NOTICE = "repairs_notice"
KIND = "notice"  # of the notes


class Going(Struct, omit_defaults=True):
    """What is noted of a message between two steps."""

    asked: bool = False  # it was handed over, the answer is not known yet
    anew: bool = False  # a person wants it sent again although the service has one that failed
    tries: int = 0


def due(connection: Connection, tenant: str, now: datetime) -> list[str]:
    """The messages that are to be looked at by now."""
    where = (scheduling.c.tenant == tenant, scheduling.c.kind == KIND, scheduling.c.at <= stamp(now))
    return list(connection.execute(select(scheduling.c.key).where(*where)).scalars())


def note(connection: Connection, tenant: str, notice_id: str, going: Going, at: datetime) -> None:
    """Notes what stands between a message and the service, and when to look at it again."""
    notes.put(connection, tenant, KIND, notice_id, msgspec.json.encode(going).decode(), at)
