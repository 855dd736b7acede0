"""How Holdall looks: every colour, font, size and icon. No other module names one.

The palettes are our own because Qt's misses WCAG AA; `tests/ui/test_theme.py` works out every ratio.
A widget that keeps a colour, font or size of its own offers `restyle()`; a change of theme calls it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

import resources


class Mode(StrEnum):
    """The three looks, and the wish to follow the computer."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


LIGHT = {
    "page": "#F6F5F1",
    "surface": "#FFFFFF",
    "bar": "#E7E4DB",
    "soft": "#F0EEE8",
    "selection": "#DCE9EE",
    "mark": "#FBE9C6",
    "text": "#17191C",
    "muted": "#55585E",
    "edge": "#6F6D66",
    "line": "#D8D5CC",
    "primary": "#124E66",
    "on_primary": "#FFFFFF",
    "good": "#1E6B3A",
    "warn": "#8A5200",
    "danger": "#A3261B",
    "info": "#1F5FA8",
    "content": "#1F5FA8",
    "wellbeing": "#7A3E8E",
    "income": "#1E6B3A",
    "repairs": "#8A5200",
    "inclusion": "#0B6A6A",
}
DARK = {
    "page": "#15181B",
    "surface": "#1E2226",
    "bar": "#0E1012",
    "soft": "#262B30",
    "selection": "#203A45",
    "mark": "#4A3A17",
    "text": "#ECEDEE",
    "muted": "#AEB4BB",
    "edge": "#8B939C",
    "line": "#343A40",
    "primary": "#7CC4DC",
    "on_primary": "#0C2029",
    "good": "#7FD19B",
    "warn": "#F0B968",
    "danger": "#FF9B8F",
    "info": "#9CC4F5",
    "content": "#9CC4F5",
    "wellbeing": "#D9A9E8",
    "income": "#7FD19B",
    "repairs": "#F0B968",
    "inclusion": "#74CFCF",
}
GROUNDS = ("page", "surface", "bar", "soft", "selection", "mark")
TONES = ("good", "warn", "danger", "info")
HUES = ("content", "wellbeing", "income", "repairs", "inclusion")


def _contrast(ground: str, ink: str) -> dict[str, str]:
    """Two colours only. Selected rows are turned over, so text on `selection` is `on_selection`."""
    tokens = {name: (ground if name in GROUNDS else ink) for name in LIGHT}
    return {**tokens, "on_primary": ground, "selection": ink}


CONTRAST = _contrast("#FFFFFF", "#000000")

# Points at 100 % and whether semibold.
ROLES: Mapping[str, tuple[float, bool]] = {
    "hint": (10, False),
    "hint_strong": (10, True),
    "body": (11, False),
    "strong": (11, True),
    "section": (12.5, True),
    "lead": (12.5, False),
    "subfigure": (15, True),
    "title": (17, True),
    "question": (20, True),
    "figure": (27, True),
}
FAMILY = "Source Sans 3"
FACTORS = (1.0, 1.25, 1.5, 1.75, 2.0)
_TINT = {Mode.LIGHT: 0.09, Mode.DARK: 0.16, Mode.CONTRAST: 0.0}


@runtime_checkable
class Themed(Protocol):
    """Anything that takes its colours, fonts and sizes anew when the theme changes."""

    def restyle(self) -> None:
        """Reads the theme again."""


def mixed(over: QColor, ground: QColor, share: float) -> QColor:
    """`share` (0 to 1) of one colour laid over another, opaque."""
    return QColor(
        round(over.red() * share + ground.red() * (1 - share)),
        round(over.green() * share + ground.green() * (1 - share)),
        round(over.blue() * share + ground.blue() * (1 - share)),
    )


