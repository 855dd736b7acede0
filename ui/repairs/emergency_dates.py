"""The hours of an emergency on the page that says what to do now: target, bar of hours, the other reading."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.repairs.clock_words import emergency_sentence, hours_sentence, outer_line, skew_sentence
from app.repairs.views import RepairView
from ui.repairs.hour_strip import HourStrip
from ui.widgets import Card, Label


class EmergencyDates(Card):
    """One card: by when it is made safe, across the night and any change of the clocks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.promise = Label("", "section", wrap=True)
        self.strip = HourStrip()
        self.hours = Label("", "hint", "muted", wrap=True)
        self.outer = Label("", "hint", "muted", wrap=True)
        self.warning = Label("", "hint_strong", "warn", wrap=True)
        self.body.setSpacing(6)
        for widget in (self.promise, self.strip, self.hours, self.outer, self.warning):
            self.body.addWidget(widget)
        self.hide()

    def show_view(self, view: RepairView) -> None:
        """Shows the hours that run; hides where none do."""
        running = [d for d in view.deadlines if d.count is None] if view.emergency is not None else []
        self.setVisible(bool(running))
        if not running:
            return
        last = running[-1]
        self.promise.setText(emergency_sentence(running))
        self.strip.show_deadline(last, "Safe by", view.outer)
        self.hours.setText(hours_sentence(last))
        self.warning.setText(skew_sentence(view.skew) if view.skew is not None else "")
        self.warning.setVisible(view.skew is not None)
        line = outer_line(view.outer) if view.outer is not None else None
        self.outer.setText(
            f"{line.name}: {line.due[:1].lower()}{line.due[1:]}. {line.detail}" if line else ""
        )
        self.outer.setVisible(line is not None)
