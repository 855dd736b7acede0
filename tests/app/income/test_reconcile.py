"""The command that matches files without a store: its numbers, its tables, and what it says of bad input."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadFile
from app.income.commands.reconcile import as_document, run
from app.income.reconciling import reconcile as matched
from tests.app.income.truth import Truth, make

BANK = (
    "Date,Type,Description,Amount,Balance\n"
    "08/12/2026,CR,FPI 770412261 J MARLOW,162.00,262.00\n"
    "08/12/2026,CR,COUNTER CREDIT 000318,900.00,1162.00\n"
    "09/12/2026,CR,STRIPE PAYOUT PO-7731,1046.25,2208.25\n"
    "14/12/2026,CR,=HYPERLINK NOBODY,75.00,2283.25\n"
)
LEDGER = (
    "id,date,amount,reference,fund,mop,narrative\n"
    "a,08/12/2026,162.00,770412261,23,28,Council tax\n"
    "b,07/12/2026,400.00,000318,23,24,Cheque\n"
    "c,07/12/2026,500.00,000318,23,24,Cheque\n"
    "d,08/12/2026,1064.25,PO-7731,13,90,Card payments\n"
    "e,08/12/2026,60.00,0092,13,1,Cash bag\n"
)


def reconcile(folder: Path, bank: str | bytes, ledger: str | bytes = LEDGER, *more: str) -> dict[str, Any]:
    """Run the command on files of these texts; `more` are further bank files."""
    paths = []
    for name, text in (
        ("bank.csv", bank),
        ("ledger.csv", ledger),
        *((f"b{n}.csv", m) for n, m in enumerate(more)),
    ):
        path = folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        paths.append(path)
    options = argparse.Namespace(bank=[paths[0], *paths[2:]], ledger=paths[1], out=folder / "out", json=True)
    document: dict[str, Any] = json.loads(json.dumps(run(options).document))
    return document


def test_lines_are_named_by_number_and_rows_by_id(tmp_path: Path) -> None:
    told = reconcile(tmp_path, BANK)
    assert [(m["stage"], m["bank"], m["ledger"], m["amount_minor"]) for m in told["matches"]] == [
        ("exact", [1], ["a"], 162_00),
        ("slip", [2], ["b", "c"], 900_00),
        ("payout", [3], ["d"], 1_046_25),
    ]
    assert [(m["score"], m["alternatives"], m["auto"]) for m in told["matches"]] == [
        (1.0, 1, True),
        (1.0, 1, True),
        (0.8, 1, False),
    ]
    assert told["matches"][2]["write_offs"] == [{"amount_minor": -18_00, "kind": "fee", "fund": "13"}]
    assert (told["unmatched_bank"], told["unmatched_ledger"]) == ([4], ["e"])
    assert told["suspense"] == [
        {"bank": 4, "amount_minor": 75_00, "why": "The bank’s words hold no reference."}
    ]
    assert told["difference_minor"] == 2_183_25 - 2_186_25
    assert told["remarks"] == []
    assert told["seconds"] >= 0


def test_the_difference_is_what_is_unmatched_on_each_side_and_what_is_written_off(tmp_path: Path) -> None:
    told = reconcile(tmp_path, BANK)
    written_off = sum(part["amount_minor"] for m in told["matches"] for part in m.get("write_offs", []))
    assert told["difference_minor"] == 75_00 - 60_00 + written_off


def test_the_tables_run_no_formula_and_say_why(tmp_path: Path) -> None:
    reconcile(tmp_path, BANK)
    tables = {}
    for name in ("matches", "suspense", "unmatched_bank", "unmatched_ledger"):
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    assert [row["ledger"] for row in tables["matches"]] == ["a", "b c", "d"]
    assert "Reference 770412261 is on the bank line and on the receipt." in tables["matches"][0]["why"]
    assert tables["unmatched_bank"][0]["words"] == "'=HYPERLINK NOBODY"
    assert [row["id"] for row in tables["unmatched_ledger"]] == ["e"]


def test_lines_of_several_files_carry_the_name_of_theirs(tmp_path: Path) -> None:
    second = "Date,Description,Amount\n09/12/2026,CASH CENTRE BAG 0092,60.00\n14/12/2026,X,1.00\n"
    told = reconcile(tmp_path, BANK, LEDGER, second)
    assert told["matches"][-1]["bank"] == ["b0.csv:1"]
    assert told["matches"][0]["bank"] == ["bank.csv:1"]


def test_a_providers_report_among_the_bank_files_joins_three_ways(tmp_path: Path) -> None:
    report = (
        "id,amount,currency,created_at,reference,status,arrival_date,transaction_fee_debit,"
        "transaction_fee_credit,app_fee_debit,app_fee_credit,total_payment_amount,links.creditor\n"
        "PO7731,1046.25,GBP,2026-12-08T10:00:00Z,PO-7731,paid,2026-12-09,18.00,0,0,0,1064.25,CR1\n"
    )
    told = reconcile(tmp_path, BANK.replace("STRIPE PAYOUT", "GOCARDLESS"), LEDGER, report)
    (payout,) = [m for m in told["matches"] if m["stage"] == "payout"]
    assert (payout["bank"], payout["ledger"], payout["auto"]) == ([3], ["d"], True)


def test_a_statement_that_does_not_prove_is_matched_all_the_same_and_said_to_be_so(tmp_path: Path) -> None:
    told = reconcile(tmp_path, BANK.replace("1162.00", "1162.01"))
    assert len(told["matches"]) == 3
    assert any("bank.csv” is not proved" in remark for remark in told["remarks"])


@pytest.mark.parametrize(
    ("bank", "ledger", "words"),
    [
        ("", LEDGER, "“bank.csv” is empty"),
        (BANK, BANK, "“ledger.csv” is a bank statement, not a ledger extract"),
        (BANK, "%PDF-1.4 x", "“ledger.csv” is a PDF"),
        (BANK, LEDGER.replace("162.00", "1.6E2"), "line 2"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(tmp_path: Path, bank: str, ledger: str, words: str) -> None:
    with pytest.raises(BadFile) as caught:
        reconcile(tmp_path, bank, ledger)
    assert words.casefold() in caught.value.title.casefold()


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="are the same file"):
        reconcile(tmp_path, BANK, LEDGER, BANK)


def score(truth: Truth, told: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return certain ones that are right and wrong, all that are right, and how many there are to find."""
    right = wrong = found = 0
    for one in told["matches"]:
        number = one["bank"][0]
        true = frozenset(truth.twins.get(name, name) for name in one["ledger"]) == truth.pairs.get(number)
        short = -sum(part["amount_minor"] for part in one.get("write_offs", []))
        true = true and short == truth.fees.get(number, 0)
        found += true
        right += one["auto"] and true
        wrong += one["auto"] and not true
    return right, wrong, found, len(truth.pairs)


