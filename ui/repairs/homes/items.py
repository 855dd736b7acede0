"""Homes and what was reported there as rows: the paged list, and the past of one home in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.repairs.homes import find
from app.repairs.homes.contacts import KIND_WORDS, REASON_WORDS, ContactView
from app.repairs.homes.find import Home
from app.repairs.homes.past import HomePast, PastRepair
from app.wording import date_year, day_month, local_date, plural, when
from models.repairs import Kind
from ui.repairs.items import STATE_WORDS
from ui.shell import Shell
from ui.widgets import Column, Item, Row

COLUMNS = (
    Column("Address", 200, stretch=True),
    Column("Postcode", 84),
    Column("Name", 150, muted=True, optional=True),
)
TENURE_CHIPS = {Kind.TENANT: "", Kind.LEASEHOLD: "leasehold", Kind.COMMUNAL: "shared"}


class HomesQuery:
    """The homes that hold every word typed, page by page."""

    def __init__(self, shell: Shell, typed: str) -> None:
        self._shell, self._typed = shell, typed

    def count(self) -> int:
        """How many homes in all."""
        return self._shell.read(lambda session: find.count(session, self._typed))

    def page(self, after: Any | None, limit: int) -> Sequence[tuple[Any, Row]]:
        """The homes behind a key, in the order of postcode and house number."""
        found = self._shell.read(lambda session: find.page(session, self._typed, after, limit))
        return [(key, home_row(home)) for key, home in found]

    def keys(self, step: int) -> Sequence[Any]:
        """The key of the last row of each full page."""
        return self._shell.read(lambda session: find.keys(session, self._typed, step))


def home_row(home: Home) -> Row:
    """A home as a row; one where no repairs are done is muted and says so."""
    chip = "no repairs" if home.stopped else TENURE_CHIPS[home.tenure]
    return Row(
        home.id,
        (home.address, home.postcode, home.tenant),
        tone="muted" if home.stopped else None,
        chip=chip,
    )


def past_groups(past: HomePast, chases: Mapping[str, int], today: date) -> list[tuple[str, list[Item]]]:
    """What was reported at a home, in its stack and in its block, in the last twelve months."""
    named = (
        ("Reported here", past.here, False),
        ("In the flats above and below", past.stack, True),
        ("Elsewhere in the block", past.block, True),
    )
    return [
        (name, [past_item(p, chases.get(p.id, 0), today, where) for p in repairs])
        for name, repairs, where in named
        if repairs
    ]


def past_item(p: PastRepair, chases: int, today: date, where: bool) -> Item:
    """An earlier repair: how it stands, and how often somebody chased it."""
    state = STATE_WORDS[p.state]
    if p.completed_at is not None:
        state = f"{state} {day_month(local_date(p.completed_at))}"
    elif p.open and p.target_at is not None:
        state = f"{state}, due {day_month(local_date(p.target_at))}"
    words = [p.address.split(",")[0]] if where else []
    words += [f"Reported {when(p.reported_at, today)}", state]
    if chases:
        words.append(f"chased {'once' if chases == 1 else f'{chases} times'}")
    return Item(p.id, p.title, ". ".join(words), "warn" if chases else "muted", None, p.reference)


def contact_words(contact: ContactView, today: date) -> tuple[str, str]:
    """A contact as heading and sentence: "Chase, yesterday at 10:00, Priya Senn"."""
    kind = KIND_WORDS[contact.kind]
    if contact.reason is not None:
        reason = REASON_WORDS[contact.reason]
        kind = f"{kind}: {reason[:1].lower()}{reason[1:]}"
    return f"{kind}, {when(contact.at, today)}, {contact.by}", contact.words


def until_words(day: date | None) -> str:
    """Until when something holds."""
    return f"until {date_year(day)}" if day is not None else "until somebody ends it"


def found_words(count: int, typed: str) -> str:
    """What the foot of the list says."""
    if typed.strip():
        return f"{plural(count, 'home')} with “{typed.strip()[:30]}”" if count else "No home has these words"
    return plural(count, "home")
