"""Files that records name by SHA-256: photos and pictures, kept inside the encrypted store."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from models.errors import HoldallError
from models.outbox import Blob
from models.types import clean_text

SIZE_LIMIT = 25 * 1024 * 1024


def put(session: Session, data: bytes, mime: str, name: str) -> str:
    """Keeps a file inside the caller's write and returns its SHA-256 (64 hex digits).

    The same bytes are kept once. Raises HoldallError for an empty file and for one over 25 MB.
    """
    if not data:
        raise HoldallError(f"The file {name} is empty.", "Choose another one.")
    if len(data) > SIZE_LIMIT:
        raise HoldallError(
            f"The file {name} has {len(data) / 1048576:.0f} MB; at most 25 MB fit.", "Choose a smaller one."
        )
    digest = hashlib.sha256(data).hexdigest()
    statement = insert(Blob).values(
        sha256=digest,
        size=len(data),
        mime=mime,
        name=clean_text(name, 200),
        state="local",
        data=data,
        added_at=session.info["now"],
    )
    session.execute(statement.on_conflict_do_nothing())
    return digest


def get(session: Session, sha256: str) -> bytes | None:
    """The bytes of a file, or None when this copy does not have them (yet)."""
    return session.execute(select(Blob.data).where(Blob.sha256 == sha256)).scalar_one_or_none()
