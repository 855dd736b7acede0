"""Every way out of every refusal, by keyboard, in the panel of a laptop that a real server refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app.context import Context
from models.outbox import Carried, OpState, OutboxOp
from models.store import Store
from sync import carry, desk
from sync.server.store import ServerStore
from sync.ways_out import SCREEN, WAYS, Way
from sync.wire import Code
from tests.sync.kit import KEY, Fleet, Laptop
from tests.sync.refusing import refused
from tests.things import Binder, Place, Thing
from tests.ui import audit
from tests.ui.test_main_window import _build
from ui.main_window import MainWindow
from ui.sync_refused import RefusedCard
from ui.tabs import TABS
from ui.theme import theme
from ui.widgets.text import Label

Show = Callable[[Laptop], MainWindow]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "holdall.db"
    Store.create(path, KEY).close()
    return path


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerStore]:
    made = ServerStore.open(str(tmp_path_factory.mktemp("server") / "server.db"))
    yield made
    made.close()


@pytest.fixture
def fleet(tmp_path: Path, books: ServerStore, template: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path, books, template, None)
    yield made
    made.close()


@pytest.fixture
def show(qtbot: QtBot, tmp_path: Path) -> Iterator[Show]:
    """Shows a window over a laptop's store, with the panel open."""
    made: list[MainWindow] = []

    def shown(laptop: Laptop) -> MainWindow:
        context = Context(laptop.store, laptop.author, tmp_path, clock=laptop.clock.tick)
        window = MainWindow(context, [_build(spec.key) for spec in TABS])
        qtbot.addWidget(window)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        window.open_sync()
        made.append(window)
        return window

    yield shown
    for window in made:
        window.close()


def card_of(window: MainWindow, op_id: str) -> RefusedCard:
    return next(c for c in window.sync_panel.findChildren(RefusedCard) if c.item.op_id == op_id)


@pytest.mark.parametrize(("code", "way"), [(code, way) for code in Code for way in WAYS[code]])
def test_each_way_out_works_by_keyboard(
    qtbot: QtBot, fleet: Fleet, show: Show, tmp_path: Path, code: Code, way: Way
) -> None:
    laptop, refusal = refused(fleet, code)
    if (code, way) == (Code.TAKEN, Way.RETRY):  # nothing is left here either: a place has to come first
        laptop.write("Room", lambda s: setattr(s.get_one(Place, _place(refusal)), "places", 2))
    if (code, way) == (Code.TOO_LATE, Way.RETRY):  # the day has to come back first
        laptop.write("Day", lambda s: setattr(s.get_one(Place, _place(refusal)), "day", date(2026, 12, 18)))
    window = show(laptop)
    card = card_of(window, refusal.op_id)
    button = next(b for key, b in card.ways.items() if key.partition(":")[0] == way)
    qtbot.waitUntil(button.isVisible)
    assert button.accessibleName()
    assert button.accessibleDescription()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    if way is Way.EXPORT:
        path = tmp_path / "for the lead.txt"
        window.shell.choose_save = lambda title, name, filters: str(path)
        qtbot.keyClick(button, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: "Saved in" in window.toast.text.text())
        assert refusal.sentence.title in path.read_text(encoding="utf-8")
    elif way in SCREEN:
        with qtbot.waitSignal(window.shell.open_asked) as heard:
            qtbot.keyClick(button, Qt.Key.Key_Return)
        assert heard.args[0].startswith("test_")
        assert heard.args[2] == ("title" if way is Way.OPEN_FIELD else "")
        assert not window.sync_panel.isVisible()
    else:
        if (code, way) == (Code.FROZEN, Way.RETRY):
            qtbot.keyClick(button, Qt.Key.Key_Return)
            qtbot.waitUntil(card.problem.isVisible)
            assert "belongs to a binder that is closed" in card.problem.text()
            return
        before = laptop.read(desk.counts).refused
        qtbot.keyClick(button, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: laptop.read(desk.counts).refused < before)
        qtbot.waitUntil(lambda: refusal.op_id not in {c.item.op_id for c in cards(window)})
        again = way in (Way.RETRY, Way.RESTORE, Way.INSTEAD)
        assert bool(laptop.read(desk.counts).waiting) == again or code is Code.TAKEN


def _place(refusal: desk.Refusal) -> str:
    return next(value for _, name, value in refusal.values if name == "place_id")


def cards(window: MainWindow) -> list[RefusedCard]:
    return [card for card in window.sync_panel.findChildren(RefusedCard) if card.isVisible()]


@pytest.mark.parametrize("code", list(Code))
@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_no_card_cuts_its_words(qtbot: QtBot, fleet: Fleet, show: Show, code: Code, factor: float) -> None:
    laptop, _ = refused(fleet, code)
    theme().set_factor(factor)
    window = show(laptop)
    qtbot.waitUntil(lambda: not audit.cut_off(window.sync_panel))
    assert audit.problems(window.sync_panel) == []


def test_the_card_says_who_was_there_first(fleet: Fleet, show: Show) -> None:
    laptop, refusal = refused(fleet, Code.TAKEN)
    card = card_of(show(laptop), refusal.op_id)
    assert "Priya Senn was there at " in card._words()


def test_a_courier_file_goes_out_and_comes_in_by_keyboard(
    qtbot: QtBot, fleet: Fleet, show: Show, tmp_path: Path
) -> None:
    author, reader = fleet.join(), fleet.join("u-2", "Priya Senn")
    fleet.settle()
    thing = Thing(title="From a community hall")
    author.write("Add a thing", lambda s: s.add(thing))
    path = tmp_path / "stick.holdall"
    window = show(author)
    foot = window.sync_panel.courier
    window.shell.choose_save = lambda title, name, filters: str(path)
    foot.save.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(foot.save, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "1 change in stick.holdall" in window.toast.text.text())
    assert author.read(lambda s: s.scalars(select(OutboxOp.state)).all()) == [OpState.SENDING]
    other = show(reader)
    foot = other.sync_panel.courier
    other.shell.choose_open = lambda title, filters: str(path)
    foot.bring.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(foot.bring, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "unconfirmed" in other.toast.text.text())
    assert reader.get(Thing, thing.id).title == "From a community hall"
    other.sync_panel.look()
    qtbot.waitUntil(foot.carried.isVisible)
    assert foot.carried.text().startswith("1 courier file of colleagues waits here")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with qtbot.waitSignal(other.shell.told) as heard:
        foot.bring.click()
    assert "damaged or was altered" in heard.args[0].title
    reader.sync()
    with reader.store.connect() as connection:
        assert carry.carried_count(connection) == 0
    assert reader.read(lambda s: s.scalars(select(Carried.problem)).one()) is None


def test_what_waits_says_what_may_become_of_it(fleet: Fleet, show: Show) -> None:
    laptop = fleet.join()
    laptop.write("Add a thing", lambda s: s.add(Thing(title="New")))
    laptop.write("Add a binder", lambda s: s.add(Binder()))
    window = show(laptop)
    texts = {label.text() for label in window.sync_panel.findChildren(Label)}
    assert {"Will land", "The server decides"} <= texts
