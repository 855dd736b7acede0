"""`income check-reference` and `income rules run`, as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.income.validators import SAMPLE, passes


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    """The exit code, the JSON of stdout if there is any, and stderr."""
    code = cli.main(["income", *arguments, "--json"], {})
    out = capsys.readouterr()
    return code, json.loads(out.out) if out.out else None, out.err


def test_references_are_checked_and_wrong_ones_come_with_repairs(capsys: pytest.CaptureFixture[str]) -> None:
    code, told, _ = call(capsys, "check-reference", "--validator", "council-tax", "770412261", "770412265")
    assert code == 0
    right, wrong = told
    assert right == {
        "reference": "770412261",
        "ok": True,
        "reason": "It has the right shape and check digit.",
        "repairs": [],
    }
    assert (wrong["reference"], wrong["ok"]) == ("770412265", False)
    assert "770412261" in wrong["repairs"]
    assert all(passes(SAMPLE["council-tax"], one) for one in wrong["repairs"])


def test_an_unknown_validator_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    code, told, words = call(capsys, "check-reference", "--validator", "rent", "1")
    assert (code, told) == (2, None)
    assert "There is no validator “rent”" in words
    assert all(name in words for name in SAMPLE)


def test_a_file_gives_validators_of_your_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.json"
    path.write_text('[{"Name": "stall", "InputMask": "ST##", "MinLength": 4, "MaxLength": 4}]', "utf-8-sig")
    code, told, _ = call(
        capsys, "check-reference", "--validator", "stall", "--config", str(path), "st12", "ST1", "XT12"
    )
    assert code == 0
    assert [one["ok"] for one in told] == [True, False, False]
    assert told[2]["repairs"] == ["ST12"]
    path.write_text('[{"Name": "stall", "MinLength": "x"}]')
    code, _, words = call(capsys, "check-reference", "--validator", "stall", "--config", str(path), "1")
    assert code == 2
    assert "“stall” of “own.json” has a MinLength “x”" in words


RULES = """[
 {"Name": "Stalls", "IsGlobal": true, "Conditions": [
   {"Group": 1, "Field": "Narrative", "Operator": "Contain", "Value": "STALL", "LogicalOperator": null},
   {"Group": 1, "Field": "Amount", "Operator": "BeGreaterThan", "Value": "3.00", "LogicalOperator": "AND"}],
  "Actions": [{"Field": "FundCode", "Value": "52"}]},
 {"Name": "Stall account", "IsGlobal": true, "Conditions": [
   {"Group": 1, "Field": "FundCode", "Operator": "Equal", "Value": "52", "LogicalOperator": null}],
  "Actions": [{"Field": "AccountReference", "Value": "ST1"}]}]"""
ROWS = (
    "id,date,amount,reference,fund,mop,narrative\n"
    '1,08/12/2026,20.00,,99,28,"STALL 4, market"\n'
    "2,08/12/2026,2.00,,99,28,STALL 5\n"
)


def write(folder: Path, rules: str = RULES, rows: str = ROWS) -> list[str]:
    """The arguments for rules and rows written to files."""
    (folder / "rules.json").write_text(rules, "utf-8")
    (folder / "rows.csv").write_text(rows, "utf-8")
    return ["rules", "run", "--rules", str(folder / "rules.json"), "--rows", str(folder / "rows.csv")]


def test_rules_run_over_a_ledger_and_name_themselves_on_each_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, _ = call(capsys, *write(tmp_path))
    assert code == 0
    assert told == [
        {
            "id": "1",
            "date": "08/12/2026",
            "amount": "20.00",
            "reference": "ST1",
            "fund": "52",
            "mop": "28",
            "narrative": "STALL 4, market",
            "rules": ["Stalls", "Stall account"],
            "before": {"reference": "", "fund": "99"},
        },
        {
            "id": "2",
            "date": "08/12/2026",
            "amount": "2.00",
            "reference": "",
            "fund": "99",
            "mop": "28",
            "narrative": "STALL 5",
            "rules": [],
            "before": {},
        },
    ]


def test_columns_may_have_the_names_of_the_source_system(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "Reference;AccountReference;Amount;Narrative\nr1;a1;20.00;STALL\n"
    _, told, _ = call(capsys, *write(tmp_path, rows=rows))
    (row,) = told
    assert (row["Reference"], row["AccountReference"], row["FundCode"]) == ("r1", "ST1", "52")
    assert row["before"] == {"AccountReference": "a1", "FundCode": ""}


def test_a_file_may_have_the_encoding_its_spreadsheet_gave_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for encoding in ("utf-8-sig", "cp1252", "utf-16"):
        arguments = write(tmp_path)
        (tmp_path / "rows.csv").write_text("amount,fund,narrative\n£20.00,,STALL Café\n", encoding)
        _, told, _ = call(capsys, *arguments)
        assert (told[0]["fund"], told[0]["narrative"]) == ("52", "STALL Café")


def test_a_rule_on_the_reference_looks_at_the_only_reference_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = """[{"Name": "R", "Conditions": [{"Field": "Reference", "Operator": "StartWith", "Value": "77"}],
      "Actions": [{"Field": "FundCode", "Value": "23"}]}]"""
    _, told, _ = call(capsys, *write(tmp_path, rules, "reference,fund\n770412261,\n880412261,\n"))
    assert [row["fund"] for row in told] == ["23", ""]


@pytest.mark.parametrize(
    ("rules", "rows", "words"),
    [
        (RULES, "id,colour\n1,red\n", "“rows.csv” has no column that rules can look at"),
        (RULES, "", "“rows.csv” is empty"),
        (RULES, "amount,fund\n1.00,1\nfour,2\n", "Line 3 of “rows.csv” has “four” for an amount"),
        (RULES, "amount,fund\n1.00,1,STALL 4\n", "Line 2 of “rows.csv” has 3 cells for 2 columns"),
        ("{", ROWS, "“rules.json” is not JSON"),
        (RULES.replace("BeGreaterThan", "Exceeds"), ROWS, "has an Operator “Exceeds”"),
        (
            RULES.replace('"FundCode", "Value": "52"}]}', '"Amount", "Value": "1"}]}'),
            ROWS,
            "no rule may change",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_exit_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rules: str, rows: str, words: str
) -> None:
    code, told, said = call(capsys, *write(tmp_path, rules, rows))
    assert (code, told) == (2, None)
    assert words in said
    assert "Traceback" not in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = write(tmp_path)
    (tmp_path / "rows.csv").unlink()
    code, _, words = call(capsys, *arguments)
    assert code == 2
    assert "rows.csv” cannot be opened" in words
