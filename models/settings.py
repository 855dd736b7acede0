"""Settings and secrets of this copy: JSON values in the encrypted store that are never synced."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from models.changes import get_meta, set_meta


def get_setting(session: Session, key: str, default: Any = None) -> Any:
    """The value kept under a key, or the default."""
    return get_meta(session.connection(), f"setting.{key}", default)


def set_setting(session: Session, key: str, value: Any) -> None:
    """Keeps a value (JSON without floats) under a key, inside the caller's write."""
    set_meta(session.connection(), f"setting.{key}", value)
