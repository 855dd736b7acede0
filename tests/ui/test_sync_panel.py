"""The sync panel: refused acts with their ways out, conflicts settled by keyboard with no network."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app.context import Context
from models import blobs
from models.changes import Changed
from models.errors import HoldallError
from models.outbox import Blob, Conflict, OpState, OutboxOp, ScopeState
from sync.engine import SyncReport
from sync.receipt import Receipt
from sync.recovery import Healing
from tests.conftest import NOW
from tests.things import Thing
from tests.ui import audit
from ui.jobs import Job
from ui.main_window import MainWindow
from ui.sync_items import field_words, spoken
from ui.sync_panel import SettleCard
from ui.sync_refused import RefusedCard
from ui.syncing import Syncing, notes_of
from ui.tabs import TABS
from ui.theme import theme
from ui.widgets.text import Label


@pytest.fixture
def thing(context: Context) -> str:
    """A record that the server has, as version 1, with nothing waiting."""

    def work(session: Session) -> str:
        made = Thing(title="Report a missed bin", note="Report it within 5 working days.")
        session.add(made)
        return made.id

    made = context.write("Add a thing", work)
    with context.store.connect(write=True) as connection:
        connection.execute(OutboxOp.__table__.update().values(state=OpState.SETTLED.value, answered_at=NOW))
        connection.execute(Thing.__table__.update().values(version=1))
    return made


@pytest.fixture
def conflict(context: Context, thing: str) -> str:
    with context.store.connect(write=True) as connection:
        connection.execute(
            Conflict.__table__.insert().values(
                conflict_id="c-1",
                type="test_thing",
                record_id=thing,
                scope="team:team-1",
                field="note",
                base_value="Report it within 5 working days.",
                kept_value="Report it within 5 working days, or we cannot come back.",
                other_value="Report it within 2 working days.",
                kept_by="Priya Senn",
                other_by="Tomos Aldgate",
                kept_at=NOW,
                other_at=NOW,
                status="open",
            )
        )
        connection.execute(
            Thing.__table__.update().values(note="Report it within 5 working days, or we cannot come back.")
        )
    return "c-1"


def refuse(context: Context, thing: str) -> None:
    """A second change of the record, refused by the server."""

    def work(session: Session) -> None:
        session.get_one(Thing, thing).title = "Report a missed recycling box"

    context.write("Change the title", work)
    answer = {"op": "o", "status": "rejected", "code": "written_once", "detail": {"field": "title"}}
    with context.store.connect(write=True) as connection:
        table = OutboxOp.__table__
        waiting = table.c.state == OpState.QUEUED.value
        connection.execute(table.update().where(waiting).values(state=OpState.REJECTED.value, result=answer))


@pytest.fixture
def window(qtbot: QtBot, context: Context) -> MainWindow:
    from tests.ui.test_main_window import _build

    made = MainWindow(context, [_build(spec.key) for spec in TABS])
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def note(context: Context, thing: str) -> str:
    return context.read(lambda session: session.get_one(Thing, thing).note)


def test_the_panel_takes_the_focus_holds_it_and_gives_it_back(qtbot: QtBot, window: MainWindow) -> None:
    field = window.current.field
    field.setFocus()
    window.status.waiting.setVisible(True)
    qtbot.keyClick(window, "s", Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    panel = window.sync_panel
    qtbot.waitUntil(panel.shut.hasFocus)
    assert not window.centralWidget().isEnabled()
    for _ in range(4):
        qtbot.keyClick(window, Qt.Key.Key_Tab)
        assert panel.isAncestorOf(window.focusWidget())
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert field.hasFocus()


def test_a_refusal_says_why_and_giving_it_up_shows_the_servers_words(
    qtbot: QtBot, context: Context, thing: str, window: MainWindow
) -> None:
    refuse(context, thing)
    window.syncing.look()
    assert window.status.needs.label() == "1 refused"
    window.open_sync()
    card = window.sync_panel.findChild(RefusedCard)
    assert "written once" in card.item.sentence.title
    give_up = card.ways["keep_theirs"]
    qtbot.waitUntil(give_up.isVisible)
    card.show_values.click()
    assert "missed recycling box" in card.values.text()
    qtbot.waitUntil(lambda: not audit.problems(window.sync_panel))
    give_up.setFocus()
    qtbot.keyClick(give_up, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.syncing.standing.refused == 0)
    assert not window.status.needs.isVisible()


@pytest.mark.parametrize("take_mine", [True, False])
def test_a_conflict_is_settled_by_keyboard_and_the_choice_waits_for_the_sync(
    qtbot: QtBot, context: Context, thing: str, conflict: str, window: MainWindow, take_mine: bool
) -> None:
    window.open_sync()
    card = window.sync_panel.findChild(SettleCard)
    qtbot.waitUntil(card.keep.isVisible)
    assert next(row.text() for row in card.answers.rows) == "Report it within 2 working days."
    card.answers.focus_first()
    qtbot.keyClick(window, Qt.Key.Key_1 if take_mine else Qt.Key.Key_2)
    assert card.keep.label() == ("Keep yours" if take_mine else "Take theirs")
    qtbot.keyClick(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.syncing.standing.to_settle == 0)
    assert note(context, thing).startswith("Report it within 2" if take_mine else "Report it within 5")
    assert window.syncing.standing.waiting == 1


def test_a_third_version_can_be_written_in_place(
    qtbot: QtBot, context: Context, thing: str, conflict: str, window: MainWindow
) -> None:
    window.open_sync()
    card = window.sync_panel.findChild(SettleCard)
    qtbot.waitUntil(card.write.isVisible)
    card.write.click()
    assert card.writing
    card.third.set_text("Report it within 3 working days.")
    window.sync_panel.look()
    assert window.sync_panel.findChild(SettleCard) is card
    card.keep.click()
    qtbot.waitUntil(lambda: window.syncing.standing.to_settle == 0)
    assert note(context, thing) == "Report it within 3 working days."


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_nothing_in_the_panel_is_cut(
    qtbot: QtBot, context: Context, thing: str, conflict: str, window: MainWindow, factor: float
) -> None:
    refuse(context, thing)
    theme().set_factor(factor)
    window.open_sync()
    qtbot.waitUntil(lambda: not audit.cut_off(window.sync_panel))
    assert audit.problems(window.sync_panel) == []


def test_values_are_said_as_people_read_them() -> None:
    assert spoken(None) == spoken("") == "(nothing)"
    assert spoken(True) == "yes"
    assert spoken(["a", 2]) == "a, 2"
    assert spoken({"id": "x", "text": "Bins"}) == "Bins"
    assert spoken(-7720, "test_thing", "price") == "−£77.20"
    assert spoken(7, "test_thing", "stock") == "7"
    assert field_words("amount_pence") == "amount"


def test_a_sync_that_was_asked_for_says_how_it_went(qtbot: QtBot, window: MainWindow) -> None:
    changed = Changed(frozenset({"income_match"}), frozenset({"a"}))
    syncing = Syncing(window.shell, lambda job: changed)
    with qtbot.waitSignal(window.shell.changed) as heard:
        syncing.start(asked=True)
    assert heard.args == [changed]
    assert syncing.standing.online
    assert window.toast.text.text() == "Synced. Both copies agree."
    syncing.stop()


def test_a_sync_that_fails_keeps_the_moment_and_tries_again_later(qtbot: QtBot, window: MainWindow) -> None:
    tries: list[int] = []

    def run(job: Job) -> Changed:
        tries.append(1)
        raise HoldallError("The server does not answer.", "Your work is safe here.")

    syncing = Syncing(window.shell, run)
    with qtbot.waitSignal(window.shell.told):
        syncing.start(asked=True)
    assert not syncing.standing.online
    assert syncing.standing.since == NOW
    assert syncing._next.isActive()
    syncing.stop()


def test_news_from_the_server_is_fetched_and_none_is_once_the_window_closes(
    qtbot: QtBot, window: MainWindow
) -> None:
    runs: list[int] = []

    def run(job: Job) -> Changed:
        runs.append(1)
        return Changed()

    syncing = Syncing(window.shell)
    syncing.connect_to(run)
    qtbot.waitUntil(lambda: len(runs) == 1 and syncing.standing.online and not syncing.standing.syncing)
    told = threading.Thread(target=syncing.news.emit)
    told.start()
    told.join()
    qtbot.waitUntil(lambda: len(runs) == 2 and not syncing.standing.syncing)
    syncing.stop()
    syncing.news.emit()
    window.shell.jobs.fetch(lambda job: runs.append(0), lambda found: None, lambda error: None)
    qtbot.waitUntil(lambda: runs[-1] == 0)
    assert runs == [1, 1, 0]


def test_the_panel_says_how_the_copies_stand_and_what_the_sync_put_right(
    qtbot: QtBot, context: Context, window: MainWindow
) -> None:
    with context.store.connect(write=True) as connection:
        rows = [("tenant", 4), ("team:team-1", 7), ("user:u-1", 2)]
        for scope, cursor in rows:
            values = {"scope": scope, "epoch": "e", "cursor": cursor, "last_ok_at": NOW}
            connection.execute(ScopeState.__table__.insert().values(values))
    report = SyncReport(handed_on=1, repaired=["team:team-1"], skew_seconds=-600)
    report.scopes = {"team:team-1": Receipt(7, "d", True), "tenant": Receipt(4, "d", False)}
    window.open_sync()
    syncing = window.syncing
    syncing.connect_to(lambda job: report)
    qtbot.waitUntil(lambda: bool(syncing.notes))
    syncing.stop()
    qtbot.waitUntil(lambda: any("put right" in text for text in texts(window)))
    seen = texts(window)
    assert {
        "Team 1: everything up to 14:21, equal to the server’s",
        "The whole council: everything up to 14:21, but it differs from the server’s: tell IT",
        "Only you: everything up to 14:21",
        "1 courier file of colleagues handed on to the server",
        "This laptop’s clock is 10 minutes behind: put it right in its settings",
    } <= seen


def test_a_restored_server_and_a_copied_laptop_are_said() -> None:
    report = SyncReport(healed=Healing(("tenant",), 3), only_here=1, new_device=True)
    assert notes_of(report) == [
        "The server was restored from a copy; this laptop sent its work again: 3 changes",
        "1 record only on this laptop for now; a colleague's laptop brings the rest",
        "This laptop is a copy of another; it goes on under a name of its own",
    ]


def test_a_comparison_holds_until_the_scope_has_something_new(window: MainWindow) -> None:
    syncing = window.syncing
    for receipt, equal in ((Receipt(7, "d", True), True), (Receipt(7), True), (Receipt(8), None)):
        syncing._keep_compared(SyncReport(scopes={"tenant": receipt}))
        assert syncing.equal("tenant") is equal


def texts(window: MainWindow) -> set[str]:
    return {label.text() for label in window.sync_panel.findChildren(Label) if label.isVisible()}


def test_without_a_server_sync_now_says_so(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F9)
    assert "no server" in window.toast.text.text()


def test_a_tool_tip_shows_what_looks_like_html_as_words(qtbot: QtBot) -> None:
    from PySide6.QtGui import QTextDocumentFragment

    from ui.widgets.text import plain_tip

    words = 'Ann: <img src="//example.org/x.png"> & more'
    assert "<img" not in plain_tip(words)
    assert QTextDocumentFragment.fromHtml(plain_tip(words)).toPlainText() == words


def test_photos_go_after_the_words_and_one_that_cannot_go_says_why(qtbot: QtBot, context: Context) -> None:
    names = [
        context.write("Photo", lambda s, n=n: blobs.put(s, b"photo %d" % n, "image/jpeg", f"wall-{n}.jpg"))  # type: ignore[misc]
        for n in range(2)
    ]
    with context.store.connect(write=True) as connection:
        table = Blob.__table__
        connection.execute(table.update().where(table.c.sha256 == names[0]).values(state="due"))
        stuck = table.update().where(table.c.sha256 == names[1])
        connection.execute(stuck.values(problem="The server does not keep files of this kind."))
    window = MainWindow(context, TABS[:1])
    qtbot.addWidget(window)
    window.sync_panel.look()
    said = [label.text() for label in window.sync_panel.findChildren(QLabel)]
    assert "1 photo or file after the words." in said
    assert "Not sent: wall-1.jpg. The server does not keep files of this kind. It is kept here." in said
