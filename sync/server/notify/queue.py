"""Queues what a tenant is told of a visit, in the very transaction that notes that they were told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from models.ids import stable_id
from models.repairs import NoticeState
from sync.server.notify import settings
from sync.server.notify.going import NOTICE, Going, note
from sync.server.scheduling.notifier import Told
from sync.server.scheduling.writing import Write
from sync.server.store import stamp
from sync.server.tables import tenant


class Queue:
    """Makes a message of a change to a visit: by text to a mobile number, else by e-mail, as they agreed."""

    def visit_changed(self, told: Told) -> None:
        """Queues the message, where one goes out; the same change told twice makes the same record."""
        made = settings.load(told.connection, told.tenant)
        if made.service == "off":
            return
        channel, to = reach(told.repair)
        templates = {"sms": made.sms, "email": made.email}.get(channel)
        if templates is None or not getattr(templates, told.kind):
            return
        fields = {
            "visit_id": told.visit_id,
            "repair_id": str(told.visit["repair_id"]),
            "kind": told.kind,
            "channel": channel,
            "to": to,
            "fields": self._words(told, channel),
            "state": NoticeState.QUEUED.value,
            "queued_at": stamp(told.now),
            "reference": notice_id(told.key),
        }
        told.put([Write(NOTICE, notice_id(told.key), fields, "Tell the tenant", scope=told.scope)])
        note(told.connection, told.tenant, notice_id(told.key), Going(), told.now)

    def _words(self, told: Told, channel: str) -> dict[str, str]:
        row = told.connection.execute(
            select(tenant.c.name, tenant.c.telephone).where(tenant.c.tenant == told.tenant)
        ).one()
        words = {
            "repair_ref": str(told.repair.get("reference") or ""),
            "appointment_time": when(told.slot),
            "council": str(row.name),
            "telephone": str(row.telephone),
        }
        return words | ({"name": str(told.repair.get("tenant_name") or "")} if channel == "email" else {})


def reach(repair: Mapping[str, Any]) -> tuple[str, str]:
    """How somebody is told: ("sms", number), ("email", address), or two empty words: nobody may be."""
    number = str(repair.get("telephone") or "")
    if repair.get("text_allowed") and number.startswith("07"):
        return "sms", number
    if repair.get("email_allowed") and repair.get("email"):
        return "email", str(repair["email"])
    return "", ""


def when(slot: Mapping[str, Any]) -> str:
    """A slot as a message says it: "Monday 21 December 2026, between 8:00 and 12:00"."""
    day = date.fromisoformat(str(slot["day"]))
    return f"{day:%A} {day.day} {day:%B %Y}, between {_time(slot['starts'])} and {_time(slot['ends'])}"


def _time(minutes: object) -> str:
    hours, rest = divmod(int(str(minutes)), 60)
    return f"{hours}:{rest:02d}"


def notice_id(key: str) -> str:
    """The id of the message about a change, always the same for the same change; also its reference at the
    service, by which it is searched for before it is sent again."""
    return stable_id(date(2000, 1, 1), "message", key)
