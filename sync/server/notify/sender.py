"""Sends what is queued and asks what became of it.

The service's `reference` is no guard against sending twice. So a message is noted before it goes; whoever
finds such a note after its time searches for the reference first, and sends only when nothing is there.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec
from sqlalchemy.exc import DBAPIError

from models import failpoints
from models.errors import HoldallError
from models.repairs import NoticeState
from sync.server.batch import Rec
from sync.server.notify import settings
from sync.server.notify.going import KIND, NOTICE, Going, due, note
from sync.server.notify.service import Busy, Refused, Service
from sync.server.notify.settings import Messages
from sync.server.scheduling import books, notes, writing
from sync.server.scheduling.writing import Write
from sync.server.store import ServerStore, stamp

log = logging.getLogger("holdall.server")
OPEN = (NoticeState.QUEUED.value, NoticeState.SENT.value)
LOOK = 15.0  # seconds between two rounds when nothing is pushed
SCAN = timedelta(hours=1)  # between two looks at every message, for those that nothing is noted of
PATIENCE = timedelta(seconds=90)  # an answer may take so long, and a message that long to be found
POLL = timedelta(minutes=5)
GIVE_UP = timedelta(days=3)  # the service keeps trying a telephone that is off for three days
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
_ENDS = {
    "delivered": (NoticeState.DELIVERED, ""),
    "permanent-failure": (NoticeState.FAILED, "The number or address does not exist. Ring instead."),
    "temporary-failure": (
        NoticeState.FAILED,
        "The telephone was off for days. Ring instead.",
    ),
    "technical-failure": (NoticeState.FAILED, "The service could not send it. Ring instead."),
    "validation-failed": (NoticeState.FAILED, "The service did not take its content. Ring instead."),
}


class Speaks(Protocol):
    """The part of the service that is needed here."""

    def find(self, reference: str) -> str | None:
        """The status of the message with this reference, None where there is none. Raises Busy."""

    def send(self, channel: str, to: str, template: str, fields: dict[str, str], reference: str) -> None:
        """Hands a message over. Raises Refused, Busy."""


class Sender:
    """Goes round the councils and their messages. `wake` may be set from any thread."""

    def __init__(
        self,
        store: ServerStore,
        now: Callable[[], datetime] | None = None,
        patience: timedelta = PATIENCE,
        pushed: Callable[[str], None] | None = None,
        make: Callable[[Messages], Speaks] = Service,
    ) -> None:
        self.store, self.patience = store, patience
        self.now = now or (lambda: datetime.now(UTC))
        self.pushed = pushed or (lambda tenant: None)
        self.wake = threading.Event()
        self._make = make
        self._scanned: dict[str, datetime] = {}  # when all messages of each council were looked at

    def run(self, stopped: threading.Event) -> None:
        """Goes round until `stopped` is set and `wake` with it."""
        while not stopped.is_set():
            try:
                self.round()
            except DBAPIError as error:
                log.warning("messages: database: %s", type(error.orig).__name__)
            except Exception:  # a fault here must not end what keeps messages going
                log.exception("messages: a fault")
            self.wake.wait(LOOK)
            self.wake.clear()

    def round(self) -> dict[str, dict[str, int]]:
        """One look at every council; what was done, by council, where there was anything."""
        done = {}
        for tenant in self.store.councils():
            try:
                if made := self.council(tenant):
                    done[tenant] = dict(made)
            except HoldallError as error:
                log.warning("messages: %s: %s %s", tenant, error.title, error.advice)
        return done

    def council(self, tenant: str) -> Counter[str]:
        """Sends what is queued in a council and asks after what was sent."""
        done: Counter[str] = Counter()
        now = self.now()
        with self.store.read(tenant) as connection:
            made = settings.load(connection, tenant)
            if made.service == "off":
                return done
            if (scanned := self._scanned.get(tenant)) is None or now - scanned >= SCAN:
                found = books.every(connection, tenant, NOTICE)
                self._scanned[tenant] = now
            else:
                found = list(books.some(connection, tenant, NOTICE, due(connection, tenant, now)).values())
        open_ = [rec for rec in found if not rec.deleted and rec.body.get("state") in OPEN]
        if not open_:
            return done
        service = self._make(made)
        for rec in sorted(open_, key=lambda r: str(r.body.get("queued_at"))):
            queued = rec.body["state"] == NoticeState.QUEUED
            word = self._send(tenant, made, service, rec.id) if queued else self._ask(tenant, service, rec)
            if word:
                done[word] += 1
            if word == "later":
                break  # the service is away or busy: the others wait as well
        return done

    # -- one message -----------------------------------------------------------------------------------

    def _send(self, tenant: str, made: Messages, service: Speaks, notice_id: str) -> str:
        now = self.now()
        with self.store.write(tenant) as connection:
            rec = books.one(connection, tenant, NOTICE, notice_id)
            value, at = notes.get(connection, tenant, KIND, notice_id)
            if rec is None or rec.deleted or rec.body.get("state") != NoticeState.QUEUED or at > stamp(now):
                return ""
            going = msgspec.json.decode(value, type=Going) if value else Going()
            before, anew = going.asked, going.anew
            going.asked, going.anew = True, False
            note(connection, tenant, notice_id, going, now + self.patience)
        failpoints.hit("notice_noted")
        body = rec.body
        try:
            there = service.find(notice_id) if before else None
            if there is None or (anew and _ENDS.get(there, (None,))[0] is NoticeState.FAILED):
                templates = made.sms if body["channel"] == "sms" else made.email
                template = str(getattr(templates, str(body["kind"])))
                service.send(body["channel"], body["to"], template, dict(body["fields"]), notice_id)
        except Refused as why:
            return self._write(
                tenant, notice_id, {"state": NoticeState.FAILED.value, "problem": str(why)[:200]}
            )
        except Busy as why:
            return self._later(tenant, notice_id, going, why)
        failpoints.hit("notice_sent")
        return self._write(
            tenant, notice_id, {"state": NoticeState.SENT.value, "sent_at": stamp(self.now()), "problem": ""}
        )

    def _ask(self, tenant: str, service: Speaks, rec: Rec) -> str:
        """Asks what became of a message that was handed over."""
        now = self.now()
        with self.store.write(tenant) as connection:
            _, at = notes.get(connection, tenant, KIND, rec.id)
            if at > stamp(now):
                return ""
            note(connection, tenant, rec.id, Going(), now + POLL)
        try:
            status = service.find(rec.id)
        except Refused:
            return ""
        except Busy as why:
            log.warning("messages: %s: %s", tenant, why)
            return "later"
        state, problem = _ENDS.get(status or "", (None, ""))
        if state is None:
            sent = str(rec.body.get("sent_at") or "")
            if sent and sent < stamp(now - GIVE_UP):
                state, problem = NoticeState.FAILED, "Nothing was heard of it for three days. Ring instead."
            else:
                return ""
        return self._write(tenant, rec.id, {"state": state.value, "problem": problem})

    def _write(self, tenant: str, notice_id: str, fields: dict[str, Any]) -> str:
        """Writes how far a message got, and when to ask after it. Returns the state."""
        with self.store.write(tenant) as connection:
            rec = books.one(connection, tenant, NOTICE, notice_id)
            if rec is None or rec.deleted:
                return ""
            write = Write(NOTICE, notice_id, fields, "Message", rec)
            results = writing.put(connection, tenant, [write], self.now(), self.store.postgres)
            if not writing.landed(results):
                log.warning("messages: %s: %s not taken", tenant, notice_id)
                return ""
            if fields["state"] == NoticeState.SENT:
                note(connection, tenant, notice_id, Going(), self.now() + POLL)
            else:
                notes.put(connection, tenant, KIND, notice_id, "")
        self.pushed(tenant)
        return str(fields["state"])

    def _later(self, tenant: str, notice_id: str, going: Going, why: Busy) -> str:
        """Keeps a message for another try, each later than the one before; what may have gone is looked for
        first, what was certainly not taken is not."""
        log.warning("messages: %s: %s", tenant, why)
        going.asked, going.tries = why.unsure, going.tries + 1
        wait = min(LONGEST, SHORTEST * 2 ** min(going.tries - 1, 10))
        with self.store.write(tenant) as connection:
            note(connection, tenant, notice_id, going, self.now() + max(wait, self.patience))
        return "later"
