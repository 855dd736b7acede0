"""The vault: a person's key pairs, shut until a passphrase or a recovery code opens them into a Ring.

The wrapped keys are synced records, so any laptop of the same person opens with the same words. Somebody who
set up two laptops before they met has two pairs: the older one seals what is new, and once both are open
the younger is sealed to the older, so that from then on one passphrase opens both.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import sealing
from models.changes import Author, Capture, Changed
from models.errors import HoldallError
from models.ids import new_id
from models.sealing import KDF, Binding, Kdf, KeyPair, Randomness, SealBroken, WrongSecret
from models.wellbeing import VaultKey

LEAST_LETTERS = 12
# The one label of every private act: history and server see that something private changed, and no more.
ACT = "Change in your private vault"


class VaultShut(HoldallError):
    """Something that needs the open vault was asked of a shut one."""

    def __init__(self) -> None:
        super().__init__("Your vault is locked.", "Open it with your passphrase first.")


@dataclass(frozen=True)
class WrappedKey:
    """One key record as it is read: public key, and the private key wrapped in up to three ways."""

    id: str
    public: bytes
    by_passphrase: dict[str, Any]
    by_code: dict[str, Any]
    by_key: dict[str, Any] | None


@dataclass(frozen=True)
class Ring:
    """The open vault: every pair that opened, oldest first. It lives in memory only, until Lock."""

    tenant: str
    user: str
    pairs: tuple[tuple[str, KeyPair], ...] = field(repr=False)
    shut: tuple[str, ...] = ()  # ids of key records that did not open with what was typed
    loose: tuple[str, ...] = ()  # ids of pairs that opened, but not yet through the oldest one

    def seal(self, type_name: str, record_id: str, body: Any, randomness: Randomness) -> dict[str, Any]:
        """A body sealed with the oldest pair, for one record."""
        binding = Binding(self.tenant, self.user, type_name, record_id)
        return sealing.seal(self.pairs[0][1].public, body, binding, randomness)

    def unseal(self, type_name: str, record_id: str, envelope: Any) -> Any:
        """The body of a record; raises SealBroken."""
        named = envelope.get("to") if isinstance(envelope, dict) else None
        binding = Binding(self.tenant, self.user, type_name, record_id)
        for _, pair in self.pairs:
            if pair.name == named:
                return sealing.unseal(pair, envelope, binding)
        raise SealBroken(
            "One private entry was sealed with a key that is not open here.",
            "Open the other part of your vault with its own passphrase.",
        )


@dataclass(frozen=True)
class NewKey:
    """A key record made and not yet kept, and the recovery code that is shown once."""

    wrapped: WrappedKey = field(repr=False)
    ring: Ring
    code: str = field(repr=False)


def _binding(author: Author, key_id: str) -> Binding:
    return Binding(author.tenant_id, author.user_id, VaultKey.__tablename__, key_id)


def check_passphrase(passphrase: str) -> None:
    """Raises HoldallError when a new passphrase is too short to keep anything safe."""
    if len(passphrase.strip()) < LEAST_LETTERS:
        raise HoldallError(
            f"This passphrase has {len(passphrase.strip())} letters; it needs at least {LEAST_LETTERS}.",
            "Three or four words that you will remember are better than one hard one.",
        )


def wrapped_keys(session: Session, author: Author) -> list[WrappedKey]:
    """The key records of a person, oldest first; deleted ones count, for nothing may lock a person out."""
    statement = select(VaultKey).where(VaultKey.scope == author.scope("user")).order_by(VaultKey.id)
    return [
        WrappedKey(k.id, base64.b64decode(k.public), k.by_passphrase, k.by_code, k.by_key)
        for k in session.scalars(statement)
    ]


def make(
    author: Author,
    passphrase: str,
    kdf: Kdf = KDF,
    randomness: Randomness = os.urandom,
    key_id: str | None = None,
) -> NewKey:
    """A new key pair for a person, wrapped by a passphrase and by a fresh recovery code.

    Takes half a second on purpose; nothing is written. Raises HoldallError for a short passphrase.
    """
    check_passphrase(passphrase)
    key_id = key_id or new_id()
    pair, code, binding = sealing.new_pair(randomness), sealing.new_code(randomness), _binding(author, key_id)
    wrapped = WrappedKey(
        key_id,
        pair.public,
        sealing.wrap_by_passphrase(pair.private, passphrase, binding, kdf, randomness),
        sealing.wrap_by_code(pair.private, code, binding, randomness),
        None,
    )
    ring = Ring(author.tenant_id, author.user_id, ((key_id, pair),))
    return NewKey(wrapped, ring, sealing.code_words(code))


def keep(session: Session, made: NewKey) -> Changed:
    """Writes a new key; Undo passes over it, for undoing it would lock up what is sealed with it."""
    key = made.wrapped
    record = VaultKey(
        id=key.id,
        public=base64.b64encode(key.public).decode(),
        by_passphrase=key.by_passphrase,
        by_code=key.by_code,
    )
    session.add(record)
    _not_undoable(session)
    return Changed.of(record)


def open_by_passphrase(keys: Sequence[WrappedKey], author: Author, passphrase: str) -> Ring:
    """The ring that a passphrase opens; raises WrongSecret when it opens none of the keys."""
    return _opened(
        keys,
        author,
        lambda key, binding: sealing.unwrap_by_passphrase(key.by_passphrase, passphrase, binding),
    )


def open_by_code(keys: Sequence[WrappedKey], author: Author, words: str) -> Ring:
    """The ring that a recovery code opens; raises WrongSecret for a slip in it or another vault's code."""
    code = sealing.read_code(words)
    return _opened(keys, author, lambda key, binding: sealing.unwrap_by_code(key.by_code, code, binding))


