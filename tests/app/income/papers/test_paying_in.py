"""The paying-in summary: by site, day and method, and the cash by denomination, to the penny."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError
from app.income.office import ereturns
from app.income.office.ereturns import ChequeRow, LineRow
from app.income.papers import common
from app.report import PENCE
from tests.app.income.papers.conftest import build, charts, pence, printed, totals_hold, under

NAME = "paying-in-summary"


@pytest.fixture
def two_sites(context: Context, colleague: Context, account_id: str) -> dict[str, str]:
    """Cash of two days at one site and cheques at another, one of the bags authorised."""

    def make(session: Session) -> dict[str, str]:
        made = {}
        for slip, day, cash in (("A1", 8, {20_00: 60_00, 1_00: 25_00}), ("A2", 9, {1_00: 15_00, 50: 50})):
            made[slip], _ = ereturns.begin(session, account_id, "cash", "Hadley Street", date(2026, 12, day))
            ereturns.set_cash(session, made[slip], cash, slip)
            ereturns.set_lines(session, made[slip], [LineRow("13", "", "Till", "", sum(cash.values()))])
        made["Q"], _ = ereturns.begin(session, account_id, "cheque", "Post room", date(2026, 12, 9))
        ereturns.set_cheques(session, made["Q"], [ChequeRow("A", 70_00), ChequeRow("B", 5)], "000319")
        ereturns.set_lines(session, made["Q"], [LineRow("13", "", "Post", "", 70_05)])
        for one in made.values():
            ereturns.submit(session, one)
        return made

    made = context.write("Begin", make)
    colleague.write("Authorise", lambda s: ereturns.authorise(s, made["A1"]))
    return made


def test_sites_days_and_methods_add_up_to_the_same(context: Context, two_sites: dict[str, str]) -> None:
    document = build(context, NAME)
    assert totals_hold(document) == 4
    assert under(document, "By site").rows == [
        ("Hadley Street", "2", "100.50", "0.00", "100.50"),
        ("Post room", "1", "0.00", "70.05", "70.05"),
    ]
    assert under(document, "By day").rows == [
        ("Tuesday 8 December", "1", "85.00", "0.00", "85.00"),
        ("Wednesday 9 December", "2", "15.50", "70.05", "85.55"),
    ]
    (chart,) = charts(document)
    assert (list(chart.spec.values), chart.spec.unit) == ([85_00, 85_55], PENCE)  # type: ignore[union-attr]
    assert chart.title == "Wednesday 9 December brought the most: £85.55"
    text = printed(document)
    for words in ("£170.55", "100.50", "A1", "not authorised yet", "by 2 sites"):
        assert words in text


def test_cash_is_told_by_denomination_with_bags_and_weight(
    context: Context, two_sites: dict[str, str]
) -> None:
    table = under(build(context, NAME), "Cash by denomination")
    assert table.rows == [
        ("£20 notes", "3", "", "", "60.00"),
        ("£1 coins", "40", "2 full bags", "350 g", "40.00"),
        ("50p coins", "1", "1 loose", "8 g", "0.50"),
    ]
    assert table.total == ("All cash", "", "", "358 g", "£100.50")


def test_a_span_a_site_and_what_is_still_in_progress(context: Context, two_sites: dict[str, str]) -> None:
    one_day = build(context, NAME, **{"from": "2026-12-08", "to": "2026-12-08"})
    assert [row[-1] for row in under(one_day, "Every bag and slip").rows] == ["85.00"]
    assert charts(one_day) == []
    site = build(context, NAME, site="Post room")
    assert [row[1] for row in under(site, "Every bag and slip").rows] == ["Post room, cheque"]
    context.write(
        "B", lambda s: ereturns.begin(s, context_account(s), "cash", "Tannery Row", date(2026, 12, 10))
    )
    context.write("C", lambda s: count_cash(s, "Tannery Row"))
    document = build(context, NAME)
    (row,) = under(document, "Not submitted yet").rows
    assert under(document, "By site").total == ("All", "3", "100.50", "70.05", "£170.55")  # without it
    assert row[1] == "Tannery Row, cash"
    assert pence(row[-1]) == 5_00
    assert "no line that says what the money was taken for" in row[2]


def count_cash(session: Session, site: str) -> None:
    made = next(one for one in ereturns.ereturns(session) if one.site == site)
    ereturns.set_cash(session, made.id, {5_00: 5_00}, "0095")


def context_account(session: Session) -> str:
    from models.income import Account

    return session.query(Account).one().id


def test_more_bags_than_are_printed_are_counted(
    context: Context, two_sites: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "MOST_ROWS", 2)
    document = build(context, NAME)
    assert "The first 2 of 3 eReturns are printed here" in printed(document)
    assert under(document, "Every bag and slip").total is None
    assert totals_hold(document) == 3


def test_the_sample_shows_the_bag_that_is_on_its_way(context: Context, week: str) -> None:
    text = printed(build(context, NAME))
    assert "Hadley Street, cash" in text
    assert "0092" in text
    assert "The cheques come to £84.00 more than the lines." in text
    assert totals_hold(build(context, NAME)) == 4


def test_no_money_in_a_span_is_a_page_that_helps_and_no_span_is_one_sentence(context: Context) -> None:
    assert "No eReturn was submitted" in printed(build(context, NAME))
    with pytest.raises(HoldallError, match="is no span that can be printed"):
        build(context, NAME, **{"from": "2026-12-08", "to": "2026-12-01"})
    with pytest.raises(HoldallError, match="“soon” is not a day for “from”"):
        build(context, NAME, **{"from": "soon"})
