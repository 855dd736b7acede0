"""The suspense ageing: bands that add up, each item with its owner, notes and what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import NotFound
from app.income import sample_office
from app.income.office import suspense
from app.income.office.journals import JournalRow, approve, from_suspense, journals
from app.income.office.suspense import Item
from app.income.papers.ageing import next_action
from models.changes import Changed
from tests.app.income.papers.conftest import build, charts, pence, printed, tables, totals_hold, under

NAME = "suspense-ageing"


@pytest.fixture
def found(context: Context, week: str) -> list[Item]:
    """The four items of the sample council, oldest first."""
    return context.read(lambda s: suspense.items(s, None, "open", context.today()))


def test_bands_chart_and_items_hold_the_same_pence(context: Context, found: list[Item]) -> None:
    document = build(context, NAME)
    assert totals_hold(document) == 2
    held = sum(item.held_pence for item in found)
    assert held == sum(one.pence for one in sample_office.SUSPENSE)
    (chart,) = charts(document)
    assert sum(chart.spec.values) == held  # type: ignore[union-attr]
    assert chart.title == "1 item is over 90 days old: £48.00"
    bands = tables(document)[0]
    assert [(row[0], row[1], pence(row[2])) for row in bands.rows] == [
        ("0 to 7 days", "1", 129_99),
        ("8 to 30 days", "1", 86_40),
        ("31 to 90 days", "1", 310_75),
        ("Over 90 days", "1", 48_00),
    ]
    assert f"£{held // 100:,}.{held % 100:02d}" in printed(document)


def test_every_item_stands_there_with_owner_notes_and_next_action(
    context: Context, found: list[Item]
) -> None:
    rows = under(build(context, NAME), "Every item, oldest first").rows
    assert [row[2].split("\n")[0] for row in rows] == ["J. Marlow", "J. Marlow", "A. Rees", "Nobody"]
    assert rows[0][1].endswith("They answered: Corn Street News, no name taken.")
    assert [row[3] for row in rows] == [
        "Chase it now: 9 days overdue.",
        "Chase it on 22 Dec.",
        "A journal holds all of it: approve or refuse it.",
        "Give it to somebody who chases it.",
    ]


def test_the_next_action_follows_from_the_item(context: Context, found: list[Item]) -> None:
    today = context.today()
    mine = replace(found[3], owner_name="A. Rees")
    assert next_action(mine, today) == "Set a day to chase it."
    old = replace(mine, age_days=91, chase_on=today + timedelta(days=3))
    assert next_action(old, today) == "Over 90 days: find its owner or propose to write it off."
    part = replace(mine, waiting_pence=1)
    assert next_action(part, today) == "Set a day to chase it."


def test_what_an_approved_journal_gave_away_is_no_longer_held(
    context: Context, found: list[Item], colleague: Context
) -> None:
    def propose(session: Session) -> Changed:
        row = JournalRow("5", "", 100_75, "Rent")
        return from_suspense(session, [found[1].id], [row], "Found the tenant.")

    context.write("Journal", propose)
    made = next(one for one in context.read(lambda s: journals(s, "proposed")) if one.total_pence == 100_75)
    assert pence(tables(build(context, NAME))[0].rows[2][2]) == 310_75  # it waits, so it is still held
    colleague.write("Approve", lambda s: approve(s, made.id))
    document = build(context, NAME)
    assert pence(tables(document)[0].rows[2][2]) == 210_00
    assert totals_hold(document) == 2


def test_one_account_can_be_chosen_and_a_wrong_one_is_one_sentence(
    context: Context, found: list[Item]
) -> None:
    document = build(context, NAME, account=found[0].account_id)
    assert document.title == "Suspense ageing: Collection account"
    with pytest.raises(NotFound, match="bank account is not here"):
        build(context, NAME, account="0197d000-0000-7000-8000-000000000009")


def test_nothing_in_suspense_is_a_page_that_says_so(context: Context) -> None:
    assert "Nothing is in suspense" in printed(build(context, NAME))
