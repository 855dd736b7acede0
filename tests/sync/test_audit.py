"""The audit of a council: what is noted, that its chain shows every tampering, who may read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from sqlalchemy import delete, select, update

from models.ids import new_id
from sync import desk
from sync.client import HttpTransport
from sync.server import audit
from sync.server.store import ServerStore, ensure_tenant
from sync.server.tables import audit as lines
from sync.server.tables import tenant as councils
from sync.server.throttle import Quiet
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import setting, shared_thing
from tests.things import Thing

NOW = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)


@pytest.fixture
def council(books: ServerStore) -> Iterator[str]:
    tenant = f"c-{new_id()[-12:]}"
    with books.write() as connection:
        ensure_tenant(connection, tenant, "Averwick Borough Council", "01632 960 100", NOW)
        for n in range(5):
            assert audit.note(connection, tenant, "tried", "u-1", "d-1", {"count": n}, NOW) == n + 1
    return tenant


def acts(fleet: Fleet) -> list[tuple[str, str, dict[str, Any]]]:
    with fleet.books.read(fleet.tenant) as connection:
        page = audit.page(connection, fleet.tenant, 0)
        assert audit.verify_chain(connection, fleet.tenant) is None
    assert [line.n for line in page.lines] == list(range(1, page.head + 1))
    return [(line.act, line.actor, line.detail) for line in page.lines]


def test_lines_are_numbered_without_gaps_and_sealed(books: ServerStore, council: str) -> None:
    with books.read(council) as connection:
        assert audit.verify_chain(connection, council) is None
        page = audit.page(connection, council, 2, 2)
    assert ([line.n for line in page.lines], page.head) == ([3, 4], 5)
    assert page.lines[0].detail == {"count": 2}


def test_a_line_of_a_transaction_that_fails_takes_no_number(books: ServerStore, council: str) -> None:
    with pytest.raises(ZeroDivisionError), books.write(council) as connection:
        assert audit.note(connection, council, "tried", "u-1", "d-1", {}, NOW) == 6
        raise ZeroDivisionError
    with books.write(council) as connection:
        assert audit.note(connection, council, "tried", "u-1", "d-1", {}, NOW) == 6
        assert audit.verify_chain(connection, council) is None


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (update(lines).where(lines.c.n == 3).values(data='{"n":3}'), 3),
        (update(lines).where(lines.c.n == 2).values(actor="u-2"), 2),
        (delete(lines).where(lines.c.n == 4), 4),
        (delete(lines).where(lines.c.n == 5), 5),
        (update(lines).where(lines.c.n == 1).values(chain="00" * 32), 1),
    ],
)
def test_a_line_changed_taken_out_or_cut_off_is_found(
    books: ServerStore, council: str, tamper: Any, found: int
) -> None:
    with books.write(council) as connection:
        connection.execute(tamper.where(lines.c.tenant == council))
        if found == 3:  # even with words that read well
            row = connection.execute(
                select(lines.c.data).where(lines.c.tenant == council, lines.c.n == 2)
            ).one()
            changed = row.data.replace('"n":2', '"n":3')
            connection.execute(
                update(lines).where(lines.c.tenant == council, lines.c.n == 3).values(data=changed)
            )
        assert audit.verify_chain(connection, council) == found


def test_an_audit_emptied_with_its_lines_is_found(books: ServerStore, council: str) -> None:
    with books.write(council) as connection:
        connection.execute(delete(lines).where(lines.c.tenant == council))
        assert audit.verify_chain(connection, council) == 1
        connection.execute(update(councils).where(councils.c.tenant == council).values(audit_n=0))
        assert audit.verify_chain(connection, council) == 1  # its chain value is left


def test_joining_codes_and_closing_out_are_noted(net_fleet: Fleet) -> None:
    boss = net_fleet.join("u-1", "Tomos Aldgate", roles=("officer", "admin"))
    other = net_fleet.join("u-2", "Ann Field")
    answer = request(
        boss, "POST", "/v1/admin/codes", user="u-3", name="Ben", roles=["lead"], teams=["team-1"]
    )
    assert answer.status_code == 200
    assert request(boss, "POST", "/v1/admin/revoke", device=other.account.device).status_code == 200
    assert request(boss, "POST", "/v1/admin/revoke", device=new_id()).status_code == 200  # there is none
    assert request(other, "GET", "/v1/admin/audit").status_code == 401
    noted = acts(net_fleet)
    assert noted[0] == ("enrolled", "u-1", {"roles": ["admin", "officer"], "shared": False})
    assert [act for act, _, _ in noted] == ["enrolled", "enrolled", "code_made", "revoked"]
    assert noted[2][2] == {"user": "u-3", "roles": ["lead"], "teams": ["team-1"], "shared": False}
    assert noted[3] == ("revoked", "u-1", {"device": other.account.device})
    assert "Ben" not in json.dumps(noted)
    told = request(boss, "GET", "/v1/admin/audit?after=2&limit=1").json()
    assert ([line["act"] for line in told["lines"]], told["head"]) == (["code_made"], 4)


def test_only_auditors_and_administrators_read_the_audit(net_fleet: Fleet) -> None:
    officer = net_fleet.join("u-1", "Tomos Aldgate")
    assert request(officer, "GET", "/v1/admin/audit").status_code == 403
    net_fleet.hire("u-1", "Tomos Aldgate", ("auditor",))
    assert request(officer, "GET", "/v1/admin/audit").status_code == 200
    assert request(officer, "GET", "/v1/admin/devices").status_code == 403
    assert request(officer, "GET", "/v1/admin/audit?after=-1").status_code == 400


def test_a_refresh_token_that_comes_back_is_noted(net_fleet: Fleet) -> None:
    laptop = net_fleet.join("u-1", "Tomos Aldgate")
    assert isinstance(laptop.transport, HttpTransport)
    kept = laptop.account.refresh
    for _ in range(2):  # a token dies when one issued after it has been used
        laptop.account.access_until = 0
        laptop.sync()
    laptop.account.refresh, laptop.account.access_until = kept, 0
    with pytest.raises(Exception, match="join"):
        laptop.sync()
    assert acts(net_fleet)[-1] == ("token_reused", "u-1", {"why": "signed_out"})


def test_failed_doors_are_written_down_a_few_times_and_then_counted() -> None:
    quiet = Quiet("2/hour")
    assert [quiet.let("council") for _ in range(4)] == [0, 0, None, None]
    assert quiet.let("another") == 0
    quiet = Quiet("1/second")
    assert quiet.let("council") == 0
    assert quiet.let("council") is None
    quiet._throttle = type(quiet._throttle)("1/hour")  # the window has passed
    assert quiet.let("council") == 1


def test_a_push_notes_settled_conflicts_and_what_was_forbidden_once_each(fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(fleet, address="1 Mill Lane")
    first.write("First", setting(thing_id, address="2 Mill Lane"))
    second.write("Second", setting(thing_id, address="3 Mill Lane"))
    fleet.settle()
    (clash,) = first.read(desk.conflicts)
    first.write("Settle", lambda s: desk.resolve_conflict(s, clash.conflict_id, "take"))
    fleet.settle()
    ((_, settler, detail),) = acts(fleet)
    assert (settler, detail["count"], len(detail["ops"])) == ("u-1", 1, 1)
    fleet.hire("u-1", "Tomos Aldgate", teams=("team-2",))
    first.write("Retitle", setting(thing_id, address="4 Mill Lane"))
    first.write("Add", lambda s: s.add(Thing(title="New")))
    first.engine.sync_once()
    act, who, detail = acts(fleet)[-1]
    assert (act, who, detail["count"], len(acts(fleet))) == ("forbidden_refused", "u-1", 2, 2)
    assert "Mill" not in json.dumps(acts(fleet))


def request(laptop: Laptop, method: str, path: str, **body: Any) -> Any:
    """A bare request as this laptop."""
    data = json.dumps(body).encode() if body else b""
    at = int(datetime.now(UTC).timestamp() * 1000)
    headers = laptop.account.signed_headers(method, path, data, at)
    return requests.request(method, laptop.account.server + path, data=data, headers=headers, timeout=10)
