"""Slots, holds and appointments over HTTP, for a council's own systems: real requests to a real server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select

from models.repairs import Repair, Slot, State, Visit, VisitState
from sync.server.scheduling import settings
from sync.server.scheduling.runner import Runner
from sync.server.scheduling.settings import Scheduling
from sync.server.tables import audit
from tests.sync.kit import Fleet, Laptop
from tests.sync.racing import FIRST
from tests.sync.test_document import Signed
from tests.sync.test_promises import changing
from tests.sync.test_rules import adding
from tests.sync.test_scheduling import NOW


@dataclass
class System:
    """A web form that joined as a laptop of a lead."""

    laptop: Laptop

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """A request, and its answer's status and JSON."""
        answer = requests.request(
            method,
            f"{self.laptop.account.server}/v1/{path}",
            json=body,
            auth=Signed(self.laptop),
            headers={"Idempotency-Key": key} if key else {},
            timeout=10,
        )
        return answer.status_code, answer.json() if answer.content else None


@dataclass
class Form:
    """A web form, a colleague's laptop, three mornings and a repair."""

    fleet: Fleet
    web: System
    lead: Laptop
    slots: list[Slot]
    repair: str


@pytest.fixture
def form(net_fleet: Fleet) -> Form:
    """The form of a council whose worker is run by hand."""
    with net_fleet.books.write(net_fleet.tenant) as connection:
        settings.save(connection, net_fleet.tenant, Scheduling())
    lead = net_fleet.join("u-1", "Tomos", ("officer", "lead"))
    web = net_fleet.join("u-web", "Web form", ("officer", "lead"))
    listed = [
        Slot(day=FIRST + timedelta(days=n), starts=480, ends=720, label="Morning", places=1, seen_at=NOW)
        for n in range(3)
    ]
    repair = Repair(
        reference="AVW-1",
        state=State.DRAFT,
        officer_id="u-1",
        officer_name="Tomos",
        tree_version="1",
        reported_at=NOW,
        aware_at=NOW,
    )
    lead.write("Offer", adding(*listed, repair))
    lead.sync()
    return Form(net_fleet, System(web), lead, listed, repair.id)


def hold(form: Form, *wishes: Slot, key: str = "key-00000001", latest: date | None = None) -> tuple[int, Any]:
    """Asks for a place."""
    body = {"repair_id": form.repair, "choices": [slot.id for slot in wishes], "snapshot_id": ""}
    body |= {"latest_acceptable": latest.isoformat()} if latest else {}
    return form.web.ask("POST", "holds", body, key)


def test_slots_are_listed_with_what_is_left_and_their_times_in_london(form: Form) -> None:
    status, told = form.web.ask("GET", f"slots?from={FIRST}&days=2&sor=0012345")
    assert status == 200
    assert [slot["slot_id"] for slot in told["slots"]] == [slot.id for slot in form.slots]
    assert told["slots"][0]["start"] == f"{FIRST}T08:00:00+01:00"
    assert told["slots"][0]["capacity_left"] == 1
    assert len(told["snapshot_id"]) == 32


def test_a_place_is_given_once_whoever_asks_and_a_key_is_used_once(form: Form) -> None:
    status, first = hold(form, form.slots[0], form.slots[1])
    assert (status, first["outcome"], first["slot"]["slot_id"]) == (201, "granted", form.slots[0].id)
    assert hold(form, form.slots[0], form.slots[1]) == (201, first)
    form.lead.sync()
    assert form.lead.read(lambda s: [v.id for v in s.scalars(select(Visit))]) == [first["hold_id"]]
    status, second = hold(form, form.slots[0], form.slots[1], key="key-00000002")
    assert (status, second["slot"]["slot_id"]) == (201, form.slots[1].id)
    status, gone = hold(form, form.slots[0], form.slots[1], key="key-00000003")
    assert (status, gone["outcome"]) == (409, "gone")
    assert [slot["slot_id"] for slot in gone["alternatives"]] == [form.slots[2].id]
    form.lead.sync()
    assert (
        form.lead.read(lambda s: len(list(s.scalars(select(Visit))))) == 2
    )  # who is told no leaves no visit
    status, problem = hold(form, form.slots[2], key="key-00000004", latest=FIRST)
    assert (status, problem["error"]) == (422, "past_deadline")


