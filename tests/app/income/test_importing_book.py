"""The book coming in: rules over its rows, suspense for rows without a fund, totals, and taking it back."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.context import Context, Council
from app.errors import HoldallError
from app.income import rules, sample_codes, service
from app.income.board import board
from app.income.files import LedgerFile, read_any
from app.income.importing_book import import_ledger
from app.income.office import periods, suspense
from app.income.reading import BadRows, ReceiptRead, Unproved
from app.income.reversing import REVERTED, SUCCEEDED, imports, reverse_import
from app.income.storing import AlreadyImported, Imported
from app.income.validators import SAMPLE, check_digit
from app.income.verify import verify
from models.changes import Author
from models.income import Account, Note, Receipt, Rule, RuleUse, Suspense, SuspenseState
from models.store import Store
from tests.app.income import samples_book
from tests.app.income.conftest import HEAD, ledger, mt940
from tests.conftest import NOW

Bring = Callable[..., str]
PINNED = "884bd74f4a395fbe76e8fc63c06820a0"  # as the first release made it
FIELDS = (
    "held_on",
    "amount_pence",
    "reference",
    "narrative",
    "office",
    "mop",
    "account_id",
    "receipt_id",
    "state",
)


def take(context: Context, read: LedgerFile, account_id: str, reason: str = "") -> Imported:
    return context.write("L", lambda s: import_ledger(s, read, account_id, unproved_reason=reason))


def receipts(context: Context) -> dict[str, Receipt]:
    def find(session: object) -> dict[str, Receipt]:
        found = session.scalars(select(Receipt).where(Receipt.deleted.is_(False)))  # type: ignore[attr-defined]
        return {one.ledger_id: one for one in found}

    return context.read(find)


def rule(context: Context, place: int, contains: str, sets: dict[str, str], name: str = "") -> None:
    condition = {"group": 1, "field": "Narrative", "operator": "Contain", "value": contains, "logical": None}
    actions = [{"field": field, "value": value} for field, value in sets.items()]
    made = Rule(
        name=name or contains, use=RuleUse.IMPORT, place=place, conditions=[condition], actions=actions
    )
    context.write("Rule", lambda s: s.add(made))


ROWS = (
    "1,08/12/2026,10.00,770412265,23,90,SMITH\n"
    "2,08/12/2026,6.00,,,1,STALL 9 back\n"
    "3,09/12/2026,1.00,X,,1,who\n"
)


def test_fingerprints_of_old_rows_are_what_they_always_were() -> None:
    old = ReceiptRead(1, "1", date(2026, 12, 8), 10_00, "77 0412", "23", "90", "J  Smith")
    assert rules.receipt_fingerprint("60111112345678", old) == rules.fingerprint(
        "60111112345678", "1", "2026-12-08", "1000", "77 0412", "23", "90", "J  Smith"
    )
    pinned = ReceiptRead(1, "L241-0001", date(2026, 12, 7), 125_000, "LA-118", "3U", "28", "Café licence")
    assert rules.receipt_fingerprint("60111112345678", pinned) == PINNED
    for column in ("psp_reference", "internal_reference", "office", "vat_code"):
        assert rules.receipt_fingerprint("a", old._replace(**{column: "x"})) != rules.receipt_fingerprint(
            "a", old
        )
    assert rules.receipt_fingerprint("a", old._replace(vat_pence=1)) != rules.receipt_fingerprint("a", old)


@given(st.lists(st.text(max_size=12), min_size=9, max_size=9), st.integers(-(10**9), 10**9), st.booleans())
@settings(max_examples=150)
def test_the_quick_way_to_a_fingerprint_gives_the_same_digits(
    words: list[str], pence: int, further: bool
) -> None:
    day = date(2026, 12, 8)
    more = (*words[5:9], pence) if further else ()
    read = ReceiptRead(1, words[0], day, pence, *words[1:5], *more)
    vat = str(read.vat_pence) if read.vat_pence else ""
    told = (read.psp_reference, read.internal_reference, read.office, read.vat_code)
    parts = (*told, vat) if vat or any(told) else ()
    slow = rules.fingerprint("Ké 1", words[0], "2026-12-08", str(pence), *words[1:5], *parts)
    assert rules.receipt_fingerprint("Ké 1", read) == slow


def test_import_rules_run_in_order_and_leave_their_names(context: Context, account_id: str) -> None:
    rule(context, 20, "STALL", {"MopCode": "28"}, "Method of stalls")
    rule(context, 10, "STALL", {"FundCode": "52", "AccountReference": "STALL-9"}, "Stalls")
    take(context, ledger(ROWS), account_id)
    seen = receipts(context)
    assert (seen["2"].fund, seen["2"].mop, seen["2"].reference) == ("52", "28", "STALL-9")
    assert seen["2"].rules == "Stalls; Method of stalls"
    assert (seen["1"].rules, seen["1"].given) == ("", "")
    assert context.read(verify).differences == ()


def test_a_file_is_known_again_though_rules_changed_its_rows_or_have_changed_since(
    context: Context, account_id: str
) -> None:
    rule(context, 10, "STALL", {"FundCode": "52"})
    take(context, ledger(ROWS), account_id)
    rule(context, 5, "SMITH", {"FundCode": "99"})
    more = take(context, ledger(ROWS + "4,09/12/2026,2.00,,5,1,STALL\n", "more.csv"), account_id)
    assert (more.new, more.known) == (1, 3)
    assert receipts(context)["1"].fund == "23"
    with pytest.raises(BadRows, match="id 2 says something else"):
        take(context, ledger(ROWS.replace("6.00", "6.01"), "other.csv"), account_id)


def test_rows_that_came_in_without_vat_and_office_are_known_in_a_file_that_tells_them(
    context: Context, account_id: str
) -> None:
    take(context, ledger(ROWS), account_id)
    told = HEAD.replace("\n", ",office code,vat code,vat amount\n")
    rows = [line + ",S,W0,0.50" for line in ROWS.replace("3,09", "4,09").strip().split("\n")]
    read = read_any("vat.csv", (told + "\n".join(rows) + "\n").encode())
    assert isinstance(read, LedgerFile)
    brought = take(context, read, account_id)
    assert (brought.new, brought.known) == (1, 2)
    assert [(r.office, r.vat_pence) for r in receipts(context).values()] == [("", 0)] * 3 + [("S", 50)]
    other = read_any("o.csv", (told + rows[2].replace("0.50", "0.51") + "\n").encode())
    assert isinstance(other, LedgerFile)
    with pytest.raises(BadRows, match="id 4 says something else"):
        take(context, other, account_id)


def test_a_row_without_a_fund_is_posted_in_suspense_and_held_as_one_alone_would_be(
    context: Context, account_id: str
) -> None:
    take(context, ledger(ROWS), account_id)
    seen = receipts(context)
    assert [seen[ledger_id].fund for ledger_id in "123"] == ["23", "SP", "SP"]
    items = context.read(lambda s: suspense.items(s, account_id, "open", date(2026, 12, 17)))
    assert [(item.amount_pence, item.reference) for item in items] == [(6_00, ""), (1_00, "X")]
    assert items[0].notes == ("It came without a fund, in line 3 of “book.csv”.",)
    receipt = seen["2"]

    def alone(session: object) -> list[object]:
        (held,) = session.scalars(select(Suspense).where(Suspense.receipt_id == receipt.id))  # type: ignore[attr-defined]
        return [held.id, *(getattr(held, name) for name in FIELDS)]

    bulk = context.read(alone)
    context.undo()
    single = replace_context(context, receipt)
    assert bulk == single


def replace_context(context: Context, receipt: Receipt) -> list[object]:
    """What hold_receipt makes of a posting like this one, in a write that is not kept."""
    made: list[object] = []

    class Enough(Exception):
        """Ends the write."""

    def work(session: object) -> None:
        values = {c.name: getattr(receipt, c.name) for c in Receipt.__table__.columns}
        suspense.hold_receipt(session, Receipt(**values), "words")  # type: ignore[arg-type]
        (item,) = [one for one in session.new if isinstance(one, Suspense)]  # type: ignore[attr-defined]
        item.state = SuspenseState.HELD
        made.extend([item.id, *(getattr(item, name) for name in FIELDS)])
        raise Enough

    with pytest.raises(Enough):
        context.write("One", work)
    return made


def test_what_the_councils_codes_say_against_a_row_is_remarked_and_the_row_comes_in(
    context: Context, account_id: str, second_officer: Author
) -> None:
    replace(context, author=second_officer).write("Codes", sample_codes.fill_codes)
    good = check_digit(SAMPLE["council-tax"], "770412260")
    wrong = (int(good) + 1) % 10
    rows = f"11,08/12/2026,1.00,77041226{good},23,1,right\n12,08/12/2026,1.00,77041226{wrong},23,1,\n"
    rows += "13,08/12/2026,1.00,,99,1,\n14,08/12/2026,2.00,,99,1,\n"
    brought = take(context, ledger(rows, "more.csv"), account_id)
    assert brought.new == 4
    assert len(brought.remarks) == 2
    assert brought.remarks[0].startswith("Line 3: ")
    assert "check digit" in brought.remarks[0]
    assert brought.remarks[1] == "Line 4 and 1 more: There is no fund “99”."


def test_an_extract_without_a_column_for_the_fund_fills_no_suspense(
    context: Context, account_id: str
) -> None:
    read = read_any("book.csv", b"id,date,amount,narrative\n1,08/12/2026,10.00,SMITH\n")
    assert isinstance(read, LedgerFile)
    take(context, read, account_id)
    assert receipts(context)["1"].fund == ""
    assert context.read(lambda s: suspense.items(s, account_id, "all", date(2026, 12, 17))) == []


def test_a_total_that_does_not_hold_is_refused_and_taken_only_with_a_reason(
    context: Context, account_id: str
) -> None:
    data = samples_book.allpay(random.Random(1))
    cut = read_any("cut.txt", data[: data.index(b"Total Transactions")])
    assert isinstance(cut, LedgerFile)
    with pytest.raises(Unproved, match="number of transactions in the trailer is missing"):
        take(context, cut, account_id)
    assert receipts(context) == {}
    brought = take(context, cut, account_id, "The network’s site was down.")
    assert brought.new == 40
    assert "The network’s site was down." in brought.remarks[0]
    whole = read_any("whole.txt", data)
    assert isinstance(whole, LedgerFile)
    with pytest.raises(AlreadyImported, match="Every row"):
        take(context, whole, account_id)


def test_an_import_is_taken_back_whole_with_its_suspense_and_may_come_again(
    context: Context, account_id: str
) -> None:
    (file_id,) = take(context, ledger(ROWS), account_id).ids
    with pytest.raises(HoldallError, match="needs a reason"):
        context.write("R", lambda s: reverse_import(s, file_id, " "))
    changed = context.write("R", lambda s: reverse_import(s, file_id, "The wrong month."))
    assert changed.touches("income_receipt", "income_suspense", "income_file")
    assert receipts(context) == {}
    assert context.read(lambda s: suspense.items(s, account_id, "all", date(2026, 12, 17))) == []
    states = context.read(lambda s: s.scalars(select(Suspense.state)).all())
    assert states == [SuspenseState.CANCELLED] * 2
    (row,) = context.read(lambda s: imports(s, account_id))
    assert (row.state, row.rows, row.notes) == (REVERTED, 3, ("Taken back: The wrong month.",))
    with pytest.raises(HoldallError, match="not here"):
        context.write("R", lambda s: reverse_import(s, file_id, "again"))
    assert take(context, ledger(ROWS, "again.csv"), account_id).new == 3
    assert len(context.read(lambda s: suspense.items(s, account_id, "open", date(2026, 12, 17)))) == 2
    assert context.read(imports)[0].state == SUCCEEDED
    assert context.read(verify).differences == ()


def test_a_mended_file_may_come_in_after_the_wrong_one_was_taken_back(
    context: Context, account_id: str
) -> None:
    (file_id,) = take(context, ledger(ROWS), account_id).ids
    context.write("R", lambda s: reverse_import(s, file_id, "A penny off."))
    assert take(context, ledger(ROWS.replace("10.00", "10.01"), "mended.csv"), account_id).new == 3
    assert receipts(context)["1"].amount_pence == 10_01
    assert context.read(verify).differences == ()


def test_an_import_that_was_used_is_not_taken_back_and_the_first_use_is_named(
    context: Context, bring: Bring, account_id: str, second_officer: Author
) -> None:
    read = mt940([("1208", "C10,00", "SMITH 770412265")], closing="110,00")
    statement_id = bring(read)
    (file_id,) = take(context, ledger(ROWS), account_id).ids
    seen = context.read(lambda s: board(s, statement_id))
    context.write(
        "M", lambda s: service.match_by_hand(s, statement_id, seen.lines[0].id, [receipts(context)["1"].id])
    )
    with pytest.raises(HoldallError, match="posting 1 is matched"):
        context.write("R", lambda s: reverse_import(s, file_id, "no"))
    assert len(receipts(context)) == 3
    for part in context.read(lambda s: board(s, statement_id)).parts:
        assert part.note or part.kind
    other = ledger("9,05/01/2027,10.00,,23,,X\n", "later.csv")
    (later,) = take(context, other, account_id).ids
    context.write("R", lambda s: reverse_import(s, later, "Not ours."))
    assert "9" not in receipts(context)


def test_a_posting_in_a_closed_period_stays(
    context: Context, bring: Bring, account_id: str, second_officer: Author
) -> None:
    statement_id = bring(mt940([("1208", "C10,00", "SMITH 770412265")], closing="110,00"))
    (file_id,) = take(context, ledger(ROWS.split("\n", maxsplit=1)[0] + "\n"), account_id).ids
    seen = context.read(lambda s: board(s, statement_id))
    context.write(
        "M", lambda s: service.match_by_hand(s, statement_id, seen.lines[0].id, [receipts(context)["1"].id])
    )
    context.write("P", lambda s: periods.prepare(s, statement_id))
    lead = replace(context, author=second_officer)
    lead.write("V", lambda s: periods.review(s, statement_id))
    lead.write("C", lambda s: periods.close(s, statement_id))
    (other,) = take(context, ledger("8,08/12/2026,3.00,,23,,X\n", "late.csv"), account_id).ids
    with pytest.raises(HoldallError, match="posting 8 is in a period that is closed"):
        context.write("R", lambda s: reverse_import(s, other, "no"))
    with pytest.raises(HoldallError, match="posting 1 is matched"):
        context.write("R", lambda s: reverse_import(s, file_id, "no"))


def test_only_a_ledger_is_taken_back(context: Context, bring: Bring) -> None:
    bring(mt940([("1208", "C10,00", "X")], closing="110,00"))
    (row,) = context.read(imports)
    with pytest.raises(HoldallError, match="is no ledger"):
        context.write("R", lambda s: reverse_import(s, row.file_id, "no"))


def test_a_store_without_the_account_says_so(context: Context, account_id: str) -> None:
    with pytest.raises(HoldallError, match="not here"):
        take(context, ledger(ROWS), "nobody")
    assert HEAD.startswith("id")
    assert context.read(lambda s: s.get(Account, account_id)) is not None
    assert context.read(lambda s: s.scalars(select(Note)).all()) == []


def test_the_book_is_the_same_in_whatever_order_its_files_come(tmp_path: Path, first_officer: Author) -> None:
    head = "date,amount,reference,fund\n"
    files = [
        read_any(f"{place}.csv", (head + rows).encode())
        for place, rows in enumerate(
            (
                "08/12/2026,10.00,A,23\n08/12/2026,10.00,A,23\n",
                "08/12/2026,10.00,A,23\n09/12/2026,3.00,B,\n",
                "09/12/2026,3.00,B,\n08/12/2026,10.00,A,23\n08/12/2026,10.00,A,23\n10/12/2026,1.00,C,23\n",
            )
        )
    ]
    seen = set()
    for order in permutations(files):
        folder = tmp_path / "".join(read.name[0] for read in order)
        folder.mkdir()
        store = Store.create(folder / "holdall.db", bytes(32))
        here = Context(store, first_officer, folder, Council(), lambda: NOW)
        account_id, _ = here.write("A", lambda s: service.add_account(s, "G", "601111/12345678"))
        for read in order:
            assert isinstance(read, LedgerFile)
            with suppress(AlreadyImported):
                take(here, read, account_id)
        book = sorted((r.id, r.amount_pence, r.fund) for r in receipts(here).values())
        held = here.read(lambda s: sorted(s.scalars(select(Suspense.id)).all()))
        seen.add((tuple(book), tuple(held)))
        store.close()
    (only,) = seen
    assert sum(pence for _, pence, _ in only[0]) == 24_00
    assert len(only[1]) == 1


def test_rows_of_an_income_system_bring_their_office_and_vat(context: Context, account_id: str) -> None:
    read = read_any(
        "ims.csv",
        b'R1,IN1,PSP9,S,01/12/2026 09:15:00,30/11/2026,770412265,7,13,90,"1,250.00",W0,0.2,208.34,"A, B"\n',
    )
    assert isinstance(read, LedgerFile)
    take(context, read, account_id)
    one = receipts(context)["R1"]
    assert (one.office, one.vat_code, one.vat_pence, one.psp_reference) == ("S", "W0", 208_34, "PSP9")
    assert one.internal_reference == "IN1"
    assert context.read(verify).differences == ()
