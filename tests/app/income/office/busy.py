"""A busy office: acts in any order, of two officers, for tests of what holds whatever is done."""

from __future__ import annotations

import random

from sqlalchemy import select

from app.context import Context
from app.errors import HoldallError
from app.income import service
from app.income.board import board
from app.income.office import journals, periods, refunds, suspense
from app.income.office.journals import JournalRow
from models.income import Match, Receipt
from tests.app.income.conftest import ledger
from tests.app.income.office.conftest import Act
from tests.app.income.office.test_suspense import listed

ACTS = ["accept", "reject", "suspense", "split", "reverse", "confirm", "journal", "approve", "refuse"]
ACTS += ["undo journal", "write off", "note", "assign", "import", "undo", "prepare", "transfer", "refund"]


def do(context: Context, statement_id: str, name: str, source: random.Random, mine: Act, hers: Act) -> bool:
    """Do one act of a busy office and say whether it was done; what cannot be done just now is left."""
    seen = context.read(lambda s: board(s, statement_id))
    held = listed(context)
    matches = context.read(
        lambda s: list(s.scalars(select(Match.id).where(Match.state.in_(("accepted", "confirmed")))))
    )
    waiting = context.read(lambda s: journals.journals(s, "proposed"))
    line = source.choice(seen.lines) if seen.lines else None
    item = source.choice(held) if held else None
    account_id = seen.head.account_id
    pence = source.randrange(1, 30_00) * (-1 if item and item.amount_pence < 0 else 1)
    row = JournalRow("23", "", pence, "x")
    number = source.randrange(10**6)
    postings = context.read(lambda s: list(s.scalars(select(Receipt.id).order_by(Receipt.id))))
    try:
        if name in {"accept", "reject"} and seen.proposals:
            work = service.accept if name == "accept" else service.reject
            mine(lambda s: work(s, statement_id, source.choice(seen.proposals)))
        elif name == "suspense" and line:
            mine(lambda s: service.to_suspense(s, statement_id, line.id, "note"))
        elif name == "split" and line and seen.receipts:
            chosen = source.choice(seen.receipts).id
            mine(lambda s: service.match_by_hand(s, statement_id, line.id, [chosen]))
        elif name == "reverse" and matches:
            mine(lambda s: service.reverse(s, source.choice(matches), "reason"))
        elif name == "confirm" and matches:
            hers(lambda s: service.confirm(s, source.choice(matches)))
        elif name == "journal" and item:
            mine(lambda s: journals.from_suspense(s, [item.id], [row], "reason"))
        elif name == "write off" and item:
            mine(lambda s: journals.write_off(s, [item.id], "13", "reason"))
        elif name == "approve" and waiting:
            hers(lambda s: journals.approve(s, waiting[0].id))
        elif name == "refuse" and waiting:
            hers(lambda s: journals.refuse(s, waiting[0].id, "no"))
        elif name == "undo journal":
            posted = context.read(lambda s: journals.journals(s, "approved"))
            mine(lambda s: journals.undo(s, posted[0].id, "no") if posted else None)
        elif name == "note" and line:
            mine(lambda s: service.add_note(s, account_id, line.id, "words"))
        elif name == "assign" and item:
            mine(lambda s: suspense.assign(s, item.id, "u-2", "Priya Senn", context.today()))
        elif name == "import":
            rows = f"{number},09/12/2026,{number % 97 + 1}.00,,23,28,Row {number}\n"
            mine(lambda s: service.import_ledger(s, ledger(rows, f"{number}.csv"), account_id))
        elif name == "transfer" and postings:
            mine(lambda s: journals.transfer(s, source.choice(postings), [row], "reason"))
        elif name == "refund" and postings:
            mine(lambda s: refunds.request(s, source.choice(postings), abs(pence), "reason"))
        elif name == "prepare":
            mine(lambda s: periods.prepare(s, statement_id))
        else:
            return False
    except HoldallError:
        return False
    return True