def _opened(
    keys: Sequence[WrappedKey], author: Author, unwrap: Callable[[WrappedKey, Binding], KeyPair]
) -> Ring:
    if not keys:
        raise VaultShut()
    found: dict[str, KeyPair] = {}
    refusal: WrongSecret | None = None
    for key in keys:
        try:
            found[key.id] = _checked(unwrap(key, _binding(author, key.id)), key)
        except WrongSecret as error:
            refusal = refusal or error
    if not found:
        raise refusal or VaultShut()
    return _ring(keys, author, found)


def _checked(pair: KeyPair, key: WrappedKey) -> KeyPair:
    if pair.public != key.public:
        raise WrongSecret(
            "One key of your vault does not fit itself: it was changed on its way.", "Tell your IT team."
        )
    return pair


def _ring(keys: Iterable[WrappedKey], author: Author, found: dict[str, KeyPair]) -> Ring:
    """The ring of what was found, with every pair that the found ones open in turn."""
    rows = list(keys)
    linked: set[str] = set()
    for key in rows:
        for holder in list(found.values()):
            try:
                body = sealing.unseal(holder, key.by_key, _binding(author, key.id))
                found.setdefault(key.id, _checked(KeyPair.of(base64.b64decode(body["private"])), key))
            except (SealBroken, WrongSecret, KeyError, TypeError, ValueError):
                continue
            linked.add(key.id)
    pairs = tuple((key.id, found[key.id]) for key in rows if key.id in found)
    first = rows[0].id
    return Ring(
        author.tenant_id,
        author.user_id,
        pairs,
        tuple(key.id for key in rows if key.id not in found),
        tuple(key_id for key_id, _ in pairs if key_id != first and key_id not in linked and first in found),
    )


def add_to(ring: Ring, keys: Sequence[WrappedKey], author: Author, opened: Ring) -> Ring:
    """The ring with the pairs of another ring of the same person, opened by other words."""
    return _ring(keys, author, dict(ring.pairs) | dict(opened.pairs))


def link(session: Session, ring: Ring, randomness: Randomness = os.urandom) -> Changed:
    """Seals every loose pair to the oldest one, so that one passphrase opens all from now on."""
    changed = Changed()
    pairs = dict(ring.pairs)
    for key_id in ring.loose:
        record = session.get(VaultKey, key_id)
        if record is not None:
            body = {"private": base64.b64encode(pairs[key_id].private).decode()}
            record.by_key = ring.seal(VaultKey.__tablename__, key_id, body, randomness)
            changed |= Changed.of(record)
    _not_undoable(session)
    return changed


@dataclass(frozen=True)
class Rewrapped:
    """The private keys of an open ring wrapped anew, by key record, not yet kept."""

    wraps: tuple[tuple[str, dict[str, Any]], ...] = field(repr=False)
    column: str = "by_passphrase"


def rewrap(author: Author, ring: Ring, passphrase: str, kdf: Kdf = KDF) -> Rewrapped:
    """Every open pair wrapped by a new passphrase; slow, writes nothing; HoldallError for a short one."""
    check_passphrase(passphrase)
    return Rewrapped(
        tuple(
            (key_id, sealing.wrap_by_passphrase(pair.private, passphrase, _binding(author, key_id), kdf))
            for key_id, pair in ring.pairs
        )
    )


def new_code(author: Author, ring: Ring) -> tuple[Rewrapped, str]:
    """Every open pair wrapped by a fresh recovery code, and the code in words; writes nothing."""
    code = sealing.new_code()
    wraps = tuple(
        (key_id, sealing.wrap_by_code(pair.private, code, _binding(author, key_id)))
        for key_id, pair in ring.pairs
    )
    return Rewrapped(wraps, "by_code"), sealing.code_words(code)


def keep_wraps(session: Session, new: Rewrapped) -> Changed:
    """Writes wraps made anew; Undo passes over it."""
    changed = Changed()
    for key_id, wrap in new.wraps:
        record = session.get(VaultKey, key_id)
        if record is not None:
            setattr(record, new.column, wrap)
            changed |= Changed.of(record)
    _not_undoable(session)
    return changed


def _not_undoable(session: Session) -> None:
    capture: Capture = session.info["capture"]
    capture.undoable = False