def test_a_hold_is_confirmed_moved_withdrawn_and_read_back(form: Form) -> None:
    _, told = hold(form, form.slots[0])
    visit_id = told["hold_id"]
    assert form.web.ask("POST", f"holds/{visit_id}/confirm")[0] == 409  # the scheduler does not hold it yet
    runner = Runner(form.fleet.books)
    runner._council(form.fleet.tenant)
    assert form.web.ask("POST", f"holds/{visit_id}/confirm")[1]["state"] == "confirmed"
    assert form.web.ask("POST", f"holds/{visit_id}/confirm")[0] == 200
    status, page = form.web.ask("GET", "appointments")
    assert (status, [a["state"] for a in page["appointments"]], page["more"]) == (200, ["confirmed"], False)
    assert form.web.ask("GET", f"appointments?since={page['cursor']}")[1]["appointments"] == []
    form.lead.sync()
    form.lead.write("Move", changing(visit_id, {"slot_id": form.slots[1].id}))
    form.lead.sync()
    _, page = form.web.ask("GET", f"appointments?since={page['cursor']}")
    assert page["appointments"][0]["slot"]["slot_id"] == form.slots[1].id
    assert form.web.ask("PATCH", f"appointments/{visit_id}", {"slot_id": form.slots[2].id})[0] == 200
    assert form.web.ask("DELETE", f"appointments/{visit_id}") == (204, None)
    assert form.web.ask("DELETE", f"appointments/{visit_id}")[0] == 204
    form.lead.sync()
    assert form.lead.get(Visit, visit_id).state is VisitState.WITHDRAWN
    with form.fleet.books.read(form.fleet.tenant) as connection:
        acts = connection.execute(
            select(audit.c.act, audit.c.actor).where(audit.c.tenant == form.fleet.tenant)
        )
        assert [tuple(row) for row in acts if row.act.startswith("appointment")] == [
            ("appointment_held", "u-web"),
            ("appointment_confirmed", "u-web"),
            ("appointment_moved", "u-web"),
            ("appointment_withdrawn", "u-web"),
        ]


def test_a_full_slot_an_unknown_repair_and_another_teams_visit_are_refused(
    form: Form,
) -> None:
    _, told = hold(form, form.slots[0])
    _, other = hold(form, form.slots[1], key="key-00000002")
    status, problem = form.web.ask("PATCH", f"appointments/{told['hold_id']}", {"slot_id": form.slots[1].id})
    assert (status, problem["error"]) == (409, "taken")
    assert (
        form.web.ask("POST", "holds", {"repair_id": "x", "choices": [form.slots[0].id]}, "key-00000009")[0]
        == 404
    )
    assert form.web.ask("POST", "holds", {"repair_id": form.repair, "choices": []}, "key-00000009")[0] == 400
    assert form.web.ask("POST", "holds", {"repair_id": form.repair, "choices": ["a"]})[0] == 400
    assert form.web.ask("GET", "appointments?since=x")[0] == 400
    stranger = System(form.fleet.join("u-9", "Huw", ("officer",), teams=("team-9",)))
    assert stranger.ask("DELETE", f"appointments/{other['hold_id']}")[0] == 404
    assert stranger.ask("GET", "appointments")[1]["appointments"] == []
    assert stranger.ask("POST", f"holds/{other['hold_id']}/confirm")[0] == 403
    auditor = System(form.fleet.join("u-8", "Nia", ("auditor",)))
    assert auditor.ask("GET", "slots")[0] == 403
