"""Wellbeing self-assessment: what one person writes for themselves, kept as ciphertext from the first byte.

Nothing here can be read by a query: which questions, which answers, which day and which notes stand inside
the sealed body (models.sealing). A record belongs to one person and to one laptop: each laptop writes
parts of its own, and app.wellbeing.entries joins the parts of a thing answer by answer, so that two laptops
never write the same sealed record.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Policy
from models.types import Json, ShortText


class VaultKey(Record):
    """A person's key pair: the public key, and the private key wrapped twice, so that it can travel."""

    __tablename__ = "wellbeing_key"
    __policy__ = Policy(title="vault key", scope="user", sealed=True)

    public: Mapped[str] = mapped_column(ShortText(64))  # X25519, base64
    by_passphrase: Mapped[dict[str, Any]] = mapped_column(Json)  # {v, kdf, salt, ct}
    by_code: Mapped[dict[str, Any]] = mapped_column(Json)  # {v, ct}
    by_key: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)  # sealed to another pair


class Entry(Record):
    """A part of one private thing (a check, a note), sealed; only its owner's key opens it."""

    __tablename__ = "wellbeing_entry"
    __policy__ = Policy(title="private entry", scope="user", sealed=True)

    sealed: Mapped[dict[str, Any]] = mapped_column(Json)  # {v, alg, to, eph, ct}
