"""The hash chain of a scope's log: each change seals all that came before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from msgspec import Raw


def genesis(origin: str, tenant: str, scope: str) -> str:
    """The chain value before the first change of a scope, 64 hex digits; `origin` is the council's first
    epoch, so that a chain goes on through a restore."""
    return sha256(f"holdall\n{origin}\n{tenant}\n{scope}".encode()).hexdigest()


def values(chain: str, changes: Iterable[bytes]) -> Iterator[str]:
    """The chain value after each of these changes."""
    value = bytes.fromhex(chain)
    for change in changes:
        value = sha256(value + sha256(change).digest()).digest()
        yield value.hex()


def extend(chain: str, changes: Iterable[bytes | Raw]) -> str:
    """The chain value after these changes, given as the bytes that stand in the log."""
    value = bytes.fromhex(chain)
    for change in changes:
        value = sha256(value + sha256(change).digest()).digest()
    return value.hex()
