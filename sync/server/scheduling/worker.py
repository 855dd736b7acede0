"""The worker of one council: each visit goes from asked-for to held to confirmed, or is lost and re-offered.

Every step is one transaction that writes the record and the note together. A step that has to ask a scheduler
over a network is noted first, asked with no transaction open, and written down in a second one; whoever finds
such a note after its time looks at the scheduler before trying again. So a crash between any two steps books
nothing twice and loses no visit.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from models import failpoints
from models.repairs import State, VisitState
from sync.server.batch import Rec
from sync.server.scheduling import answers, books, notes, writing
from sync.server.scheduling.adapter import Down, Gone, Held, Job, NotWanted, Scheduler, Unsure
from sync.server.scheduling.hours import call_by, moment, today
from sync.server.scheduling.notes import PATIENCE, Asked, Note, Spoken
from sync.server.scheduling.notifier import Kind, Notifier, Silent, Told
from sync.server.scheduling.settings import Scheduling, Template
from sync.server.scheduling.snapshots import best_left
from sync.server.scheduling.steps import Do, due
from sync.server.scheduling.writing import Write
from sync.server.store import ServerStore, stamp

log = logging.getLogger("holdall.server")
MOST_STEPS = 12  # of one visit in one round
OFFERED = 3
LONGEST_WAIT = timedelta(minutes=30)
_with = answers.replaced


class NotTaken(Exception):
    """The rules refused what the worker wrote: nothing of the step stays."""


@dataclass(frozen=True)
class View:
    """A visit and all that its next step rests on."""

    visit: Rec
    note: Note
    at: str
    slots: Mapping[str, Rec]  # the one it names and its choices
    repair: Rec | None
    home: Rec | None

    @property
    def slot(self) -> Rec | None:
        """The slot whose place it takes."""
        return self.slots.get(str(self.visit.body["slot_id"]))

    @property
    def job(self) -> Job:
        """The visit as the scheduler sees it."""
        return books.job_of(self.visit, self.repair, self.home)

    @property
    def state(self) -> VisitState:
        """The state it is in."""
        return VisitState(str(self.visit.body["state"]))


class Worker:
    """Looks after the visits of one council with one scheduler."""

    def __init__(
        self,
        store: ServerStore,
        tenant: str,
        settings: Scheduling,
        scheduler: Scheduler,
        notifier: Notifier | None = None,
        now: Callable[[], datetime] | None = None,
        patience: timedelta = PATIENCE,
        pushed: Callable[[str], None] | None = None,
    ) -> None:
        self.store, self.tenant, self.settings, self.scheduler = store, tenant, settings, scheduler
        self.notifier = notifier or Silent()
        self.now = now or (lambda: datetime.now(UTC))
        self.patience = patience
        self.pushed = pushed or (lambda tenant: None)
        self.listed: list[Template] | None = None  # the week that was last listed

    def work(self, visit_ids: Iterable[str]) -> Counter[str]:
        """Takes each of these visits as far as it goes now; how often each step was made."""
        done: Counter[str] = Counter()
        for visit_id in visit_ids:
            for _ in range(MOST_STEPS):
                try:
                    step = self.step(visit_id)
                except DBAPIError:
                    raise
                except Exception:  # a fault in one visit keeps no other waiting
                    log.exception("scheduler: a fault in visit %s", visit_id)
                    self._later(visit_id, "a fault of the server", unanswered=True)
                    break
                if step is Do.NOTHING:
                    break
                done[step.value] += 1
        return done

    def pending(self, connection: Connection, ids: Collection[str] | None = None) -> list[str]:
        """The visits, of these or of all, for which something is to be done: found with a few reads and no
        lock, as most have nothing to do most of the time."""
        found = (
            books.some(connection, self.tenant, books.VISIT, ids)
            if ids is not None
            else {rec.id: rec for rec in books.every(connection, self.tenant, books.VISIT)}
        )
        kept = notes.every(connection, self.tenant, ids)
        named = {str(rec.body.get("slot_id")) for rec in found.values()}
        named |= {slot for rec in found.values() for slot in _choices(rec)}
        slots = books.some(connection, self.tenant, books.SLOT, named)
        return [
            rec.id
            for rec in found.values()
            if rec.body and self._due(rec, kept.get(rec.id, Note()), slots) is not Do.NOTHING
        ]

    def step(self, visit_id: str) -> Do:
        """Makes the next step of a visit; NOTHING when there is none now."""
        try:
            with self.transaction() as connection:
                view = self.view(connection, visit_id)
                if view is None:
                    return Do.NOTHING
                do = self._due(view.visit, view.note, view.slots)
                if do is Do.NOTHING:
                    return do
                if view.note.asked is not None and view.at > stamp(self.now()):
                    return Do.NOTHING  # somebody waits for an answer at this moment
                if not self._asks(do):
                    self._here(connection, view, do)
                    return do
                asked = view.note.asked or Asked(do.value, str(view.visit.body["slot_id"]))
                note = _with(view.note, asked=asked)
                notes.keep(connection, self.tenant, visit_id, note, self.now() + self.patience)
            failpoints.hit("scheduler_asked")
            return self._there(view, do, asked)
        except NotTaken as why:
            log.warning("scheduler: %s of %s not taken: %s", self.tenant, visit_id, why)
            self._later(visit_id, str(why), unanswered=True)
            return Do.NOTHING

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One step: all of it or nothing."""
        with self.store.write(self.tenant) as connection:
            yield connection
            failpoints.hit("scheduler_before_commit")
        failpoints.hit("scheduler_after_commit")
        self.pushed(self.tenant)

    def view(self, connection: Connection, visit_id: str) -> View | None:
        """A visit as it is at this moment, None where there is none."""
        visit = books.one(connection, self.tenant, books.VISIT, visit_id)
        if visit is None or not visit.body:
            return None
        note, at = notes.read(connection, self.tenant, visit_id, self.store.postgres)
        named = [str(visit.body["slot_id"]), *_choices(visit)]
        slots = books.some(connection, self.tenant, books.SLOT, named)
        repair = books.one(connection, self.tenant, books.REPAIR, str(visit.body.get("repair_id")))
        place = str(repair.body.get("property_id") or "") if repair is not None else ""
        home = books.one(connection, self.tenant, books.HOME, place) if place else None
        return View(visit, note, at, slots, repair, home)

    def put(self, connection: Connection, writes: Sequence[Write]) -> None:
        """Writes records in the open transaction; raises NotTaken when the rules refuse one."""
        results = writing.put(connection, self.tenant, writes, self.now(), self.store.postgres)
        if not writing.landed(results):
            raise NotTaken(", ".join(str(r.code) for r in results if r.status not in writing.GOOD))

    # -- steps that are made here ---------------------------------------------------------------------

    def _due(self, visit: Rec, note: Note, slots: Mapping[str, Rec]) -> Do:
        day = today(self.now()).isoformat()
        over = {slot_id: str(rec.body.get("day", "")) < day for slot_id, rec in slots.items()}
        return due(
            visit.body,
            visit.deleted,
            note,
            passed=over.get(str(visit.body["slot_id"]), False),
            at_once=self.settings.confirm == "at once",
            offers_passed=all(over.get(slot_id, True) for slot_id in _choices(visit)),
        )

    def _asks(self, do: Do) -> bool:
        """Whether a step asks a scheduler over a network."""
        steps = (Do.LOOK, Do.RESERVE, Do.MOVE, Do.CONFIRM, Do.CANCEL)
        return self.scheduler.remote and do in steps

    def _here(self, connection: Connection, view: View, do: Do) -> None:
        if do in (Do.LOOK, Do.RESERVE, Do.MOVE, Do.CONFIRM, Do.CANCEL):
            asked = Asked(do.value, str(view.visit.body["slot_id"]))
            self._take(connection, view, do, asked, self._ask(view, do, asked))
        elif do is Do.EXPIRE:
            self._visit(connection, view, "Expire", {"state": VisitState.EXPIRED.value})
        elif do in (Do.OFFER, Do.CALL):
            self._offer(connection, view, call=do is Do.CALL)
        else:
            self._tell(connection, view, gone=do is Do.TELL_GONE)

    def _visit(self, connection: Connection, view: View, label: str, fields: Mapping[str, object]) -> None:
        self.put(connection, [Write(books.VISIT, view.visit.id, fields, label, view.visit)])

    def _offer(self, connection: Connection, view: View, call: bool) -> None:
        """Offers what is left inside the last day, with a time to ring by; with nothing left only that."""
        now, set_ = self.now(), self.settings
        by = call_by(now, set_.call_hours, set_.opens, set_.closes, set_.closed)
        last = view.visit.body.get("latest_on")
        if last and now < (end := moment(date.fromisoformat(str(last)), set_.closes)) < by:
            by = end  # later than the last day there would be nothing left to offer
        fields: dict[str, object] = {"call_by": stamp(by)}
        first = (today(now) + timedelta(days=set_.lead_days)).isoformat()
        slots = books.slots_from(connection, self.tenant, today(now))
        trade = view.job.trade
        left = best_left(slots, trade, first, last, set(view.note.gone), now)[:OFFERED]
        if left:
            fields |= {"choices": left}
        state = VisitState.RE_OFFERED if left and not call else VisitState.CALL_TENANT
        self._visit(connection, view, "Offer other visits", {"state": state.value, **fields})

    def _tell(self, connection: Connection, view: View, gone: bool) -> None:
        """Lets the notifier queue what the tenant is told, and notes it in the same transaction."""
        note, body = view.note, view.visit.body
        slot, number = str(body["slot_id"]), int(body.get("sequence") or 0)
        kind: Kind = "cancelled" if gone else "confirmed" if note.told is None else "moved"
        if kind == "moved" and note.told is not None and number <= note.told.sequence:
            number = note.told.sequence + 1
            self._visit(connection, view, "Number the move", {"sequence": number})
        self.notifier.visit_changed(
            Told(
                connection,
                self.tenant,
                kind,
                f"{view.visit.id}:{kind}:{number}",
                self.now(),
                view.visit.scope,
                view.visit.id,
                {**body, "sequence": number},
                view.repair.body if view.repair is not None else {},
                view.slot.body if view.slot is not None else {},
                lambda writes: self.put(connection, writes),
            )
        )
        told = None if gone else Spoken(slot, number)
        notes.keep(connection, self.tenant, view.visit.id, _with(note, told=told))

    # -- steps that ask ------------------------------------------------------------------------------

    def _there(self, view: View, do: Do, asked: Asked) -> Do:
        """Asks, with no transaction open, and writes the answer down."""
        try:
            answer = self._ask(view, do, asked)
        except Unsure as error:  # the note stays: the next to come looks first
            log.warning("scheduler: no answer to %s: %s", do.value, error)
            return Do.NOTHING
        except Down as error:
            log.warning("scheduler: %s: %s", do.value, error)
            self._later(view.visit.id, str(error), unanswered=do is Do.LOOK)
            return Do.NOTHING
        failpoints.hit("scheduler_answered")
        with self.transaction() as connection:
            fresh = self.view(connection, view.visit.id)
            if fresh is None or fresh.note.asked != asked:
                return Do.NOTHING  # somebody else took it up meanwhile
            self._take(connection, fresh, do, asked, answer)
        return do

    def _ask(self, view: View, do: Do, asked: Asked) -> Held | Gone | None:
        """What the scheduler says: what it holds, or that the place has gone, or that there is nothing."""
        scheduler, job, note = self.scheduler, view.job, view.note
        if do is Do.LOOK:
            return scheduler.find(job)
        if do is Do.CANCEL:
            scheduler.cancel(job, note.ref)
            return None
        if view.slot is None or view.slot.deleted:
            return Gone("This slot is not listed any more.")
        window = books.window_of(view.slot)
        try:
            if do is Do.RESERVE:
                return scheduler.reserve(job, window) if note.held != asked.slot else Held(note.ref, window)
            if do is Do.MOVE:
                return scheduler.move(job, note.ref, window)
            return scheduler.confirm(job, note.ref, window)
        except Gone as gone:
            return gone

    def _take(
        self, connection: Connection, view: View, do: Do, asked: Asked, answer: Held | Gone | None
    ) -> None:
        """Writes down what a step came to."""
        if do is Do.LOOK:
            slot = books.one(connection, self.tenant, books.SLOT, asked.slot)
            note = answers.looked(view.note, asked, answer, slot)
        elif do is Do.CANCEL:
            note = _with(view.note, asked=None, ref="", held="", booked="", tries=0)
        elif isinstance(answer, Gone):
            note = self._gone(connection, view, asked, answer)
        else:
            assert isinstance(answer, Held)  # noqa: S101  these steps answer so
            note = answers.held(view.note, do, asked, answer)
            self._held(connection, view, do, asked, answer)
        notes.keep(connection, self.tenant, view.visit.id, note)

    def _held(self, connection: Connection, view: View, do: Do, asked: Asked, answer: Held) -> None:
        """The visit as held or booked, unless a person has changed it while the scheduler was asked."""
        if str(view.visit.body["slot_id"]) != asked.slot:
            return
        now = stamp(self.now())
        if do is not Do.CONFIRM and view.state is VisitState.REQUESTED:
            fields = {"state": VisitState.GRANTED.value, "granted_at": now, "hold_ref": answer.ref[:80]}
            self._visit(connection, view, "Hold the place", fields)
        elif do is Do.CONFIRM and view.state is VisitState.GRANTED:
            fields = {"state": VisitState.CONFIRMED.value, "confirmed_at": now, "hold_ref": answer.ref[:80]}
            group = view.visit.id
            writes = [Write(books.VISIT, view.visit.id, fields, "Confirm the visit", view.visit, group=group)]
            if view.repair is not None and view.repair.body.get("state") == State.READY.value:
                planned = {"state": State.SCHEDULED.value}
                writes.append(
                    Write(
                        books.REPAIR, view.repair.id, planned, "Confirm the visit", view.repair, group=group
                    )
                )
            self.put(connection, writes)

    def _gone(self, connection: Connection, view: View, asked: Asked, why: Gone) -> Note:
        """The scheduler will not give a place that sync had granted: the next choice, else it is lost."""
        gone = [*view.note.gone, asked.slot]
        note = _with(view.note, asked=None, gone=gone, tries=0, booked="")
        if note.held == asked.slot:
            note = _with(note, held="")
        if str(view.visit.body["slot_id"]) != asked.slot or view.state not in (
            VisitState.REQUESTED,
            VisitState.GRANTED,
            VisitState.CONFIRMED,
        ):
            return note
        slots = books.slots_from(connection, self.tenant, today(self.now()))
        last = view.visit.body.get("latest_on")
        left = best_left(slots, view.job.trade, today(self.now()).isoformat(), last, set(gone), self.now())
        wished = [slot_id for slot_id in _choices(view.visit) if slot_id in left]
        unwanted = isinstance(why, NotWanted)
        if wished and not unwanted and view.state is not VisitState.CONFIRMED:
            fields: dict[str, object] = {"slot_id": wished[0], "state": VisitState.REQUESTED.value}
        else:
            fields = {"state": VisitState.LOST.value, "lost_why": answers.lost_why(str(why))}
        writes = [Write(books.VISIT, view.visit.id, fields, "The place has gone", view.visit)]
        if self.scheduler.remote and not unwanted and view.slot is not None and not view.slot.deleted:
            others = {"places": max(0, slots.taken.get(view.slot.id, 0) - 1)}
            writes.append(Write(books.SLOT, view.slot.id, others, "The place has gone", view.slot))
        self.put(connection, writes)
        return note

    def _later(self, visit_id: str, why: str, unanswered: bool) -> None:
        """Tries a visit again after a while that grows; what is unanswered is looked at first."""
        with self.store.write(self.tenant) as connection:
            note, _ = notes.read(connection, self.tenant, visit_id, self.store.postgres)
            wait = min(timedelta(seconds=15) * 2 ** min(note.tries, 10), LONGEST_WAIT)
            asked = note.asked if unanswered else None
            note = _with(note, asked=asked, tries=note.tries + 1, warnings=[why[:200]])
            notes.keep(connection, self.tenant, visit_id, note, self.now() + wait)


def _choices(visit: Rec) -> list[str]:
    listed = visit.body.get("choices")
    return [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
