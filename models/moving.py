"""Moving a record to another scope: to another team, to a site, or from a team to the whole council."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from models.base import Record
from models.changes import Capture, Changed
from models.errors import HoldallError, MoveRefused

_SCOPE = re.compile(r"tenant|(team|site):[^\s:]{1,64}")


def move(session: Session, record: Record, scope: str) -> Changed:
    """Moves a record to another scope, inside the caller's write; one operation, which Undo takes back.

    Raises MoveRefused for a person whose role may not, RecordFrozen for a record of a closed parent, and
    HoldallError for what is private and for a scope that is none. Whether anybody reads that scope, the
    server knows.
    """
    capture: Capture = session.info["capture"]
    policy = record.__policy__
    if policy.scope == "user" or policy.sealed:
        raise HoldallError(f"This {policy.title} is private.", "What is private stays with its person.")
    if _SCOPE.fullmatch(scope) is None:
        raise HoldallError(f"“{scope}” is neither a team nor a site.", "Choose one from the list.")
    if not policy.move_roles & capture.author.roles:
        raise MoveRefused(
            f"Moving a {policy.title} needs the role {' or '.join(sorted(policy.move_roles))}.",
            "Ask somebody who has it.",
        )
    session.flush()
    if record.deleted:
        raise HoldallError(f"This {policy.title} is in the trash.", "Bring it back before it is moved.")
    capture.check_frozen(record)
    if record.scope != scope:
        capture.moves.setdefault((record.__tablename__, record.id), record.scope)
        record.scope = scope
    return Changed.of(record)
