"""Odd input to every `income` command: exit 2, one sentence with what to do, and no fault written down."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from app import cli, folders, workspace
from app.income import sample
from app.income.exports import gl
from app.income.reading import BadRow

LEDGER = "id,date,amount,reference,fund,mop,narrative\n1,13/12/2026,1.00,R,23,28,SMITH\n"
BANK = "Date,Description,Amount,Balance\n13/11/2026,SMITH,1.00,101.00\n14/11/2026,BILL,-1.00,100.00\n"
RULE = {"Name": "A", "Actions": [{"Field": "FundCode", "Value": "1"}]}
CONDITION = {"Field": "Narrative", "Operator": "Contain", "Value": "S"}
FILES = {
    "empty.csv": b"",
    "pdf.csv": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "noise.csv": random.Random(1).randbytes(4_000),
    "noise.xlsx": b"PK\x03\x04" + random.Random(2).randbytes(4_000),
    "no-rows.csv": LEDGER.partition("\n")[0].encode() + b"\n",
    "ledger.csv": LEDGER.encode(),
    "bank.csv": BANK.encode(),
    "rules.json": json.dumps([RULE]).encode(),
    "strings.json": b'["a", "b"]',
    "config.json": b'[{"Name": "own"}]',
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the income of the sample council, which needs no passphrase of its own."""
    folder = tmp_path_factory.mktemp("odd") / folders.SAMPLE_FOLDER
    made = workspace.create(
        folder, workspace.sample_profile(), workspace.SAMPLE_PASSPHRASE, kdf=workspace.SAMPLE_KDF
    )
    sample.fill(made, random.Random(1))
    made.store.close()
    return folder.parent


