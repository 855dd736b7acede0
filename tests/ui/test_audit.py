"""Every tab, as an officer first sees it: names, roles, tab stops, keys, sizes, and no word cut off."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.ui import audit
from ui.main_window import MainWindow
from ui.tabs import TABS
from ui.theme import theme


@pytest.mark.parametrize("key", [spec.key for spec in TABS])
def test_every_focusable_part_of_a_tab_has_a_name_a_role_and_a_tab_stop(
    qtbot: QtBot, window: MainWindow, key: str
) -> None:
    window.open_tab(key)
    qtbot.wait(20)
    assert audit.problems(window) == []
    assert audit.stray_windows(window) == []


@pytest.mark.parametrize("key", [spec.key for spec in TABS])
@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_no_word_of_a_tab_is_cut_off(qtbot: QtBot, window: MainWindow, key: str, factor: float) -> None:
    theme().set_factor(factor)
    window.resize(1280, 720)
    window.open_tab(key)
    qtbot.wait(20)
    assert audit.cut_off(window) == []
