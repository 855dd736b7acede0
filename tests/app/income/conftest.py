"""Statements and ledgers small enough to check by hand, brought into a fresh store."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.context import Context
from app.income import service
from app.income.files import LedgerFile, StatementFile, read_ledger_file, read_statement_file

ACCOUNT = "601111/12345678"
HEAD = "id,date,amount,reference,fund,mop,narrative\n"


def mt940(
    lines: list[tuple[str, str, str]], opening: str = "100,00", closing: str = "", number: str = "1"
) -> StatementFile:
    """A statement of (MMDD, mark and amount, words); without a closing balance when none is given."""
    rows = [f":20:T{number}", f":25:{ACCOUNT}", f":28C:{number}/1", f":60F:C261207GBP{opening}"]
    for day, amount, words in lines:
        rows += [f":61:26{day}{day}{amount}NTRFNONREF", f":86:{words}"]
    if closing:
        rows.append(f":62F:C261211GBP{closing}")
    return read_statement_file(f"s{number}.sta", "\n".join([*rows, "-", ""]).encode())


def ledger(rows: str, name: str = "book.csv") -> LedgerFile:
    """A ledger extract of the rows given."""
    return read_ledger_file(name, (HEAD + rows).encode())


@pytest.fixture
def account_id(context: Context) -> str:
    """The one account of the council, whose book begins level with the bank at £100."""
    made = context.write(
        "Add account",
        lambda s: service.add_account(s, "General account", ACCOUNT, book_opening_pence=100_00),
    )
    return made[0]


@pytest.fixture
def bring(context: Context, account_id: str) -> Callable[..., str]:
    """Import a statement and, if given, ledger rows; return the statement's id."""

    def bring_in(read: StatementFile, rows: str = "") -> str:
        brought = context.write("Import", lambda s: service.import_statements(s, read))
        if rows:
            context.write("Import", lambda s: service.import_ledger(s, ledger(rows), account_id))
        return brought.ids[0]

    return bring_in
