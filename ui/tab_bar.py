"""The top of the window: the mark, the tabs like dividers in a folder, and Find."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QTabBar, QWidget

from ui.tabs import TabSpec
from ui.theme import theme
from ui.widgets.button import Button
from ui.widgets.fields import SearchField
from ui.widgets.mark import Mark


class TabBar(QTabBar):
    """The tabs: icon in the tab's hue and its name; only the icon where the window is narrow."""

    def __init__(self, tabs: Sequence[TabSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tabs, self.short = tuple(tabs), False
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Tabs")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.currentChanged.connect(lambda _number: self.restyle() if self.short else None)
        for spec in self._tabs:
            number = self.addTab(spec.title)
            self.setTabToolTip(number, f"{spec.title} ({spec.shortcut})")
            self.setAccessibleTabName(number, spec.title)

    def set_short(self, short: bool) -> None:
        """Shows icons alone, or icons with names."""
        if short != self.short:
            self.short = short
            self.restyle()

    def restyle(self) -> None:
        """Sizes anew."""
        self.setFont(theme().font("body"))  # makes QTabBar ask for every size again
        for number, spec in enumerate(self._tabs):
            self.setTabText(number, spec.title)
        self.updateGeometry()

    def height_wanted(self) -> int:
        """The bar without the 4 px above the tabs."""
        return theme().tall(42)

    def tabSizeHint(self, index: int) -> QSize:
        """Icon and name; where the window is narrow only the current tab shows its name."""
        t = theme()
        if self.short and index != self.currentIndex():
            return QSize(t.icon_size(18) + 30, self.height_wanted())
        name = round(t.metrics("strong").horizontalAdvance(self._tabs[index].title)) + 2
        return QSize(16 + t.icon_size(18) + 8 + name + 14, self.height_wanted())

    def minimumTabSizeHint(self, index: int) -> QSize:
        """The same: names are never cut."""
        return self.tabSizeHint(index)

    def minimumSizeHint(self) -> QSize:
        """All tabs."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The current tab on the page's ground with its rule; the others as words on the bar."""
        t, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, spec in enumerate(self._tabs):
            here, place = number == self.currentIndex(), self.tabRect(number)
            if here:
                self._paint_divider(painter, place, spec)
            side = t.icon_size(18)
            named = here or not self.short
            x = place.x() + (16 if named else (place.width() - side) // 2)
            y = place.y() + (place.height() - side) // 2
            painter.drawPixmap(x, y, t.pixmap(spec.icon, size=18, colour=t.hue(spec.key)))
            if named:
                painter.setFont(t.font("strong" if here else "body"))
                painter.setPen(t.colour("text" if here else "muted"))
                words = QRect(x + side + 8, place.y(), place.width(), place.height())
                painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, spec.title)

    def _paint_divider(self, painter: QPainter, place: QRect, spec: TabSpec) -> None:
        t = theme()
        shape = QPainterPath()
        box = place.toRectF().adjusted(0, 0, 0, 8)
        shape.addRoundedRect(box, 6, 6)
        painter.save()
        painter.setClipRect(place)
        painter.fillPath(shape, t.colour("page"))
        painter.setClipPath(shape)
        painter.fillRect(place.x(), place.y(), place.width(), 3, t.hue(spec.key))
        if t.contrast:
            painter.fillRect(place.x(), place.y(), 2, place.height(), t.colour("edge"))
            painter.fillRect(place.right() - 1, place.y(), 2, place.height(), t.colour("edge"))
        painter.restore()


class NameButton(Button):
    """The name of the program: it opens About, as F1 does."""

    def __init__(self) -> None:
        super().__init__("Holdall", "word", role="strong")
        self.setAccessibleDescription("Keys, versions and licences (F1)")
        self.setToolTip("Keys, versions and licences (F1)")

    def inks(self) -> tuple[QColor, QColor | None, QColor | None]:
        """In the colour of text: it is a name first."""
        return theme().colour("text"), None, None


class TopBar(QWidget):
    """The bar over the page."""

    def __init__(self, tabs: Sequence[TabSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 12, 0)
        row.setSpacing(0)
        self.mark, self.name = Mark(20), NameButton()
        self.tabs = TabBar(tabs)
        self.search = SearchField("Find anything", "Ctrl+F", "Find anything", slim=True)
        row.addWidget(self.mark)
        row.addSpacing(8)
        row.addWidget(self.name)
        row.addSpacing(26)
        row.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        row.addWidget(self.search, 0, Qt.AlignmentFlag.AlignVCenter)
        self.restyle()

    def set_short(self, short: bool) -> None:
        """Icons alone where the window is narrow."""
        self.tabs.set_short(short)
        self.name.setVisible(not short)
        self.search.setPlaceholderText("Find" if short else "Find anything")
        self.search.set_keycap(not short)

    def restyle(self) -> None:
        """Sizes anew."""
        self.setFixedHeight(theme().tall(46))
        self.search.setFixedWidth(round(214 + 26 * (theme().factor - 1)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar's ground; a firm line under it in high contrast, open under the current tab."""
        t, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), t.colour("bar"))
        if t.contrast:
            here = self.tabs.tabRect(self.tabs.currentIndex()).translated(self.tabs.pos())
            y = self.height() - 2
            painter.fillRect(0, y, here.x(), 2, t.colour("edge"))
            painter.fillRect(here.right() + 1, y, self.width(), 2, t.colour("edge"))
