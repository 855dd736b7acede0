"""The window: tabs built when first opened, keys, status in words, find, undo, and an end that saves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QVBoxLayout
from pytestqt.qtbot import QtBot

from app.context import Context
from models.changes import Changed
from models.errors import HoldallError
from tests.things import Thing
from tests.ui import audit
from ui import look
from ui.focus_ring import FocusRing
from ui.main_window import MainWindow
from ui.reading_order import reading_order
from ui.shell import Page, Shell
from ui.status_bar import Standing
from ui.tabs import TABS, TabSpec, slice_of
from ui.theme import Mode, theme
from ui.widgets import Button, LineEdit, PageHead

ROOT = Path(__file__).resolve().parents[2]


class Plain(Page):
    """A page with a head, a field and a button, that notes what the window asks of it."""

    def __init__(self, shell: Shell, key: str) -> None:
        super().__init__(shell)
        self.key = key
        self.refreshed: list[Changed | None] = []
        self.left = 0
        self.opened: list[tuple[str, str]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(PageHead(f"The {key} page", "Some facts", actions=[Button("Import")]))
        self.field = LineEdit(name="Note")
        column.addWidget(self.field)
        column.addStretch(1)

    def refresh(self, changed: Changed | None) -> None:
        self.refreshed.append(changed)

    def leave(self) -> None:
        self.left += 1

    def open_record(self, type_name: str, record_id: str) -> bool:
        self.opened.append((type_name, record_id))
        return record_id != "gone"


BUILT: list[str] = []


def _build(key: str) -> TabSpec:
    known = {spec.key: spec for spec in TABS}
    spec = known.get(key) or TabSpec(key, key.title(), "flag", "Ctrl+6", TABS[0].build)

    def build(shell: Shell) -> Page:
        BUILT.append(key)
        return Plain(shell, key)

    return replace(spec, build=build)


@pytest.fixture
def plain(qtbot: QtBot, context: Context) -> Iterator[MainWindow]:
    """The window with plain pages, and a sixth tab for the records that only tests use."""
    BUILT.clear()
    made = MainWindow(context, [_build(spec.key) for spec in TABS] + [_build("test")])
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    made.close()


def page(window: MainWindow) -> Plain:
    shown = window.current
    assert isinstance(shown, Plain)
    return shown


def test_tabs_are_built_when_first_opened_and_kept(qtbot: QtBot, plain: MainWindow) -> None:
    assert BUILT == ["content"]
    qtbot.keyClick(plain, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert (plain.current.key, BUILT) == ("income", ["content", "income"])
    qtbot.keyClick(plain, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(plain, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert BUILT == ["content", "income"]
    assert page(plain).refreshed == [None]


def test_the_focus_begins_on_the_page(qtbot: QtBot, plain: MainWindow) -> None:
    qtbot.waitUntil(lambda: page(plain).isAncestorOf(plain.focusWidget()))
    qtbot.keyClick(plain, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page(plain).isAncestorOf(plain.focusWidget()))


def test_leaving_a_tab_saves_what_is_typed(plain: MainWindow) -> None:
    first = page(plain)
    plain.open_tab("repairs")
    assert first.left == 1


def test_a_write_refreshes_only_the_pages_there_are(qtbot: QtBot, plain: MainWindow) -> None:
    changed = Changed(frozenset({"income_match"}), frozenset({"a"}))
    plain.shell.changed.emit(changed)
    assert page(plain).refreshed == [None, changed]
    assert BUILT == ["content"]


def test_the_window_passes_its_own_audit_at_every_size(qtbot: QtBot, plain: MainWindow) -> None:
    for factor, mode in ((1.0, "light"), (2.0, "contrast")):
        theme().install(mode, factor)
        plain.resize(1280, 720)
        qtbot.waitUntil(lambda: plain.stack.width() == 1280)
        assert audit.problems(plain) == []
        qtbot.waitUntil(lambda: not audit.cut_off(plain))
        assert audit.stray_windows(plain) == []


def test_a_narrow_window_shows_icons_and_tells_its_pages(qtbot: QtBot, plain: MainWindow) -> None:
    assert not page(plain).compact
    theme().set_factor(2.0)
    assert page(plain).compact
    assert plain.top.tabs.short
    assert plain.top.tabs.tabToolTip(0) == "Content (Ctrl+1)"
    theme().set_factor(1.0)
    assert not page(plain).compact


def test_the_tab_order_goes_from_the_tabs_through_the_page_to_the_status_bar(plain: MainWindow) -> None:
    order = audit.tab_order(plain)
    shown = [
        w for w in order if w in (plain.top.tabs, plain.top.search, page(plain).field, plain.status.sync)
    ]
    assert shown == [plain.top.tabs, plain.top.search, page(plain).field, plain.status.sync]
    assert order == reading_order(plain)


def test_the_focus_ring_lies_round_what_has_the_focus(qtbot: QtBot, plain: MainWindow) -> None:
    field = page(plain).field
    field.setFocus()
    ring = plain.findChild(type(QApplication.instance().findChild(FocusRing)._ring), "focus-ring")
    qtbot.waitUntil(ring.isVisible)
    place = field.mapTo(plain, field.rect().topLeft())
    assert (ring.x(), ring.y()) == (place.x() - 4, place.y() - 4)
    assert (ring.width(), ring.height()) == (field.width() + 8, field.height() + 8)
    assert ring.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    plain.resize(1100, 700)
    qtbot.waitUntil(lambda: ring.width() == field.width() + 8)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (
            Standing(since=datetime(2026, 12, 17, 9, 40, tzinfo=UTC)),
            "Offline since 09:40. Your work is safe on this laptop.",
        ),
        (
            Standing(online=True, last_sync=datetime(2026, 7, 1, 8, 38, tzinfo=UTC)),
            "Online. Last synced at 09:38.",
        ),
        (Standing(syncing=True), "Syncing…"),
        (Standing(server=False), "Your work is kept on this laptop, with no server to share it."),
    ],
)
def test_the_status_bar_speaks_in_sentences(plain: MainWindow, standing: Standing, words: str) -> None:
    plain.status.set_standing(standing)
    assert plain.status.where.text() == words


def test_the_status_bar_names_what_waits_and_what_needs_somebody(plain: MainWindow) -> None:
    plain.status.set_standing(Standing(waiting=4, refused=1, to_settle=1))
    assert plain.status.waiting.label() == "4 changes waiting"
    assert plain.status.needs.label() == "1 refused, 1 to settle"
    plain.status.set_standing(Standing(waiting=1))
    assert plain.status.waiting.label() == "1 change waiting"
    assert not plain.status.needs.isVisible()


def test_a_known_error_is_a_banner_that_is_announced_and_goes_with_the_tab(plain: MainWindow) -> None:
    plain.shell.tell(HoldallError("This is not a statement.", "Choose the file your bank sent."))
    banner = plain._banner
    assert banner is not None
    said = QAccessible.queryAccessibleInterface(banner).text(QAccessible.Text.Name)
    assert said == "This is not a statement. Choose the file your bank sent."
    plain.open_tab("income")
    assert plain._banner is None


def add_thing(window: MainWindow, title: str) -> str:
    def work(session: object) -> Changed:
        thing = Thing(title=title, address="Hadley Street")
        session.add(thing)
        return Changed.of(thing)

    return next(iter(window.shell.context.write("Add a thing", work).ids))


def test_find_groups_what_it_found_and_enter_opens_it(qtbot: QtBot, plain: MainWindow) -> None:
    found = add_thing(plain, "Ffion Wŷn-Harte")
    page(plain).field.setFocus()
    qtbot.keyClick(plain, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert plain.top.search.hasFocus()
    qtbot.keyClicks(plain.top.search, "wyn")
    qtbot.waitUntil(plain.finder.isVisible)
    assert plain.finder.list.model().index(0, 0).data() == "Test"
    qtbot.keyClick(plain.top.search, Qt.Key.Key_Return)
    assert plain.current.key == "test"
    assert page(plain).opened == [("test_thing", found)]
    assert not plain.finder.isVisible()


def test_find_says_so_when_there_is_nothing_and_escape_gives_the_focus_back(
    qtbot: QtBot, plain: MainWindow
) -> None:
    field = page(plain).field
    field.setFocus()
    qtbot.keyClick(plain, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(plain.top.search, "zzz")
    qtbot.waitUntil(plain.finder.isVisible)
    assert plain.finder.words.text() == "Nothing found for “zzz”. Try fewer words, or the start of one."
    qtbot.keyClick(plain.top.search, Qt.Key.Key_Escape)
    assert field.hasFocus()
    assert (plain.top.search.text(), plain.finder.isVisible()) == ("", False)


def test_opening_a_record_that_is_gone_gets_a_sentence(plain: MainWindow) -> None:
    plain.shell.open("income_match", "gone")
    assert plain.current.key == "income"
    assert plain._banner is not None
    assert plain._banner.title.text() == "That record is not here any more."


def test_undo_and_redo_work_on_the_whole_app_and_say_what_they_did(qtbot: QtBot, plain: MainWindow) -> None:
    found = add_thing(plain, "A repair")
    seen: list[Changed] = []
    plain.shell.changed.connect(seen.append)
    qtbot.keyClick(plain, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(seen))
    assert found in seen[0].ids
    assert plain.toast.text.text() == "Undone: add a thing"
    qtbot.keyClick(plain, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert plain.toast.text.text() == "Done again: add a thing"


def test_undo_with_nothing_to_undo_says_so(qtbot: QtBot, plain: MainWindow) -> None:
    plain.undo()
    qtbot.waitUntil(plain.toast.isVisible)
    assert "undo" in plain.toast.text.text().lower()


def test_the_icon_of_the_toast_stands_out_from_its_ground_in_every_mode(plain: MainWindow) -> None:
    plain.toast.say("Synced.", undo=False)
    for mode in (Mode.DARK, Mode.LIGHT, Mode.CONTRAST, Mode.LIGHT):
        theme().install(mode, 1.0)
        picture = plain.toast.grab(plain.toast.icon.geometry()).toImage()
        shades = [
            picture.pixelColor(x, y).lightness()
            for x in range(picture.width())
            for y in range(picture.height())
        ]
        assert max(shades) - min(shades) > 120, mode


def test_a_focused_field_undoes_its_own_typing_first_and_then_lets_the_app(
    qtbot: QtBot, plain: MainWindow
) -> None:
    add_thing(plain, "A repair")
    seen: list[Changed] = []
    plain.shell.changed.connect(seen.append)
    field = page(plain).field
    field.setFocus()
    qtbot.keyClicks(field, "Gwen")
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (field.text(), seen) == ("", [])
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(seen))


def test_a_long_job_shows_its_card_with_stop(qtbot: QtBot, plain: MainWindow) -> None:
    def work(job: object) -> None:
        job.progress(1, 4, "lines")
        while not job.cancelled.wait(0.01):
            pass

    job = plain.shell.fetch(work, title="Reading statement 242")
    qtbot.waitUntil(lambda: job in plain._cards, timeout=3000)
    card = plain._cards[job]
    assert card.count.text() == "1 of 4 lines"
    qtbot.mouseClick(card.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: job.finished)
    assert plain._cards == {}


def test_text_size_and_look_are_kept_for_the_next_start(qtbot: QtBot, plain: MainWindow) -> None:
    qtbot.keyClick(plain, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    assert theme().factor == 1.25
    plain.open_tab("repairs")
    plain.close()
    kept = look.load(plain.shell.context.home)
    assert (kept.factor, kept.mode, kept.tab) == (1.25, "light", "repairs")
    assert kept.place()


def test_a_damaged_look_file_is_the_plain_look(tmp_path: Path) -> None:
    for words in ("", "[]", '{"mode": "pink"}', '{"factor": 9}', "\x00"):
        (tmp_path / look.FILE).write_text(words, encoding="utf-8")
        assert look.load(tmp_path).factor == 1.0


def test_closing_finishes_the_writes_that_wait(qtbot: QtBot, plain: MainWindow) -> None:
    written: list[int] = []
    for number in range(20):
        plain.shell.jobs.write(lambda n=number: written.append(n))
    plain.close()
    assert written == list(range(20))
    assert page(plain).left >= 1


def test_about_names_keys_versions_and_licences(qtbot: QtBot, plain: MainWindow) -> None:
    qtbot.keyClick(plain, Qt.Key.Key_F1)
    from ui.about import About

    about = plain.findChild(About)
    qtbot.waitUntil(lambda: about.isActiveWindow() and about.shut.hasFocus())
    assert audit.problems(about) == []
    about.copy.click()
    assert "PySide6" in QApplication.clipboard().text()
    qtbot.keyClick(about, Qt.Key.Key_Escape)


def test_every_tab_is_registered_once_and_owns_its_records() -> None:
    assert [spec.key for spec in TABS] == ["content", "wellbeing", "income", "repairs", "inclusion"]
    assert len({spec.shortcut for spec in TABS}) == len(TABS)
    assert slice_of("income_bank_line") == "income"
