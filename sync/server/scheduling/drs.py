"""A scheduler behind a DRS-shaped SOAP service (Kirona, now OneAdvanced).

Shapes of openSession, closeSession, checkAvailability, createOrder and scheduleBooking as published in the
documents of the public Housing Repairs Online; selectOrder, deleteBooking, deleteOrder, createReservation and
confirmReservation are known by name, and their members are taken to follow the others.

The order's number is the visit's id, so a visit can be found again whatever answer was lost: every step that
makes something looks first. Nothing counts as booked before it was read back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import Element

from sync.server.scheduling.adapter import (
    Availability,
    Change,
    Changes,
    Down,
    Gone,
    Held,
    Job,
    Known,
    NotWanted,
    Unsure,
    Window,
)
from sync.server.scheduling.hours import LONDON
from sync.server.scheduling.settings import Drs as Settings
from sync.server.scheduling.settings import Probe
from sync.server.scheduling.soap import Line, Refused, plain

NAME = "drs"
ASKED_AT_ONCE = 200  # orders that one pull of changes looks at
LONGEST_COMMENT = 255
_NOT_THERE = ("not found", "no order", "does not exist", "unknown order", "no booking")
_ENDED = ("cancel", "delet", "reject", "abandon")


class Drs:
    """The service, spoken to in one session that is opened when it is needed and again when it has ended."""

    name = NAME
    remote = True

    def __init__(
        self,
        settings: Settings,
        login: str,
        password: str,
        keep: timedelta,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._settings, self._login, self._password, self._keep = settings, login, password, keep
        self._now = now or (lambda: datetime.now(UTC))
        self._line = Line(settings.url, settings.seconds)
        self._session = ""

    # -- the interface -------------------------------------------------------------------------------

    def availability(self, first: date, days: int) -> Availability:
        """The windows that the service lists for each probe, asked for in periods that it allows."""
        taken = self._now()
        windows: list[Window] = []
        warnings: list[str] = []
        for probe in self._settings.probes:
            for ahead in range(0, days, self._settings.window_days):
                begins = first + timedelta(days=ahead)
                length = min(self._settings.window_days, days - ahead)
                made = self._read("checkAvailability", self._period(probe, begins, length))
                warnings += _warnings(made)
                windows += self._windows(made, probe.trade)
        last = first + timedelta(days=days - 1)
        return Availability(tuple(windows), first, last, taken, taken + self._keep, tuple(warnings))

    def find(self, job: Job) -> Held | None:
        """The order of a visit and the window that it is planned in."""
        try:
            made = self._read("selectOrder", {"primaryOrderNumber": job.visit_id}, refusals=True)
        except Refused as why:
            if any(words in str(why).lower() for words in _NOT_THERE):
                return None
            raise Down(str(why)) from None
        for order in made.iter("theOrder"):
            booking = order.find("theBookings")
            if booking is not None and not _has_ended(order) and not _has_ended(booking):
                return Held(booking.findtext("bookingId") or "", _planned(booking), tuple(_warnings(made)))
        return None

    def reserve(self, job: Job, window: Window) -> Held:
        """Holds a window: a reservation where the service offers them, else an order planned into it."""
        found = self.find(job)
        if found is not None and found.window is not None and found.window.when == window.when:
            return found
        if self._settings.reservations and found is None:
            period = {"periodBegin": _moment(window, 0), "periodEnd": _moment(window, 1)}
            made = self._do("createReservation", {**period, "theOrder": self._order(job)})
            return Held(made.findtext("reservationId") or "", None, tuple(_warnings(made)))
        if found is None:
            made = self._make(job)
            booking = made.findtext(".//bookingId") or ""
            found = Held(booking, None, tuple(_warnings(made)))
        return self._plan(job, found, window)

    def confirm(self, job: Job, ref: str, window: Window) -> Held:
        """Reads back that the visit is planned where it should be, after confirming its reservation."""
        found = self.find(job)
        if found is None and self._settings.reservations:
            made = {"reservationId": ref, "theOrder": self._order(job)}
            self._do("confirmReservation", made)
            found = self.find(job)
        if found is None:
            raise Gone("the order is not there any more")
        if found.window is None or found.window.when != window.when:
            found = self._plan(job, found, window)
        return found

    def move(self, job: Job, ref: str, window: Window) -> Held:
        """Plans it anew: a booking that is scheduled again moves."""
        return self.reserve(job, window)

    def cancel(self, job: Job, ref: str) -> None:
        """Takes booking and order away."""
        found = self.find(job)
        if found is None:
            return
        steps: tuple[tuple[str, Mapping[str, Any]], ...] = (
            ("deleteBooking", {"theBooking": self._booking(job, found.ref)}),
            ("deleteOrder", {"theOrder": {"primaryOrderNumber": job.visit_id}}),
        )
        for operation, members in steps:
            try:
                self._read(operation, members, refusals=True)
            except Refused as why:
                if not any(words in str(why).lower() for words in _NOT_THERE):
                    raise Down(str(why)) from None

    def changes(self, cursor: str, known: Sequence[Known]) -> Changes:
        """What the planner moved or took away, of the visits after the cursor; the last cursor is empty."""
        asked = sorted((one for one in known if one.job.visit_id > cursor), key=lambda one: one.job.visit_id)
        found = []
        for one in asked[:ASKED_AT_ONCE]:
            now = self.find(one.job)
            if one.window is None:
                continue
            if now is None:
                found.append(Change(one.job.visit_id, None, "the order was taken away"))
            elif now.window is None:
                found.append(Change(one.job.visit_id, None, "it is not planned any more"))
            elif now.window.when != one.window.when:
                found.append(Change(one.job.visit_id, now.window))
        more = len(asked) > ASKED_AT_ONCE
        return Changes(tuple(found), asked[ASKED_AT_ONCE - 1].job.visit_id if more else "")

    def close(self) -> None:
        """Ends the session."""
        if self._session:
            with contextlib.suppress(Refused, Unsure, Down):  # it ends by itself
                self._line.call("closeSession", {"sessionId": self._session})
            self._session = ""
        self._line.close()

    # -- pieces --------------------------------------------------------------------------------------

    def _plan(self, job: Job, order: Held, window: Window) -> Held:
        """Plans a booking into a window, and reads it back."""
        made = self._do("scheduleBooking", {"theBooking": self._booking(job, order.ref, window)})
        found = self.find(job)
        if found is None or found.window is None or found.window.when != window.when:
            raise Gone("the scheduler said yes and planned it elsewhere")
        return Held(found.ref, found.window, (*order.warnings, *_warnings(made)))

    def _make(self, job: Job) -> Element:
        """The order of a visit; a refusal has nothing to do with a place."""
        try:
            return self._read("createOrder", {"theOrder": self._order(job)}, refusals=True)
        except Refused as why:
            raise NotWanted(str(why)) from None

    def _do(self, operation: str, members: Mapping[str, Any]) -> Element:
        """A step that makes something: a refusal means that the place is not to be had."""
        try:
            return self._read(operation, members, refusals=True)
        except Refused as why:
            raise Gone(str(why)) from None

    def _read(self, operation: str, members: Mapping[str, Any], refusals: bool = False) -> Element:
        """Asks, opening the session again when it has ended. A refusal is Down unless `refusals`."""
        try:
            if not self._session:
                self._open()
            try:
                return self._line.call(operation, {"sessionId": self._session, **members})
            except Refused as why:
                if "session" not in str(why).lower():
                    raise
                self._open()
                return self._line.call(operation, {"sessionId": self._session, **members})
        except Refused as why:
            if refusals:
                raise
            raise Down(f"{operation}: {why}") from None
        except Unsure as why:
            if operation in ("checkAvailability", "selectOrder"):
                raise Down(str(why)) from None  # to look changes nothing
            raise

    def _open(self) -> None:
        self._session = ""
        try:
            made = self._line.call("openSession", {"login": self._login, "password": self._password})
        except Refused as why:
            raise Down(f"the scheduler did not let this server in: {why}") from None
        except Unsure as why:
            raise Down(str(why)) from None
        self._session = made.findtext("sessionId") or ""

    def _period(self, probe: Probe, begins: date, days: int) -> dict[str, Any]:
        ends = begins + timedelta(days=days - 1)
        job = Job("availability", code=probe.code, place=probe.place)
        return {
            "periodBegin": datetime.combine(begins, time(), LONDON).isoformat(),
            "periodEnd": datetime.combine(ends, time(23, 59), LONDON).isoformat(),
            "theOrder": {
                k: v for k, v in self._order(job).items() if k not in ("orderComments", "targetDate")
            },
        }

    def _order(self, job: Job) -> dict[str, Any]:
        latest = datetime.combine(job.latest_on, time(23, 59, 59), LONDON) if job.latest_on else None
        words = " ".join(plain(f"{job.reference} {job.words}").split())
        return {
            "contract": self._settings.contract,
            "locationID": job.place,
            "orderComments": words[:LONGEST_COMMENT] or "Repair",
            "primaryOrderNumber": job.visit_id,
            "priority": self._settings.priority.get(job.band, job.band or None),
            "targetDate": latest.isoformat() if latest else None,
            "userId": self._settings.user_id,
            "theBookingCodes": {
                "bookingCodeSORCode": job.code,
                "itemNumberWithinBooking": 1,
                "primaryOrderNumber": job.visit_id,
                "quantity": 1,
            },
        }

    def _booking(self, job: Job, ref: str, window: Window | None = None) -> dict[str, Any]:
        return {
            "bookingId": ref,
            "contract": self._settings.contract,
            "planningWindowStart": _moment(window, 0) if window is not None else None,
            "planningWindowEnd": _moment(window, 1) if window is not None else None,
            "primaryOrderNumber": job.visit_id,
        }

    def _windows(self, made: Element, trade: str) -> Iterator[Window]:
        """The windows of an answer; days without any, and days off, give none."""
        for day in made.iter("theSlots"):
            if "true" in (day.findtext("nonWorkingDay"), day.findtext("weeklyDayOff")):
                continue
            for slot in day.iter("slotsForDay"):
                window = _window(slot.findtext("beginDate"), slot.findtext("endDate"))
                if window is None:
                    continue
                free = self._settings.places_each if slot.findtext("available") == "YES" else 0
                yield Window(
                    *window,
                    label=_label(window[1], window[2]),
                    free=free,
                    best=slot.findtext("bestSlot") == "true",
                    trade=trade,
                    ref=slot.findtext("beginDate") or "",
                )


def _has_ended(element: Element) -> bool:
    told = f"{element.findtext('status') or ''} {element.findtext('bookingLifeCycleStatus') or ''}".lower()
    return any(word in told for word in _ENDED)


def _planned(booking: Element) -> Window | None:
    """The window that a booking is planned in; None while it has only days to be planned in."""
    window = _window(booking.findtext("planningWindowStart"), booking.findtext("planningWindowEnd"))
    return None if window is None else Window(*window, label=_label(window[1], window[2]))


def _window(begins: str | None, ends: str | None) -> tuple[date, int, int] | None:
    """A day and minutes in London; None for what is no stretch of one day."""
    first, last = _london(begins), _london(ends)
    if first is None or last is None or first.date() != last.date() or first >= last:
        return None
    return first.date(), first.hour * 60 + first.minute, last.hour * 60 + last.minute


def _london(text: str | None) -> datetime | None:
    """A moment as the service writes it: with an offset, or in London time without one."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.astimezone(LONDON) if moment.tzinfo is not None else moment.replace(tzinfo=LONDON)


def _moment(window: Window, end: int) -> str:
    minutes = (window.starts, window.ends)[end]
    return datetime.combine(window.day, time(minutes // 60, minutes % 60), LONDON).isoformat()


def _label(starts: int, ends: int) -> str:
    name = "Morning" if ends <= 780 else "Afternoon" if starts >= 720 else "Day"
    return f"{name}, {starts // 60}:{starts % 60:02d} to {ends // 60}:{ends % 60:02d}"


def _warnings(made: Element) -> list[str]:
    """What a success said beside."""
    said = (made.findtext("errorMsg") or "").strip()
    return [said[:200]] if said else []
