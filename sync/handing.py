"""Handing colleagues' courier files on to the server, and hearing which keys they are sealed with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, runtime_checkable

from models import failpoints
from models.changes import Changed
from models.store import Store
from sync import carry, courier, wire
from sync.account import Account
from sync.errors import Refused

# Words of the server that no later try changes; after any other the file is kept and offered again.
FINAL = frozenset(
    {
        "author_gone",
        "courier_revoked",
        "damaged",
        "device_forked",
        "malformed",
        "not_courier",
        "other_council",
        "too_large",
    }
)


@runtime_checkable
class CourierTransport(Protocol):
    """A transport that also takes courier files."""

    account: Account

    def hand_on(self, data: bytes) -> wire.PushAnswer:
        """Gives the server a colleague's file; raises SyncError."""

    def courier_keys(self) -> courier.CourierKeys:
        """The keys of courier files and the laptops of the council; raises SyncError."""


def hand_on(
    store: Store, transport: object, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> tuple[int, Changed]:
    """Offers every kept file that is due; how many the server took, and what changed here.

    A file goes whole, and again after a crash: the server knows each operation by its id.
    """
    if not isinstance(transport, CourierTransport):
        return 0, Changed()
    with store.connect() as connection:
        due = carry.to_hand_on(connection, now)
    if not due:
        return 0, Changed()
    with store.connect(write=True) as connection:
        changed = carry.expire(connection, transport.account, now)
        due = carry.to_hand_on(connection, now)
    taken = 0
    for bundle_id in due:
        if stopped():
            break
        with store.connect() as connection:
            data = carry.data_of(connection, bundle_id)
        try:
            answer = transport.hand_on(data)
        except Refused as error:
            with store.connect(write=True) as connection:
                if error.error in FINAL:
                    changed |= carry.given_up(connection, transport.account, bundle_id, error.title, now)
                else:
                    carry.not_yet(connection, bundle_id, now)
            continue
        failpoints.hit("after_handing_on")
        with store.connect(write=True) as connection:
            changed |= carry.delivered(connection, bundle_id, answer, now)
        taken += 1
    return taken, changed


def refresh_keys(store: Store, transport: object, now: datetime) -> None:
    """Asks for the keys when another one is in use than this laptop knows, and once a day; never a server
    that knows nothing of courier files."""
    if not isinstance(transport, CourierTransport):
        return
    in_use = transport.account.courier
    if in_use is None:
        return
    with store.connect() as connection:
        if not carry.keys_due(connection, in_use, now):
            return
    try:
        told: courier.CourierKeys | None = transport.courier_keys()
    except Refused:
        told = None  # a server without a key of its own makes none
    with store.connect(write=True) as connection:
        carry.keep_keys(connection, told, now)
