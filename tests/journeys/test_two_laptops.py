"""A day of two officers: both match the same bank line offline, the line is cut in mid-push, all agree at the
end. Real encrypted stores, a real server process, a spoilt line between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.income import Account, BankLine, Match, MatchKind, MatchState, Period, PeriodState
from models.store import Store
from sync import desk
from sync.errors import Offline
from sync.server.store import ServerStore
from tests.sync.kit import KEY, Fleet, Laptop, RealServer
from tests.sync.proxy import Fault, FaultProxy


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    template = tmp_path / "template.db"
    Store.create(template, KEY).close()
    server = RealServer(str(tmp_path / "server.db")).start()
    books = ServerStore.open(server.db)
    made = Fleet(tmp_path, books, template, server)
    yield made
    made.close()
    books.close()
    server.stop()


def test_two_officers_match_the_same_bank_line_and_the_copies_agree(fleet: Fleet) -> None:
    tomos = fleet.join("u-1", "Tomos Aldgate", ("officer", "finance"))
    priya = fleet.join("u-2", "Priya Senn", ("officer", "lead", "finance"))
    account = Account(name="General", key="000000 12345678")
    period = Period(account_id=account.id, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 31))
    line = _line(account.id, 120_00)
    tomos.write("Import", lambda s: s.add_all([account, period, line]))
    fleet.settle()

    mine = _match(tomos, account.id, period.id, line.id, 120_00)
    theirs = _match(priya, account.id, period.id, line.id, 50_00)
    tomos.write("Accept", lambda s: s.add(mine))
    priya.write("Accept", lambda s: s.add(theirs))
    tomos.write("Note", _set(Account, account.id, name="General Fund"))
    priya.write("Threshold", _set(Account, account.id, second_officer_above=250_00))

    proxy = FaultProxy(fleet.server.port if fleet.server is not None else 0)
    tomos.through(proxy.address)
    proxy.spoil(Fault(cut_request=500))
    with pytest.raises(Offline):
        tomos.sync()
    proxy.spoil(Fault(swallow_answer=True))
    with pytest.raises(Offline):
        tomos.sync()
    proxy.spoil(Fault())
    report = tomos.sync()
    assert (report.accepted, report.rejected) == (2, 0)
    report = priya.sync()
    assert (report.accepted, report.rejected) == (1, 1)
    (refusal,) = priya.read(desk.refusals)
    assert refusal.sentence.title == "A colleague was there first: nothing is left of this bank line."
    priya.write("Let go", lambda s: desk.dismiss_rejected(s, refusal.op_id))

    tomos.write("Prepare", _set(Period, period.id, state=PeriodState.PREPARED, prepared_by="u-1"))
    fleet.settle()
    priya.write("Review", _set(Period, period.id, state=PeriodState.REVIEWED, reviewed_by="u-2"))
    priya.write("Close", _set(Period, period.id, state=PeriodState.CLOSED))
    tomos.write("Reverse, too late", _set(Match, mine.id, state=MatchState.REVERSED))
    priya.sync()
    assert tomos.sync().rejected == 1
    assert tomos.read(desk.refusals)[0].code == "frozen"
    fleet.settle()

    views = [laptop.read(_view) for laptop in fleet.laptops]
    assert views[0] == views[1]
    assert views[0]["matches"] == [(mine.id, "accepted", 120_00)]
    assert views[0]["accounts"] == [("General Fund", 250_00)]
    assert views[0]["periods"] == ["closed"]
    proxy.close()


def _line(account_id: str, pence: int) -> BankLine:
    return BankLine(
        account_id=account_id,
        statement_id="",
        line_no=1,
        booked_on=date(2026, 12, 3),
        amount_pence=pence,
        mark="C",
        type_code="NTRF",
        customer_reference="CT4000001",
        bank_reference="",
        words="Council tax",
        fingerprint="f",
        occurrence=1,
    )


def _match(laptop: Laptop, account_id: str, period_id: str, line_id: str, pence: int) -> Match:
    return Match(
        account_id=account_id,
        statement_id="",
        period_id=period_id,
        bank_line_id=line_id,
        kind=MatchKind.SUSPENSE,
        amount_pence=pence,
        stage="suspense",
        evidence=[],
        matched_by=laptop.author.user_id,
        matched_by_name=laptop.author.name,
    )


def _set(model: type[Any], record_id: str, **values: Any) -> Any:
    def work(session: Session) -> None:
        record = session.get_one(model, record_id)
        for name, value in values.items():
            setattr(record, name, value)

    return work


def _view(session: Session) -> dict[str, Any]:
    """What an officer sees of it all."""
    return {
        "matches": [(m.id, str(m.state), m.amount_pence) for m in session.scalars(select(Match))],
        "accounts": [(a.name, a.second_officer_above) for a in session.scalars(select(Account))],
        "periods": [str(p.state) for p in session.scalars(select(Period))],
    }
