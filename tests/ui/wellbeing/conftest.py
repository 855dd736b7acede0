"""The window with the Wellbeing page alone, over an empty store or over the sample vault."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.context import Context
from app.wellbeing import sample
from app.workspace import SAMPLE_PASSPHRASE
from models.changes import Author
from models.store import Store
from tests.conftest import KEY, NOW
from ui.main_window import MainWindow
from ui.tabs import TABS
from ui.wellbeing.tab import Inside, Tab

ONLY = tuple(spec for spec in TABS if spec.key == "wellbeing")
QUICK = {"ops": 1, "memory_kib": 8}
DEVICE = "0197d000-0000-7000-8000-000000000001"


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Presses a key where the focus is."""
    target = QApplication.focusWidget() or QApplication.activeWindow()
    assert target is not None
    QTest.keyClick(target, key, modifier)


def type_words(words: str) -> None:
    """Types words where the focus is."""
    target = QApplication.focusWidget()
    assert target is not None
    QTest.keyClicks(target, words)


def shown(qtbot: QtBot, tab: Tab, view: Callable[[], QWidget]) -> None:
    """Waits until a view is on show."""
    qtbot.waitUntil(lambda: tab.views.currentWidget() is view(), timeout=4000)


def inside(tab: Tab) -> Inside:
    """The views of the open vault."""
    assert tab.inside is not None
    return tab.inside


def opened(qtbot: QtBot, context: Context) -> MainWindow:
    """The active window with the Wellbeing page."""
    window = MainWindow(context, ONLY)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def page_of(window: MainWindow) -> Tab:
    """The Wellbeing page, with keys that are quick to make."""
    page = window.open_tab("wellbeing")
    assert isinstance(page, Tab)
    page.kdf = QUICK
    return page


@pytest.fixture
def fresh(qtbot: QtBot, context: Context) -> Iterator[Tab]:
    """The page of somebody without a vault."""
    window = opened(qtbot, context)
    yield page_of(window)
    window.close()


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the sample vault, made once; its key is quick to derive."""
    home = tmp_path_factory.mktemp("vault")
    author = Author("u-1", "Tomos Aldgate", "team-1", frozenset({"officer"}), DEVICE)
    store = Store.create(home / "holdall.db", KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample, "KDF", QUICK)
        sample.fill(Context(store, author, home, clock=lambda: NOW), random.Random("1/wellbeing"))
    store.close()
    return home / "holdall.db"


@pytest.fixture
def sampled(first_officer: Author, sample_file: Path, tmp_path: Path) -> Iterator[Context]:
    """The context of the first officer over a copy of that store."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(sample_file, home / "holdall.db")
    store = Store.open(home / "holdall.db", KEY)
    yield Context(store, first_officer, home, clock=lambda: NOW, sample=True)
    store.close()


@pytest.fixture
def locked(qtbot: QtBot, sampled: Context) -> Iterator[Tab]:
    """The page over the sample vault, locked."""
    window = opened(qtbot, sampled)
    yield page_of(window)
    window.close()


@pytest.fixture
def vault(qtbot: QtBot, locked: Tab) -> Tab:
    """The page over the sample vault, opened by its passphrase and Enter."""
    type_words(SAMPLE_PASSPHRASE)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: locked.inside is not None, timeout=4000)
    return locked