@pytest.fixture
def said(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Said:
    return Said(home, tmp_path, monkeypatch, capsys)


class Said:
    """Runs commands in a folder of odd files and returns what they say."""

    def __init__(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.home, self.capsys = home, capsys
        monkeypatch.setenv("HOLDALL_HOME", str(home))
        monkeypatch.delenv("HOLDALL_PASSPHRASE", raising=False)
        monkeypatch.chdir(folder)
        Path("folder").mkdir()
        for name, data in FILES.items():
            Path(name).write_bytes(data)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code, what went to people who read, and what went to those who need help."""
        code = cli.main(["income", *arguments], {})
        out, err = self.capsys.readouterr()
        return code, out, err

    def refused(self, *arguments: str) -> str:
        """The one sentence, and what to do, of a command that is refused, with --json and without."""
        code, out, err = self.run(*arguments)
        assert (code, out) == (cli.BAD_INPUT, ""), err or out
        assert "Traceback" not in err
        assert err.startswith("holdall-cli income: ")
        assert err.count("\n") == 1
        title, _, advice = err.strip().partition(". ")
        assert title
        assert advice.endswith(".")
        assert self.run(*arguments, "--json") == (code, out, err)
        assert not list(self.home.rglob("faults.log"))
        return err.removeprefix("holdall-cli income: ").strip()


ODD = (
    "missing.csv",
    "folder",
    "empty.csv",
    "pdf.csv",
    "noise.csv",
    "noise.xlsx",
    "no-rows.csv",
    "strings.json",
)
COMMANDS = {
    "read": ("read", "{}"),
    "gl check": ("gl", "check", "{}"),
    "bank": ("reconcile", "--bank", "{}", "--ledger", "ledger.csv"),
    "ledger": ("reconcile", "--bank", "bank.csv", "--ledger", "{}"),
    "rows": ("rules", "run", "--rules", "rules.json", "--rows", "{}"),
    "rules": ("rules", "run", "--rules", "{}", "--rows", "ledger.csv"),
    "config": ("check-reference", "--validator", "parking", "--config", "{}", "BJ0000000X"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ODD)
def test_a_file_that_is_none_is_refused_by_its_name(said: Said, command: str, name: str) -> None:
    words = said.refused(*(part.format(name) for part in COMMANDS[command]))
    assert name in words


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("rules", "Give the rules as a JSON file."),
        ("rows", "Give a CSV file whose first line names its columns."),
        ("config", "Give the validators as a JSON file."),
    ],
)
def test_the_advice_is_about_the_file_that_was_asked_for(said: Said, command: str, words: str) -> None:
    for name in ("empty.csv", "pdf.csv", "noise.csv"):
        assert said.refused(*(part.format(name) for part in COMMANDS[command])).endswith(words)


def test_a_bank_file_for_a_ledger_and_a_ledger_for_a_bank_file_are_told_apart(said: Said) -> None:
    told = said.refused("reconcile", "--bank", "bank.csv", "--ledger", "bank.csv")
    assert told.startswith("“bank.csv” is a bank statement, not a ledger extract. Give it after --bank")
    told = said.refused("reconcile", "--bank", "ledger.csv", "--ledger", "ledger.csv")
    assert told.startswith("“ledger.csv” is a ledger extract, not a bank file")
    assert told.endswith("Give it after --ledger instead.")
    said.refused("reconcile", "--bank", "ledger.csv", "--ledger", "bank.csv")
    said.refused("reconcile", "--bank", "bank.csv", "bank.csv", "--ledger", "ledger.csv")
    said.refused("reconcile", "--bank", "bank.csv", "--ledger", "ledger.csv", "--out", "bank.csv")
    for name in ("bank.csv", "ledger.csv"):
        assert said.refused("gl", "check", name).startswith(f"“{name}” is no general ledger batch")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (["a"], "Rule 1 of “own.json” is not an object"),
        ([RULE | {"Conditions": [CONDITION | {"Field": "Colour"}]}], "a Field “Colour” in condition 1"),
        (
            [RULE | {"Conditions": [CONDITION | {"Operator": "Smells"}]}],
            "an Operator “Smells” in condition 1",
        ),
        ([RULE | {"Conditions": [CONDITION | {"Value": ["S"]}]}], "a Value in condition 1 that is no text"),
        ([RULE | {"Actions": [{"Field": "FundCode", "Value": {"a": 1}}]}], "a Value in action 1 that is no"),
        ([RULE | {"Actions": [{"Field": "FundCode", "Value": True}]}], "a Value in action 1 that is no text"),
        ([RULE | {"Actions": [{"Field": "Amount", "Value": "1"}]}], "would set “Amount”"),
        ([RULE | {"Actions": {}}], "Actions that are no list"),
        ({"Rules": 5}, "holds no list of rules"),
        (None, "holds no list of rules"),
    ],
)
def test_a_rules_file_that_is_wrong_is_named_with_its_rule_and_member(
    said: Said, rules: object, words: str
) -> None:
    Path("own.json").write_text(json.dumps(rules))
    assert words in said.refused("rules", "run", "--rules", "own.json", "--rows", "ledger.csv")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ([{"Name": "own", "Regex": "("}], "Validator “own” of “own.json” has a Regex that cannot be read"),
        ([{"Name": "own", "Regex": "(a+)+$"}], "a Regex that repeats a part"),
        ([{"Name": "own", "Regex": "a{99999999999}"}], "a Regex that cannot be read"),
        ([{"Name": ["own"]}], "Validator 1 of “own.json” has no Name"),
        (
            [{"Name": "own", "CheckDigitConfiguration": "x"}],
            "a CheckDigitConfiguration that is not an object",
        ),
        (["x"], "Validator 1 of “own.json” is not an object"),
        ({}, "“own.json” holds no validator"),
        (5, "“own.json” holds no validator"),
    ],
)
def test_a_configuration_that_is_wrong_is_named_with_its_validator(
    said: Said, config: object, words: str
) -> None:
    Path("own.json").write_text(json.dumps(config))
    assert words in said.refused("check-reference", "--validator", "own", "--config", "own.json", "REF1")


def test_a_validator_that_is_not_there_is_told_with_those_that_are(said: Said) -> None:
    assert "There are council-tax," in said.refused("check-reference", "--validator", "nope", "REF1")


@pytest.mark.parametrize(
    "moment",
    [
        *("noon", "", "2026-13-40", "2026-11-11T25:00", "2026-11-11T17:00+99:00", "2999-01-01"),
        *("9999-12-31", "0001-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"),
    ],
)
def test_a_moment_that_is_none_or_has_not_come_is_refused(said: Said, moment: str) -> None:
    assert f"{moment}" in said.refused("as-at", moment)


def test_an_account_a_period_and_a_place_that_are_none_are_refused(said: Said) -> None:
    assert "no account nope" in said.refused("as-at", "2026-01-01", "--account", "nope")
    days = ("--from", "2026-01-01", "--to", "2026-12-31")
    assert "neither .csv nor .xlsx" in said.refused("gl", "export", "batch.txt", *days)
    assert "needs --from" in said.refused("gl", "export", "batch.csv")
    assert "“x” is not a day for --to" in said.refused("gl", "export", "batch.csv", *days[:3], "x")
    assert "cannot be written" in said.refused("gl", "export", "gone/batch.csv", *days)
    assert "no Holdall store" in said.refused("verify", "--home", "folder")
    assert "no Holdall store" in said.refused("as-at", "2026-01-01", "--home", "bank.csv")


def test_a_batch_that_was_changed_is_done_and_told_by_its_first_finding(said: Said) -> None:
    days = ("--from", "2026-01-01", "--to", "2026-12-31")
    assert said.run("gl", "export", "batch.csv", *days)[0] == cli.DONE
    assert said.run("gl", "check", "batch.csv")[:2] == (cli.DONE, "The batch is as it was exported.\n")
    path = Path("batch.csv")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    (first, *_) = gl.check(path.read_bytes(), path.name)
    code, out, err = said.run("gl", "check", "batch.csv")
    assert (code, err) == (cli.DONE, "")
    assert out.casefold().startswith(first.words.casefold())
    document = json.loads(said.run("gl", "check", "batch.csv", "--json")[1])
    assert document["ok"] is False
    assert document["findings"][0]["words"] == first.words


def test_a_file_with_nothing_but_warnings_is_said_to_be_so(said: Said) -> None:
    nothing = "Nothing is wrong in it, but look at"
    assert nothing not in said.run("read", "bank.csv")[1]
    rows = "".join(f"0{day}/11/2025,X,1.00,{level}.00\n" for level, day in enumerate((1, 2, 4), 1))
    Path("either.csv").write_text("Date,Description,Amount,Balance\n" + rows)
    code, out, _ = said.run("read", "either.csv")
    assert code == cli.DONE
    assert out.splitlines()[1] == f"{nothing} 1 warning."
    assert "day first was taken" in out
    Path("to-come.csv").write_text(BANK.replace("2026", "2199"))
    assert said.run("read", "to-come.csv")[1].splitlines()[1] == f"{nothing} 2 warnings."
    Path("off.csv").write_text(BANK.replace("2026", "2199").replace("101.00", "101.01"))
    assert nothing not in said.run("read", "off.csv")[1]


def test_a_remark_about_a_whole_file_names_no_line() -> None:
    assert str(BadRow(0, "it begins late")) == "It begins late."
    assert str(BadRow(3, "it is late")) == "Line 3: it is late."
