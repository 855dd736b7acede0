"""The palettes reach WCAG AA on every ground, and the fonts and icons are the ones we carry."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

import resources
from ui.theme import CONTRAST, DARK, GROUNDS, HUES, LIGHT, ROLES, TONES, mixed, ratio, theme
from ui.widgets import Button, Chip, Label

TEXT = ("text", "muted", "primary", *TONES)
PALETTES = {"light": (LIGHT, 0.09), "dark": (DARK, 0.16)}


def _grounds(tokens: dict[str, str], tint: float, tone: str) -> list[QColor]:
    plain = [QColor(tokens[name]) for name in GROUNDS]
    return plain + [mixed(QColor(tokens[tone]), QColor(tokens[g]), tint) for g in ("page", "surface")]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", TEXT)
def test_words_reach_four_and_a_half_on_every_ground(mode: str, name: str) -> None:
    tokens, tint = PALETTES[mode]
    worst = min(ratio(QColor(tokens[name]), ground) for ground in _grounds(tokens, tint, name))
    assert worst >= 4.5, (mode, name, worst)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", ["edge", *HUES])
def test_edges_icons_and_rules_reach_three_on_every_ground(mode: str, name: str) -> None:
    tokens, tint = PALETTES[mode]
    worst = min(ratio(QColor(tokens[name]), ground) for ground in _grounds(tokens, tint, name))
    assert worst >= 3.0, (mode, name, worst)


@pytest.mark.parametrize("tokens", [LIGHT, DARK, CONTRAST], ids=["light", "dark", "contrast"])
def test_the_label_of_the_main_button_reaches_seven(tokens: dict[str, str]) -> None:
    assert ratio(QColor(tokens["on_primary"]), QColor(tokens["primary"])) >= 7


def test_high_contrast_is_black_and_white_only() -> None:
    assert set(CONTRAST.values()) == {"#FFFFFF", "#000000"}
    assert ratio(QColor(CONTRAST["text"]), QColor(CONTRAST["page"])) == pytest.approx(21)


@pytest.mark.parametrize("mode", ["light", "dark", "contrast"])
def test_the_toast_can_be_read_on_its_turned_ground(qtbot: QtBot, mode: str) -> None:
    theme().set_mode(mode)
    for name in ("text", "muted", "primary"):
        assert ratio(theme().turned(name), theme().turned("page")) >= 4.5, name


def test_chosen_rows_in_high_contrast_are_turned_over(qtbot: QtBot) -> None:
    theme().set_mode("contrast")
    assert ratio(theme().colour("on_selection"), theme().colour("selection")) == pytest.approx(21)


def test_the_formula_knows_the_boundary_pair() -> None:
    white = QColor("#ffffff")
    assert ratio(QColor("#767676"), white) == pytest.approx(4.54, abs=0.01)
    assert ratio(QColor("#777777"), white) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_set_in_the_font_we_carry(qtbot: QtBot, role: str) -> None:
    info = QFontInfo(theme().font(role))
    assert info.family() == "Source Sans 3"
    assert info.weight() == (600 if ROLES[role][1] else 400)


def test_all_figures_are_equally_wide_so_that_columns_line_up(qtbot: QtBot) -> None:
    for role in ("body", "strong", "hint", "figure"):
        assert len({theme().metrics(role).horizontalAdvance(str(n)) for n in range(10)}) == 1


def test_text_at_two_hundred_per_cent_is_twice_as_high_and_margins_are_not(qtbot: QtBot) -> None:
    before, button = theme().line_height(), theme().tall(34)
    theme().set_factor(2.0)
    assert theme().line_height() == pytest.approx(before * 2, abs=2)
    assert theme().tall(34) == pytest.approx(button + before, abs=2)
    assert theme().px(24) == 24
    assert theme().icon_size(20) == 38


def test_open_widgets_follow_the_text_size_and_the_look(qtbot: QtBot) -> None:
    label, button, chip = Label("Left to explain"), Button("Accept match", key="A"), Chip("First time")
    for widget in (label, button, chip):
        qtbot.addWidget(widget)
    small = [widget.sizeHint().height() for widget in (label, button, chip)]
    theme().set_factor(2.0)
    assert all(w.sizeHint().height() > h for w, h in zip((label, button, chip), small, strict=True))
    theme().set_mode("dark")
    assert label.palette().windowText().color() == QColor(DARK["text"])


def test_every_icon_is_a_picture_with_a_licence_beside_it(qtbot: QtBot) -> None:
    icons = sorted(resources.path("icons").glob("*.svg"))
    assert len(icons) >= 60
    for icon in icons:
        picture = theme().pixmap(icon.stem, size=16).toImage()
        assert any(picture.pixelColor(x, y).alpha() for x in range(16) for y in range(16)), icon.name
    assert "ISC" in resources.path("icons", "LICENSE-Lucide.txt").read_text(encoding="utf-8")
    assert "SIL" in resources.path("fonts", "LICENSE-SourceSans3.md").read_text(encoding="utf-8")


def test_a_hundred_thousand_calls_that_return_nothing_do_not_end_the_program(qtbot: QtBot) -> None:
    """PySide6 6.12.0 on Python 3.11 loses a reference to None at each call and dies after some 50,000."""
    label = QLabel()
    qtbot.addWidget(label)
    for number in range(100_000):
        label.setText("a" if number % 2 else "b")
    assert label.text() == "a"
