"""A statement of four lines and a book of four receipts, and a colleague who may approve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from app.context import Context
from models.changes import Author
from tests.app.income.conftest import mt940

T = TypeVar("T")
Act = Callable[[Callable[[Session], T]], T]
LINES = [
    ("1208", "C162,00", "BACS 77 0412265"),
    ("1208", "C900,00", "COUNTER CREDIT 000318"),
    ("1209", "C75,00", "FPI NO REFERENCE"),
    ("1210", "D38,20", "BANK CHARGES"),
]
ROWS = (
    "1,08/12/2026,162.00,,23,28,Council tax 77 0412265\n"
    "2,07/12/2026,400.00,000318,23,24,Cheque\n"
    "3,07/12/2026,500.00,000318,23,24,Cheque\n"
    "4,10/12/2026,60.00,0092,13,1,Cash bag\n"
)
CLOSING = "1198,80"


class Ticking:
    """A clock that goes a second on with every look, so that acts have an order."""

    def __init__(self, context: Context) -> None:
        self.now = context.clock()

    def __call__(self) -> object:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(autouse=True)
def _ticking(context: Context) -> None:
    """Every act has a moment of its own."""
    context.clock = Ticking(context)  # type: ignore[assignment]


@pytest.fixture
def statement_id(bring: Callable[..., str]) -> str:
    """A proved statement with its book."""
    return bring(mt940(LINES, closing=CLOSING), ROWS)


@pytest.fixture
def mine(context: Context) -> Act[object]:
    """An act of the first officer."""
    return lambda work: context.write("Act", work)


@pytest.fixture
def hers(context: Context, second_officer: Author) -> Act[object]:
    """An act of the colleague on the same store."""

    def act(work: Callable[[Session], object]) -> object:
        with context.store.write(second_officer, "Act", context.now()) as session:
            return work(session)

    return act
