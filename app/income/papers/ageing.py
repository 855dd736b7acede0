"""The suspense ageing on paper: how old the money is, who chases each item, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.context import Context
from app.errors import NotFound
from app.income.office.suspense import BANDS, Band, Item, ageing, items
from app.income.papers.common import AMOUNT, listing, paper, short_day, stamp
from app.report import (
    PENCE,
    BarChart,
    Block,
    Chart,
    Column,
    Document,
    Heading,
    KeyFigure,
    KeyFigures,
    Note,
    Table,
    Text,
)
from app.wording import day, money, plural, pounds
from models.income import Account

OLD = BANDS[2][0] or 90  # days; older money is in the last band


def suspense_ageing(context: Context, options: dict[str, str]) -> Document:
    """Build the suspense ageing of all accounts, or of one: option `account` is an id.

    Raises NotFound for an account that is not here.
    """
    today = context.today()
    account_id = options.get("account") or None
    name, found = context.read(lambda session: _read(session, account_id, today))
    names = {item.account_name for item in found}
    where = f" All of it is on the {names.pop()}." if not name and len(names) == 1 else ""
    return paper(
        context,
        f"Suspense ageing{': ' + name if name else ''}",
        f"Money in the book whose owner is not known, as stored on {stamp(context.now())}.{where}",
        f"SA-{today.isoformat()}",
        _blocks(found, today),
    )


def next_action(item: Item, today: date) -> str:
    """Return what to do next about an item, in one sentence; the most pressing thing first."""
    if item.waiting_pence and not item.remaining_pence:
        return "A journal holds all of it: approve or refuse it."
    if not item.owner_name:
        return "Give it to somebody who chases it."
    if item.overdue and item.chase_on is not None:
        late = plural((today - item.chase_on).days, "day")
        return f"Chase it now: {late} overdue."
    if item.age_days > OLD:
        return "Over 90 days: find its owner or propose to write it off."
    if item.chase_on is None:
        return "Set a day to chase it."
    return f"Chase it on {day(item.chase_on)}."


def _read(session: Session, account_id: str | None, today: date) -> tuple[str, list[Item]]:
    account = session.get(Account, account_id) if account_id else None
    if account_id and (account is None or account.deleted):
        raise NotFound("This bank account is not here.", "Leave out the account, or choose another one.")
    return account.name if account is not None else "", items(session, account_id, "open", today)


def _blocks(found: Sequence[Item], today: date) -> list[Block]:
    if not found:
        return [
            Text("Nothing is in suspense: every receipt has its fund."),
            Note("How it comes here.", "A bank line put to suspense, or a posting that came without a fund."),
        ]
    bands, several = ageing(found), len({item.account_id for item in found}) > 1
    rows = [_row(item, today, several) for item in found]
    return [
        _figures(found),
        Chart(
            BarChart(
                [_capital(band.name) for band in bands],
                [band.pence for band in bands],
                current=_worst(bands),
                unit=PENCE,
            ),
            title=_finding(bands),
            note="What is still in suspense, by the age of the money. The table gives the same figures.",
        ),
        _bands(bands),
        Heading("Every item, oldest first"),
        *_items(found, rows),
        Note(
            "How to read this.",
            "Ages count from the day of the money. “Held” is what is still in suspense, and includes what "
            "journals that wait for approval would take. An item leaves this list when an approved journal "
            "gave all of it to its owner, or when its match was taken apart.",
        ),
    ]


def _figures(found: Sequence[Item]) -> KeyFigures:
    overdue, nobody = sum(item.overdue for item in found), sum(not item.owner_name for item in found)
    held, waiting = sum(item.held_pence for item in found), sum(item.waiting_pence for item in found)
    oldest = max(item.age_days for item in found)
    return KeyFigures(
        (
            KeyFigure(money(held), "in suspense", plural(len(found), "item")),
            KeyFigure(f"{overdue:,}", "to chase now", f"{nobody:,} without anybody" if nobody else ""),
            KeyFigure(f"{oldest:,}", "days, the oldest", f"since {short_day(found[0].held_on)}"),
            KeyFigure(money(waiting), "in journals", "that wait for approval"),
        )
    )


def _worst(bands: Sequence[Band]) -> int:
    """Return the place of the oldest band that holds anything."""
    return max(place for place, band in enumerate(bands) if band.count)


def _finding(bands: Sequence[Band]) -> str:
    oldest = bands[_worst(bands)]
    verb = "is" if oldest.count == 1 else "are"
    if _worst(bands) == 0:
        return "Nothing is older than 7 days"
    return f"{plural(oldest.count, 'item')} {verb} {oldest.name} old: {money(oldest.pence)}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _bands(bands: Sequence[Band]) -> Table:
    return Table(
        (Column("Age", width=2.4), Column("Items", figures=True), Column("Held", figures=True)),
        [(_capital(band.name), f"{band.count:,}", pounds(band.pence)) for band in bands],
        total=(
            "All",
            f"{sum(band.count for band in bands):,}",
            money(sum(band.pence for band in bands)),
        ),
    )


def _row(item: Item, today: date, several: bool) -> tuple[str, ...]:
    owner = item.owner_name or "Nobody"
    chase = f"\n{'was due' if item.overdue else 'chase'} {day(item.chase_on)}" if item.chase_on else ""
    return (
        f"{short_day(item.held_on)}\n{plural(item.age_days, 'day')}",
        "\n".join([_what(item, several), *item.notes]),
        f"{owner}{chase}",
        next_action(item, today),
        pounds(item.held_pence),
    )


def _what(item: Item, several: bool) -> str:
    """Return the words of an item with its reference, and its account where there are several."""
    reference = f", {item.reference}" if item.reference and item.reference not in item.narrative else ""
    return f"{item.narrative}{reference}{f' ({item.account_name})' if several else ''}"


def _items(found: Sequence[Item], rows: Sequence[Sequence[str]]) -> list[Block]:
    return listing(
        (
            Column("Since", width=1.0),
            Column("What, and what was tried", width=2.9),
            Column("Who chases it", width=1.1),
            Column("Next", width=1.4),
            Column("Held", figures=True, width=AMOUNT.width),
        ),
        rows,
        money(sum(item.held_pence for item in found)),
        "Nothing is in suspense.",
        "items",
    )
