"""What stands before the window: first page, locked door, one copy at a time, and the dialog of a fault."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.errors import HoldallError
from tests.ui import audit
from ui.crash import CrashCatcher, CrashDialog
from ui.first_run import FirstRun, Unlock
from ui.jobs import Job, Jobs
from ui.single import SingleInstance, server_name, understood
from ui.theme import theme


@pytest.fixture
def jobs(qtbot: QtBot) -> Any:
    made = Jobs()
    yield made
    made.close()


def first_run(qtbot: QtBot, jobs: Jobs, join: Any = None, needs_passphrase: bool = False) -> FirstRun:
    page = FirstRun(jobs, lambda job: "sample", join or (lambda job, *given: given), needs_passphrase)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    return page


@pytest.mark.parametrize(("factor", "mode"), [(1.0, "light"), (2.0, "dark")])
def test_the_first_page_passes_the_audit_and_cuts_nothing(
    qtbot: QtBot, jobs: Jobs, factor: float, mode: str
) -> None:
    theme().install(mode, factor)
    page = first_run(qtbot, jobs, needs_passphrase=True)
    assert audit.problems(page) == []
    qtbot.waitUntil(lambda: not audit.cut_off(page))
    assert audit.stray_windows(page) == []


def test_the_sample_door_opens_the_sample(qtbot: QtBot, jobs: Jobs) -> None:
    page = first_run(qtbot, jobs)
    with qtbot.waitSignal(page.opened) as opened:
        qtbot.mouseClick(page.sample, Qt.MouseButton.LeftButton)
        assert not page.pane.isEnabled()
    assert opened.args == ["sample"]
    assert page.pane.isEnabled()


def test_joining_takes_a_pasted_code_in_small_letters(qtbot: QtBot, jobs: Jobs) -> None:
    page = first_run(qtbot, jobs)
    page.server.setText("https://holdall.averwick.example.org/")
    QApplication.clipboard().setText(" avw7-k4tx ")
    page.code.setFocus()
    page.code.paste()
    assert page.code.code() == "AVW7K4TX"
    with qtbot.waitSignal(page.opened) as opened:
        qtbot.keyClick(page.code, Qt.Key.Key_Return)
    assert opened.args == [("https://holdall.averwick.example.org", "AVW7K4TX", None)]


def test_what_is_missing_is_listed_and_nothing_is_sent(qtbot: QtBot, jobs: Jobs) -> None:
    sent: list[Any] = []
    page = first_run(qtbot, jobs, lambda job, *given: sent.append(given), needs_passphrase=True)
    page.server.setText("http://averwick.example.org")
    page.code.setText("AVW7")
    qtbot.mouseClick(page.join, Qt.MouseButton.LeftButton)
    assert page.errors.title.text() == "3 things to put right"
    assert page.errors.hasFocus()
    assert page.code_field.problem == "Write all eight characters of the code"
    assert sent == []


def test_a_refused_code_is_said_at_the_field(qtbot: QtBot, jobs: Jobs) -> None:
    def join(job: Job, *given: Any) -> None:
        raise HoldallError("This code was used before.", "Ask for a new one.")

    page = first_run(qtbot, jobs, join)
    page.server.setText("https://averwick.example.org")
    page.code.setText("AVW7K4TX")
    page.join.click()
    qtbot.waitUntil(lambda: bool(page.code_field.problem))
    assert page.code_field.problem == "This code was used before. Ask for a new one."


def test_the_locked_door_says_that_a_passphrase_is_wrong_and_opens_for_the_right_one(
    qtbot: QtBot, jobs: Jobs
) -> None:
    def unlock(job: Job, secret: str) -> str:
        if secret != "open sesame":
            raise HoldallError("This passphrase does not open the store.", "Nothing is lost.")
        return "context"

    page = Unlock(jobs, "Averwick Borough Council", unlock)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    assert audit.problems(page) == []
    qtbot.keyClick(page.passphrase, Qt.Key.Key_Return)
    assert page.field.problem == "Type the passphrase"
    page.passphrase.setText("wrong")
    page.button.click()
    qtbot.waitUntil(lambda: "does not open" in page.field.problem)
    page.passphrase.setText("open sesame")
    with qtbot.waitSignal(page.opened) as opened:
        page.button.click()
    assert opened.args == ["context"]


def test_a_second_copy_hands_its_wish_to_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    assert first.first
    second = SingleInstance(tmp_path)
    assert not second.first
    with qtbot.waitSignal(first.asked) as asked:
        assert second.tell_first(["--tab", "income"])
    assert asked.args == [["--tab", "income"]]
    first.close()
    third = SingleInstance(tmp_path)
    assert third.first
    third.close()


def test_another_folder_is_another_holdall(qtbot: QtBot, tmp_path: Path) -> None:
    one, two = SingleInstance(tmp_path / "a"), SingleInstance(tmp_path / "b")
    assert one.first
    assert two.first
    one.close()
    two.close()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"[]",
        b'{"v":2,"args":[]}',
        b'{"v":1,"args":"x"}',
        b'{"v":1,"args":[1]}',
        b"\xff\xfe",
        b"{",
    ],
)
def test_a_message_that_is_not_ours_is_passed_over(line: bytes) -> None:
    assert understood(line) is None
    assert understood(json.dumps({"v": 1, "args": ["a"], "cwd": "/"}).encode()) == ["a"]


def test_rubbish_on_the_line_does_not_harm_the_first_copy(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    socket = QLocalSocket()
    socket.connectToServer(server_name(tmp_path))
    assert socket.waitForConnected(1000)
    socket.write(b"\x00" * 200_000 + b"\n")
    qtbot.waitUntil(
        lambda: socket.state() != QLocalSocket.LocalSocketState.ConnectedState or not socket.bytesToWrite()
    )
    socket.abort()
    with qtbot.waitSignal(first.asked):
        assert SingleInstance(tmp_path).tell_first([])
    first.close()


@pytest.fixture
def hooks() -> Any:
    kept = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = kept


def test_a_fault_in_any_thread_is_written_down_and_shown(qtbot: QtBot, tmp_path: Path, hooks: None) -> None:
    shown: list[tuple[str, Path]] = []
    catcher = CrashCatcher(tmp_path, lambda details, where: shown.append((details, where)))
    catcher.install()
    person = "".join(["Ff", "ion"])
    try:
        raise KeyError(person)
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)

    def broken() -> None:
        raise ZeroDivisionError

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(shown) == 2)
    details, where = shown[0]
    assert "KeyError" in details
    assert "Ffion" not in details + where.read_text(encoding="utf-8")
    assert "ZeroDivisionError" in where.read_text(encoding="utf-8")
    assert "PySide6" in details


def test_the_dialog_of_a_fault_can_be_copied_and_left(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = CrashDialog("KeyError\nPySide6 6.11.3", tmp_path / "faults.log")
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.open()
        dialog.activateWindow()
    assert audit.problems(dialog) == []
    dialog.copy.click()
    assert QApplication.clipboard().text() == "KeyError\nPySide6 6.11.3"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
