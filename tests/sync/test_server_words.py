"""The server's commands with something wrong before them: one sentence, exit 2, nothing on stdout."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sync.server import joining
from sync.server.__main__ import main

NOBODY = "postgresql://holdall:secret@127.0.0.1:1/holdall"  # where no PostgreSQL listens
ENROL = ("enrol", "--role", "lead", "--user", "u-1")
COMMANDS = (ENROL, ("run",), ("migrate",), ("compact",), ("roles",), ("verify",), ("backup", "--out", "OUT"))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and the one sentence; nothing may come on stdout."""
    code = main(arguments)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err
    assert "secret" not in told.err
    return code, told.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_database_that_is_down_or_none_is_one_sentence(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(tmp_path / "out.db") if one == "OUT" else one for one in command]
    page = tmp_path / "page.html"
    page.write_text("<p>This is not a database, whatever it is called.</p>" * 40, encoding="utf-8")
    bad = {
        NOBODY: "cannot be used",
        "postgresql://h:secret@127.0.0.1:abc/x": "cannot be read",
        "mysql://h:secret@127.0.0.1/x": "not a database that serves here",
        str(page): "PostgreSQL" if command[0] == "roles" else "not a Holdall server's database",
    }
    for address, words in bad.items():
        code, told = said(capsys, *given, "--db", address)
        assert (code, words in told) == (2, True), told
    assert page.read_text(encoding="utf-8").startswith("<p>")


def test_a_command_that_needs_a_database_makes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.db"
    for command in (
        ("compact",),
        ("verify",),
        ("backup", "--out", str(tmp_path / "o")),
        ("courier", str(missing)),
    ):
        code, told = said(capsys, *command, "--db", str(missing))
        assert (code, "There is no database at" in told) == (2, True), told
    assert not missing.exists()


def test_a_locked_database_asks_for_patience(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(options: object) -> joining.Said:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setitem(joining.COMMANDS, "enrol", locked)
    code, told = said(capsys, *ENROL, "--db", str(tmp_path / "s.db"))
    assert (code, "Another program holds" in told) == (2, True)


def test_a_place_or_file_that_cannot_be_had_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = ("--db", str(tmp_path / "s.db"))
    gone = str(tmp_path / "gone.pem")
    for arguments, words in (
        (("run", "--port", "99999"), "cannot listen on 127.0.0.1, port 99999"),
        (("run", "--metrics-token-file", gone), "gone.pem"),
        (("run", "--with", "no_such_module"), "no_such_module"),
    ):
        code, told = said(capsys, *arguments, *db)
        assert (code, words in told) == (2, True), told


def test_a_fault_of_the_program_names_its_place_and_no_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(options: object) -> joining.Said:
        raise LookupError("secret words of a person")

    monkeypatch.setitem(joining.COMMANDS, "enrol", broken)
    code, told = said(capsys, *ENROL, "--db", str(tmp_path / "s.db"))
    assert (code, "LookupError at test_server_words.py" in told) == (1, True)
