"""Signing in on the first page, days of grace at the foot of the window, a laptop that is closed out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import left_behind
from app.left_behind import ClosedOut
from models.errors import HoldallError
from models.grace import note_contact
from tests.ui import audit
from ui.application import Program
from ui.first_run import FirstRun
from ui.jobs import Job, Jobs
from ui.main_window import MainWindow
from ui.status_bar import Standing
from ui.theme import theme

SERVER = "https://holdall.averwick.example.org"


@dataclass
class Offer:
    """A way to sign in."""

    council: str = "Averwick Borough Council"
    label: str = ""


@dataclass
class Shown:
    """A device code."""

    code: str = "SVDF-VXSJ"
    address: str = "https://login.example.org/device"


@pytest.fixture
def jobs(qtbot: QtBot) -> Any:
    made = Jobs()
    yield made
    made.close()


def page(qtbot: QtBot, jobs: Jobs, sign_in: Any = None, offers: Any = None, **more: Any) -> FirstRun:
    made = FirstRun(
        jobs,
        lambda job: "sample",
        lambda job, *given: given,
        offers=offers or (lambda job, server: [Offer()]),
        sign_in=sign_in,
        **more,
    )
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def type_address(qtbot: QtBot, shown: FirstRun, address: str = SERVER) -> None:
    shown.server.setFocus()
    shown.server.setText(address)
    qtbot.keyClick(shown.server, Qt.Key.Key_Tab)


def test_the_button_appears_when_the_server_that_was_typed_offers_it(qtbot: QtBot, jobs: Jobs) -> None:
    asked: list[str] = []

    def offers(job: Job, server: str) -> list[Offer]:
        asked.append(server)
        return [Offer(label="Microsoft")]

    shown = page(qtbot, jobs, offers=offers)
    assert not shown.sign_in.isVisible()
    type_address(qtbot, shown, "holdall.example.org")
    assert asked == []
    type_address(qtbot, shown, f"{SERVER}/")
    qtbot.waitUntil(shown.sign_in.isVisible)
    assert asked == [SERVER]
    assert shown.sign_in.begin.text() == "Sign in with Microsoft"
    assert not shown.sign_in.council_field.isVisible()
    shown.server.setText("https://another.example.org")
    assert not shown.sign_in.isVisible()


def test_larger_words_put_one_door_over_the_other_at_once(qtbot: QtBot, jobs: Jobs) -> None:
    shown = page(qtbot, jobs)
    shown.resize(1280, 720)
    for factor, stacked in ((1.0, False), (2.0, True), (1.0, False)):
        theme().install(theme().mode, factor)
        qtbot.waitUntil(lambda below=stacked: (shown.join_card.y() > shown.sample_card.y()) is below)


def test_a_server_that_offers_nothing_or_is_away_shows_no_button(qtbot: QtBot, jobs: Jobs) -> None:
    def away(job: Job, server: str) -> list[Offer]:
        raise HoldallError("The server cannot be reached from here.")

    shown = page(qtbot, jobs, offers=away)
    type_address(qtbot, shown)
    qtbot.waitUntil(lambda: shown._offers_of == "")
    assert not shown.sign_in.isVisible()
    assert not shown.errors.isVisible()


def test_signing_in_opens_the_browser_and_then_the_window(
    qtbot: QtBot, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "ui.sign_in.QDesktopServices.openUrl", lambda url: opened.append(url.toString()) or True
    )

    def sign_in(
        job: Job, server: str, offer: Offer, secret: str | None, browse: Callable[[str], None], show: Any
    ) -> tuple[str, str, str | None]:
        browse("https://login.example.org/auth")
        return server, offer.council, secret

    shown = page(qtbot, jobs, sign_in, offers=lambda job, server: [Offer(), Offer("Brackwater")])
    type_address(qtbot, shown)
    qtbot.waitUntil(shown.sign_in.isVisible)
    assert shown.sign_in.council_field.isVisible()
    shown.sign_in.council.setCurrentIndex(1)
    with qtbot.waitSignal(shown.opened) as signal:
        shown.sign_in.begin.click()
    assert signal.args == [(SERVER, "Brackwater", None)]
    qtbot.waitUntil(lambda: opened == ["https://login.example.org/auth"])


def test_a_code_for_another_device_is_shown_and_can_be_copied_and_stopped(qtbot: QtBot, jobs: Jobs) -> None:
    def sign_in(
        job: Job, server: str, offer: Offer, secret: str | None, browse: None, show: Callable[[object], None]
    ) -> None:
        assert browse is None
        show(Shown())
        job.cancelled.wait(20)

    shown = page(qtbot, jobs, sign_in)
    type_address(qtbot, shown)
    qtbot.waitUntil(shown.sign_in.isVisible)
    shown.sign_in.other.click()
    qtbot.waitUntil(shown.sign_in.panel.isVisible)
    assert not shown.join.isEnabled()
    assert shown.sign_in.copy_code.hasFocus()
    qtbot.keyClick(shown.sign_in.copy_code, Qt.Key.Key_Space)
    assert QApplication.clipboard().text() == "SVDF-VXSJ"
    shown.sign_in.copy_address.click()
    assert QApplication.clipboard().text() == "https://login.example.org/device"
    assert shown.card is not None
    shown.card.stop.click()
    assert shown.join.isEnabled()
    assert not shown.sign_in.panel.isVisible()
    assert shown.card is None


def test_a_sign_in_that_is_refused_is_said_at_its_button(qtbot: QtBot, jobs: Jobs) -> None:
    def sign_in(*given: object) -> None:
        raise HoldallError("Your council account has no role in Holdall yet.", "Ask your administrator.")

    shown = page(qtbot, jobs, sign_in)
    type_address(qtbot, shown)
    qtbot.waitUntil(shown.sign_in.isVisible)
    shown.sign_in.begin.click()
    qtbot.waitUntil(shown.errors.isVisible)
    assert "no role in Holdall yet" in shown.errors.accessibleName()


@pytest.mark.parametrize(("factor", "mode"), [(1.0, "light"), (2.0, "dark")])
def test_the_first_page_with_all_of_it_passes_the_audit_and_cuts_nothing(
    qtbot: QtBot, jobs: Jobs, factor: float, mode: str
) -> None:
    theme().install(mode, factor)
    notice = ("The key to the work on this laptop is gone", "3 changes cannot be read any more.")
    shown = page(qtbot, jobs, offers=lambda job, server: [Offer(), Offer("Brackwater")], notice=notice)
    shown.sign_in.set_offers([Offer(), Offer("Brackwater")])
    shown.sign_in._show(Shown())
    assert audit.problems(shown) == []
    qtbot.waitUntil(lambda: not audit.cut_off(shown))
    assert audit.stray_windows(shown) == []


# -- days of grace ----------------------------------------------------------------------------------


def test_the_foot_of_the_window_says_when_writing_ends() -> None:
    until = datetime(2026, 12, 20, 14, 21, tzinfo=UTC)
    near = Standing(write_until=until)
    assert near.where() == "Offline. Sync by 20 December 14:21 to go on writing."
    assert near.where(short=True) == "Sync by 20 December 14:21."
    over = replace(near, read_only=True)
    assert over.where() == "Read-only until it syncs. All that you saved is safe here."
    assert over.where(short=True) == "Read-only."


def test_the_window_says_so_as_the_clock_goes_on(qtbot: QtBot, window: MainWindow) -> None:
    context = window.shell.context
    window.syncing.connect_to(lambda job: None)  # type: ignore[arg-type, return-value]
    window.syncing.stop()
    met = context.now()
    note_contact(context.store, met, 14)
    for days, words in ((10, "Offline"), (12, "Sync by"), (14, "Read-only until")):
        from datetime import timedelta

        moment = met + timedelta(days=days)
        context.clock = lambda moment=moment: moment
        window.syncing._ticked()
        assert window.status.where.text().startswith(words) or words in window.status.where.text()


# -- closed out, key lost ---------------------------------------------------------------------------


def test_a_laptop_that_was_closed_out_goes_back_to_the_first_page_which_says_why(
    qtbot: QtBot, tmp_path: Path, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program(tmp_path, False)
    program.enter(context)
    window = program.window
    assert window is not None
    (tmp_path / left_behind.CLOSED).write_text('{"council": "Averwick Borough Council", "changes": 2}')

    def refuse(job: Job) -> Any:
        raise ClosedOut("An administrator has closed this laptop out.")

    window.syncing.connect_to(refuse)
    qtbot.waitUntil(lambda: isinstance(program.door, FirstRun))
    assert program.window is None
    assert not window.isVisible()
    assert isinstance(program.door, FirstRun)
    assert program.door.notice is not None
    assert "has closed this laptop out" in program.door.notice.title.text()
    assert "2 changes not yet sent" in program.door.notice.text.text()
    program.door.close()
    program.close()


def test_a_lost_passphrase_leads_there_too_and_the_old_store_is_put_aside_by_joining(
    qtbot: QtBot, tmp_path: Path
) -> None:
    from app import workspace
    from sync.local_server import LocalServer, Person
    from ui.first_run import Unlock

    cheap = {"time": 1, "memory_kib": 8, "lanes": 1}
    home = tmp_path / "laptop"
    workspace.create(home, workspace.sample_profile(), "forgotten by now", kdf=cheap).store.close()
    before = (home / "holdall.db").read_bytes()
    program = Program(home, False)
    program.begin()
    qtbot.waitUntil(lambda: isinstance(program.door, Unlock))
    assert isinstance(program.door, Unlock)
    qtbot.mouseClick(program.door.forgotten, Qt.MouseButton.LeftButton)
    assert isinstance(program.door, FirstRun)
    assert program.door.notice is not None
    server = LocalServer([sys.executable, "-m", "app", "server"], tmp_path / "server.db")
    try:
        address = server.start()
        code = server.invite([Person("u-9", "Nia Prys", ("officer",))])
        joined = program._join(program._jobs.fetch(lambda job: None), address, code, "a good new passphrase")
        assert joined.author.name == "Nia Prys"
        joined.store.close()
    finally:
        server.close()
    (kept,) = home.glob("kept-*")
    assert (kept / "holdall.db").read_bytes() == before
    program.door.close()
    program.close()


def test_a_lost_key_leads_to_the_first_page_which_says_what_is_lost(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.errors import KeyLost

    left_behind.note_waiting(tmp_path, 3)
    program = Program(tmp_path, False)

    def lost(job: Job) -> Any:
        raise KeyLost("The password store of this computer no longer holds Holdall's key.")

    monkeypatch.setattr(program, "_open", lost)
    program.begin()
    qtbot.waitUntil(lambda: isinstance(program.door, FirstRun))
    assert isinstance(program.door, FirstRun)
    assert program.door.notice is not None
    assert "3 changes that had not been sent yet" in program.door.notice.text.text()
    program.door.close()
    program.close()
