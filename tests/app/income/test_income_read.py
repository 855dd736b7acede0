"""`income read`: the same shape for banks, payment providers and ledgers, and one sentence for the rest."""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.errors import HoldallError
from app.income.commands import read
from app.told import Told
from tests.app.income import samples, samples_book


def told(path: Path, account: str | None = None, dates: str | None = None) -> Told:
    return read.run(argparse.Namespace(file=path, account=account, dates=dates))


def document(tmp_path: Path, data: bytes, **options: str) -> dict[str, Any]:
    path = tmp_path / "file"
    path.write_bytes(data)
    found = told(path, **options).document
    json.dumps(found)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_a_bank_file_is_told_with_its_lines_and_its_proof(tmp_path: Path, name: str) -> None:
    found = document(tmp_path, samples.SAMPLES[name](random.Random(5)))
    assert found["errors"] == []
    lines = [line for one in found["statements"] for line in one["lines"]]
    assert len(lines) == samples.LINES
    for one in found["statements"]:
        assert one["proof"] == {"ok": True, "difference_minor": 0, "hint": ""}
        assert (
            one["opening_minor"] + sum(line["amount_minor"] for line in one["lines"]) == one["closing_minor"]
        )
        assert one["period_from"] <= one["period_to"]
        assert one["currency"] in {"GBP", ""}
    assert {"date", "amount_minor", "type", "reference", "narrative", "occurrence"} <= lines[0].keys()


@pytest.mark.parametrize("name", samples_book.SAMPLES)
def test_a_payment_or_ledger_file_is_told_in_the_same_shape(tmp_path: Path, name: str) -> None:
    found = document(tmp_path, samples_book.SAMPLES[name](random.Random(5)))
    assert found["statements"]
    for one in found["statements"]:
        assert one["proof"]["ok"], one["proof"]
        assert {"account", "period_from", "opening_minor", "closing_minor", "currency", "lines"} <= one.keys()
        if "net_minor" in one:
            assert sum(line["amount_minor"] for line in one["lines"]) == one["stated_net_minor"]


def test_identical_lines_are_numbered_and_a_difference_is_told_in_pence(tmp_path: Path) -> None:
    rows = ":61:2612081208C10,00NTRFNONREF//B\n:86:SMITH\n"
    text = f":20:A\n:25:601111/12345678\n:28C:7/1\n:60F:C261207GBP0,00\n{rows * 2}:62F:C261208GBP10,00\n-\n"
    (one,) = document(tmp_path, text.encode())["statements"]
    assert [line["occurrence"] for line in one["lines"]] == [1, 2]
    assert [line["reference"] for line in one["lines"]] == ["B", "B"]
    assert (one["number"], one["account"]) == ("7", "601111/12345678")
    assert one["proof"]["difference_minor"] == -1_000
    assert "Line 7 repeats line 5" in one["proof"]["hint"]


def test_identical_lines_are_numbered_through_the_pages_of_a_statement(tmp_path: Path) -> None:
    row = ":61:2612081208C1,00NTRFNONREF\n:86:SMITH\n"
    text = f":20:A\n:25:1\n:28C:7/1\n:60F:C261207GBP1,00\n{row}:62M:C261208GBP2,00\n-\n"
    text += f":20:A\n:25:1\n:28C:7/2\n:60M:C261208GBP2,00\n{row}:62F:C261208GBP3,00\n-\n"
    first, second = document(tmp_path, text.encode())["statements"]
    assert [one["lines"][0]["occurrence"] for one in (first, second)] == [1, 2]
    assert (first["page"], second["page"], second["statement_proof"]["ok"]) == ("1", "2", True)


def test_bad_rows_are_told_with_their_lines(tmp_path: Path) -> None:
    bank = b"Date,Details,Amount\n13/12/2026,a,1.00\n31/06/2026,b,1.00\n"
    (error,) = document(tmp_path, bank)["errors"]
    assert (error["line"], error["kind"]) == (3, "error")
    ledger = b"id,date,amount,reference,fund,mop,narrative\n1,13/12/2026,1.005,,,,x\n"
    (error,) = document(tmp_path, ledger)["errors"]
    assert (error["line"], "two decimals" in error["message"]) == (2, True)


def test_an_account_may_be_written_in_any_way_but_must_be_the_one_in_the_file(tmp_path: Path) -> None:
    data = samples.bai2(random.Random(5))
    for written in ("60-11-11 12345678", "601111-12345678", samples.IBAN, "12345678"):
        assert document(tmp_path, data, account=written)["statements"]
    with pytest.raises(HoldallError) as caught:
        document(tmp_path, data, account="601111-12345679")
    assert "is for account 12345678 601111, not 601111-12345679" in caught.value.title
    with pytest.raises(HoldallError):
        document(tmp_path, samples.camt(random.Random(5)), account=samples.IBAN.replace("GB29", "GB92"))


def test_dates_that_may_be_either_are_settled_by_an_option(tmp_path: Path) -> None:
    data = b"Date,Details,Amount\n03/12/2026,a,1.00\n"
    with pytest.raises(HoldallError, match="may be day first or month first"):
        document(tmp_path, data)
    assert document(tmp_path, data, dates="day-first")["statements"][0]["lines"][0]["date"] == "2026-12-03"
    assert document(tmp_path, data, dates="month-first")["statements"][0]["lines"][0]["date"] == "2026-03-12"


def test_people_are_told_the_same_in_lines(tmp_path: Path) -> None:
    path = tmp_path / "week.csv"
    path.write_bytes(b"Date,Details,Amount,Balance\n13/12/2026,a,1.00,11.00\n14/12/2026,b,2.00,12.99\n")
    words = "\n".join(told(path).words)
    assert "“week.csv”: Bank CSV, 1 statement." in words
    assert "Opens at £10.00, closes at £12.99." in words
    assert "Not proved by −£0.01. Line 3: the running balance breaks here" in words


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7", "is a PDF"),
        (b"Dear Sir,\nplease find\n", "not a bank statement"),
        (b"<?xml version='1.0'?><html/>", "not a bank statement"),
        (None, "cannot be opened"),
    ],
)
def test_a_file_that_cannot_be_read_is_exit_2_and_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes | None, said: str
) -> None:
    path = tmp_path / "x.sta"
    if data is not None:
        path.write_bytes(data)
    code = cli.main(["income", "read", str(path), "--json"], {})
    out, err = capsys.readouterr()
    assert (code, out) == (cli.BAD_INPUT, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_json_is_one_document_on_the_output_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.sta"
    path.write_bytes(samples.mt940(random.Random(1)))
    assert cli.main(["income", "read", str(path), "--account", samples.ACCOUNT, "--json"], {}) == cli.DONE
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["format"] == "MT940"


def test_all_51_real_files_prove_the_52_pairs_of_balances_that_are_honest(inputs: Path) -> None:
    lines = pairs = proved = 0
    for path in sorted((inputs / "income" / "mt940").rglob("*.sta")):
        try:
            statements = told(path).document["statements"]
        except HoldallError:
            continue  # a fragment of words or a number, with no balance and no line in it
        lines += sum(len(one["lines"]) for one in statements)
        both = [one for one in statements if None not in (one["opening_minor"], one["closing_minor"])]
        pairs += len(both)
        proved += sum(one["proof"]["ok"] for one in both)
    assert (lines, pairs, proved) == (211, 68, 52)