@pytest.mark.parametrize("style", [0, 1, 2, 3])
def test_nothing_that_is_certain_is_wrong_and_most_is_found(tmp_path: Path, style: int) -> None:
    truth = make(700 + style, 2_500, style)
    told = reconcile(tmp_path, truth.bank_csv, truth.ledger_csv)
    right, wrong, found, all_pairs = score(truth, told)
    assert wrong == 0
    assert right / all_pairs > 0.9
    assert found / all_pairs > 0.97
    typos = [number for number, kind in truth.kinds.items() if kind == "typo"]
    by_line = {one["bank"][0]: one for one in told["matches"]}
    first = sum(frozenset(by_line[n]["ledger"]) == truth.pairs[n] for n in typos if n in by_line)
    assert first / len(typos) >= 0.85
    twice = [number for number, kind in truth.kinds.items() if kind == "twice"]
    assert not any(by_line[number]["auto"] for number in twice if number in by_line)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), style=st.integers(0, 3), data=st.data())
def test_the_order_of_the_files_changes_nothing(seed: int, style: int, data: st.DataObject) -> None:
    truth = make(seed, 240, style)
    head, *rows = truth.bank_csv.splitlines(keepends=True)
    files = [(f"b{n}.csv", head + b"".join(rows[n * 80 : n * 80 + 80])) for n in range(len(rows) // 80)]
    shuffled = data.draw(st.permutations(files))
    book = ("ledger.csv", truth.ledger_csv)

    def found(among: Sequence[tuple[str, bytes]]) -> set[tuple[Any, ...]]:
        told = as_document(matched(among, book), 0.0)
        return {
            (m["stage"], *m["bank"], "=", *sorted(m["ledger"]), m["auto"], m["score"], m["alternatives"])
            for m in told["matches"]
        }

    assert found(files) == found(shuffled)
