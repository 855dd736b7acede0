"""What an officer does with a statement: accept, reject, split, suspense, note, take apart, prepare, close.

The face of the acts on the reconcile page; they live in app.income.office and in the importing modules. Every
function takes a write session and returns Changed; none commits. The author and the moment are the session's.
"""

from __future__ import annotations

from app.income.importing import add_account, find_account, import_statements
from app.income.importing_book import import_ledger
from app.income.importing_payouts import import_settlements
from app.income.office.matches import (
    accept,
    accept_ready,
    confirm,
    match_by_hand,
    reject,
    reverse,
    to_suspense,
)
from app.income.office.periods import close, prepare, reopen, review
from app.income.office.statements import add_note, take_unproved
from app.income.office.words import LONGEST_NOTE
from app.income.reversing import reverse_import

__all__ = [
    "LONGEST_NOTE",
    "accept",
    "accept_ready",
    "add_account",
    "add_note",
    "close",
    "confirm",
    "find_account",
    "import_ledger",
    "import_settlements",
    "import_statements",
    "match_by_hand",
    "prepare",
    "reject",
    "reopen",
    "reverse",
    "reverse_import",
    "review",
    "take_unproved",
    "to_suspense",
]