def luminance(colour: QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""

    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    r, g, b = linear(colour.redF()), linear(colour.greenF()), linear(colour.blueF())
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def ratio(one: QColor, other: QColor) -> float:
    """Contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def system_contrast() -> bool:
    """Whether Windows runs a high-contrast theme; always False elsewhere."""
    if sys.platform != "win32":
        return False
    import ctypes

    class HighContrast(ctypes.Structure):
        _fields_ = [("size", ctypes.c_uint), ("flags", ctypes.c_uint), ("scheme", ctypes.c_wchar_p)]

    found = HighContrast(size=ctypes.sizeof(HighContrast))
    ok = ctypes.windll.user32.SystemParametersInfoW(0x42, found.size, ctypes.byref(found), 0)
    return bool(ok and found.flags & 1)


class Theme(QObject):
    """The one look in force: mode, text factor, and what follows from them."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.installed = False
        self._wish = Mode.LIGHT
        self._mode = Mode.LIGHT
        self._factor = 1.0
        self._tokens: Mapping[str, str] = LIGHT
        self._colours: dict[str, QColor] = {}
        self._fonts: dict[str, QFont] = {}
        self._metrics: dict[tuple[str, float], QFontMetricsF] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        self._sources: dict[str, str] = {}
        self._hints = QGuiApplication.styleHints()  # kept: Qt deletes it under us otherwise
        for name in ("Regular", "Semibold", "It"):
            QFontDatabase.addApplicationFont(str(resources.path("fonts", f"SourceSans3-{name}.ttf")))

    # What is in force

    @property
    def mode(self) -> Mode:
        """The look in force: light, dark or contrast."""
        return self._mode

    @property
    def wish(self) -> Mode:
        """What was asked for; may be `system`."""
        return self._wish

    @property
    def factor(self) -> float:
        """Text size, 1.0 to 2.0."""
        return self._factor

    @property
    def contrast(self) -> bool:
        """Whether the look is black and white only, with 2 px edges and no tints."""
        return self._mode is Mode.CONTRAST

    @property
    def stroke(self) -> int:
        """Width of an edge in pixels."""
        return 2 if self.contrast else 1

    def install(self, wish: Mode | str = Mode.SYSTEM, factor: float = 1.0) -> None:
        """Dresses the application; called once at start, and again for each change."""
        app = QApplication.instance()
        if isinstance(app, QApplication) and not self.installed:
            self.installed = True  # the style cannot be asked: a style sheet wraps it and hides its name
            app.setStyle("Fusion")
            self._hints.colorSchemeChanged.connect(self._follow)
        self._wish, self._factor = Mode(wish), min(2.0, max(1.0, factor))
        self._dress()

    def set_mode(self, wish: Mode | str) -> None:
        """Changes the look of every open window."""
        self.install(wish, self._factor)

    def set_factor(self, factor: float) -> None:
        """Changes the text size of every open window, 1.0 to 2.0."""
        self.install(self._wish, factor)

    def _follow(self) -> None:
        if self._wish is Mode.SYSTEM:
            self._dress()

    def _resolved(self) -> Mode:
        if self._wish is not Mode.SYSTEM:
            return self._wish
        if system_contrast():
            return Mode.CONTRAST
        dark = self._hints.colorScheme() == Qt.ColorScheme.Dark
        return Mode.DARK if dark else Mode.LIGHT

    def _dress(self) -> None:
        self._mode = self._resolved()
        tokens = {Mode.LIGHT: LIGHT, Mode.DARK: DARK, Mode.CONTRAST: CONTRAST}[self._mode]
        if self._mode is Mode.CONTRAST and system_contrast():
            system = QGuiApplication.palette()
            tokens = _contrast(system.window().color().name(), system.windowText().color().name())
        self._tokens = tokens
        self._colours = {name: QColor(value) for name, value in tokens.items()}
        self._colours["on_selection"] = self._colours["page" if self.contrast else "text"]
        self._fonts.clear()
        self._pixmaps.clear()
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        app.setPalette(self.palette())
        app.setFont(self.font("body"))
        app.setStyleSheet(self._sheet())
        for widget in app.allWidgets():
            if isinstance(widget, Themed):
                widget.restyle()
            widget.updateGeometry()
            widget.update()
        self.changed.emit()

    # Colours

    def colour(self, name: str) -> QColor:
        """The colour of a token, tone or tab, for example "muted", "warn", "income"; KeyError otherwise."""
        if not self._colours:
            self._dress()
        return self._colours[name]

    def turned(self, name: str) -> QColor:
        """The same token in the other theme: for the toast, whose ground is turned over."""
        if self.contrast:
            return self.colour("text" if name in GROUNDS else "page")
        return QColor((LIGHT if self._mode is Mode.DARK else DARK)[name])

    def hue(self, slice_key: str) -> QColor:
        """The colour of a tab's icon, rules and charts; primary for anything that is no tab."""
        return self.colour(slice_key if slice_key in HUES else "primary")

    def tint(self, tone: str, ground: str = "page") -> QColor:
        """A breath of a tone over a ground; the ground itself in high contrast."""
        return mixed(self.colour(tone), self.colour(ground), _TINT[self._mode])

    def palette(self) -> QPalette:
        """The Qt palette made of our tokens, for the parts Qt paints itself."""
        p, c, role = QPalette(), self.colour, QPalette.ColorRole
        pairs = {
            role.Window: "page",
            role.WindowText: "text",
            role.Base: "surface",
            role.AlternateBase: "soft",
            role.Text: "text",
            role.Button: "surface",
            role.ButtonText: "text",
            role.BrightText: "danger",
            role.PlaceholderText: "muted",
            role.Highlight: "primary",
            role.HighlightedText: "on_primary",
            role.Link: "primary",
            role.LinkVisited: "primary",
            role.ToolTipBase: "surface",
            role.ToolTipText: "text",
            role.Light: "surface",
            role.Midlight: "soft",
            role.Mid: "line",
            role.Dark: "edge",
            role.Shadow: "edge",
            role.Accent: "primary",
        }
        for which, name in pairs.items():
            p.setColor(which, c(name))
        for which in (role.WindowText, role.Text, role.ButtonText):
            p.setColor(QPalette.ColorGroup.Disabled, which, c("muted"))
        return p

    def _sheet(self) -> str:
        """Scroll bars and tool tips: all that style sheets are used for."""
        handle, ground = self._tokens["edge"], self._tokens["surface"]
        return (
            "QScrollBar:vertical{background:transparent;width:9px;margin:0}"
            "QScrollBar:horizontal{background:transparent;height:9px;margin:0}"
            f"QScrollBar::handle{{background:{handle};border-radius:2px;margin:2px}}"
            "QScrollBar::handle:vertical{min-height:36px}QScrollBar::handle:horizontal{min-width:36px}"
            "QScrollBar::add-line,QScrollBar::sub-line{width:0;height:0;border:none}"
            "QScrollBar::add-page,QScrollBar::sub-page{background:transparent}"
            f"QToolTip{{background:{ground};color:{self._tokens['text']};"
            f"border:1px solid {handle};padding:4px}}"
        )

    # Type

    def font(self, role: str = "body") -> QFont:
        """The font of a role (see ROLES) at the text size in force; KeyError for an unknown role."""
        if role not in self._fonts:
            self._fonts[role] = self._font(role, self._factor)
        return QFont(self._fonts[role])

    def italic(self, role: str = "body") -> QFont:
        """The same in italics: for foreign titles and emphasis inside written text."""
        font = self.font(role)
        font.setItalic(True)
        return font

    @staticmethod
    def _font(role: str, factor: float) -> QFont:
        points, strong = ROLES[role]
        font = QFont(FAMILY)
        font.setPointSizeF(points * factor)
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    def metrics(self, role: str = "body") -> QFontMetricsF:
        """Measures of a role's font at the text size in force."""
        return self._measured(role, self._factor)

    def _measured(self, role: str, factor: float) -> QFontMetricsF:
        key = (role, factor)
        if key not in self._metrics:
            self._metrics[key] = QFontMetricsF(self._font(role, factor))
        return self._metrics[key]

    def line_height(self, role: str = "body") -> int:
        """Height of one line of a role in pixels."""
        return round(self.metrics(role).height())

    # Sizes

    def px(self, n: float) -> int:
        """A margin, gap or padding in pixels: it does not grow with the text."""
        return round(n)

    def tall(self, n: float, role: str = "body") -> int:
        """A height drawn for 100 %, grown by what one line of text grows: fields, buttons, rows, bars."""
        grown = self._measured(role, self._factor).height() - self._measured(role, 1.0).height()
        return round(n + grown)

    def wide(self, n: float) -> int:
        """A width drawn for 100 %, grown with the text: columns, measures of a form."""
        return round(n * self._factor)

    def icon_size(self, n: float = 18) -> int:
        """Side of an icon in pixels: it grows by 0.9 of what the text grows."""
        return round(n * (1 + 0.9 * (self._factor - 1)))

    # Icons

    def pixmap(
        self, name: str, tone: str = "edge", size: float = 18, colour: QColor | None = None
    ) -> QPixmap:
        """An icon from resources/icons in a token's colour (or in `colour`); FileNotFoundError if none."""
        side, ink = self.icon_size(size), (self.colour(tone) if colour is None else colour).name()
        app = QGuiApplication.instance()
        dots = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
        key = (name, ink, side, dots)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._drawn(name, ink, side, dots)
        return self._pixmaps[key]

    def icon(self, name: str, tone: str = "edge", size: float = 18) -> QIcon:
        """The same as a QIcon."""
        return QIcon(self.pixmap(name, tone, size))

    def _drawn(self, name: str, ink: str, side: int, dots: float) -> QPixmap:
        if name not in self._sources:
            text = resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")
            self._sources[name] = text.replace('stroke-width="2"', 'stroke-width="1.9"')
        svg = self._sources[name].replace("currentColor", ink)
        picture = QPixmap(QSize(round(side * dots), round(side * dots)))
        picture.setDevicePixelRatio(dots)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
        painter.end()
        return picture


_theme: list[Theme] = []


def theme() -> Theme:
    """The one Theme of the application; made at the first call, which needs a QApplication."""
    if not _theme:
        _theme.append(Theme())
    return _theme[0]


def compact(widget: QWidget) -> bool:
    """Whether a widget is narrower than 45 lines of body text are high, and should be one column."""
    return widget.width() < 45 * theme().metrics("body").height()
