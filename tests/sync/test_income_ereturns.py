"""eReturns on several laptops without a network: numbers that never meet, receipts that come once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.income import service
from app.income.office import ereturns
from app.income.office.ereturns import LineRow
from models.income import EReturn, Receipt
from tests.app.income.conftest import ACCOUNT
from tests.sync.kit import Fleet, Laptop

ROLES = ("officer", "lead", "finance")
DAY = date(2026, 12, 9)


def an_account(laptop: Laptop) -> str:
    made = laptop.write("Account", lambda s: service.add_account(s, "General account", ACCOUNT))
    return made[0]


def pay_in(laptop: Laptop, account_id: str, slip: str) -> str:
    """A cash eReturn of £15.00 on two lines, submitted."""

    def make(session: Session) -> str:
        record_id, _ = ereturns.begin(session, account_id, "cash", "Library", DAY)
        ereturns.set_cash(session, record_id, {5_00: 15_00}, slip)
        lines = [LineRow("5M", "", "Fines", "", 5_00), LineRow("13", "", "Copies", "", 10_00)]
        ereturns.set_lines(session, record_id, lines)
        return record_id

    made = laptop.write("Count", make)
    laptop.write("Submit", lambda s: ereturns.submit(s, made))
    return made


def receipts(laptop: Laptop) -> list[tuple[str, int]]:
    wanted = select(Receipt.ledger_id, Receipt.amount_pence).where(Receipt.deleted.is_(False))
    return laptop.read(lambda s: sorted(tuple(row) for row in s.execute(wanted)))


def test_two_colleagues_who_authorise_the_same_bag_offline_post_it_once(fleet: Fleet) -> None:
    site = fleet.join("u-1", "Tomos Aldgate", ROLES)
    first, second = fleet.join("u-2", "Priya Senn", ROLES), fleet.join("u-3", "J. Marlow", ROLES)
    bag = pay_in(site, an_account(site), "0094")
    fleet.settle()
    for laptop in (first, second):
        laptop.write("Authorise", lambda s: ereturns.authorise(s, bag))
    fleet.settle()
    assert [pence for _, pence in receipts(site)] == [5_00, 10_00]
    assert receipts(site) == receipts(first) == receipts(second)
    states = {laptop.read(lambda s: s.get_one(EReturn, bag).state) for laptop in (site, first, second)}
    assert states == {"authorised"}


def test_two_sites_that_begin_offline_have_numbers_of_their_own(fleet: Fleet) -> None:
    first, second = fleet.join("u-1", "Tomos Aldgate", ROLES), fleet.join("u-2", "Priya Senn", ROLES)
    account_id = an_account(first)
    fleet.settle()
    made = [pay_in(first, account_id, "0094"), pay_in(second, account_id, "0095")]
    fleet.settle()
    seen = first.read(lambda s: {one.id: one.number for one in ereturns.ereturns(s, "submitted")})
    assert set(seen) == set(made)
    assert len(set(seen.values())) == 2


def test_an_ereturn_sent_back_while_a_colleague_authorised_it_is_one_of_the_two(fleet: Fleet) -> None:
    site = fleet.join("u-1", "Tomos Aldgate", ROLES)
    first, second = fleet.join("u-2", "Priya Senn", ROLES), fleet.join("u-3", "J. Marlow", ROLES)
    bag = pay_in(site, an_account(site), "0094")
    fleet.settle()
    first.write("Back", lambda s: ereturns.send_back(s, bag, "The seal is broken."))
    second.write("Authorise", lambda s: ereturns.authorise(s, bag))
    first.sync()  # the first to reach the server is the one that counts
    assert second.sync().rejected >= 1
    fleet.settle()
    assert site.read(lambda s: s.get_one(EReturn, bag).state) == "in_progress"
    assert receipts(site) == receipts(first) == []
