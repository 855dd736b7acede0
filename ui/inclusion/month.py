"""The month report on screen: its figures as they may be printed, the chart, and its release."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.inclusion import files, month, report, rules
from app.inclusion.month import Month, Released
from app.report import BarChart, chart_alt
from app.wording import day_month
from models.errors import HoldallError
from ui.inclusion import items
from ui.shell import Shell
from ui.theme import theme
from ui.widgets import (
    Button,
    Card,
    ChartView,
    Chip,
    Column,
    ComboBox,
    Field,
    Label,
    PageHead,
    QuietNote,
    Row,
    ScrollColumn,
    Table,
    TextArea,
    WrapRow,
)

MONTHS = 12


class MonthView(QWidget):
    """One month: shown, looked at as paper, released. `left` asks for the landing page."""

    left = Signal()

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self.month = ""
        self._figures: Month | None = None
        self.choice = ComboBox(name="Month")
        self.choice.setObjectName("inclusion-month")
        self.back = Button("All sessions", icon="arrow-left", on_click=self.left.emit)
        self.head = PageHead("Month report", actions=[self.choice, self.back])
        self.finding = Label("", "section", wrap=True)
        self.numbers = Table([Column("Month", 160, stretch=True), Column("Sessions", 90, figures=True)])
        self.numbers.setAccessibleName("Sessions by month")
        self.chart = ChartView(self._draw, "", self.numbers)
        self.places = Table(items.PLACE_COLUMNS, name="Place by place", row=32)
        self.places.setObjectName("inclusion-month-places")
        self.how = QuietNote("How to read this")
        self.comment = TextArea(name="A word under the chart", lines=2)
        self.comment.setObjectName("inclusion-month-comment")
        self.comment_field = Field(
            "A word under the chart", self.comment, "Why a month is low or high", optional=True
        )
        self.paper = Button("Look at the paper", icon="file-text", on_click=self._preview)
        self.paper.setObjectName("inclusion-month-paper")
        self.csv = Button("Save as a spreadsheet…", icon="file-down", on_click=self._save_csv)
        self.release = Button("Release the report", "primary", icon="check", on_click=self._release)
        self.release.setObjectName("inclusion-month-release")
        self.why = Label("", "body", "muted", wrap=True)
        self._build()
        self.choice.currentIndexChanged.connect(lambda _n: self._chosen())

    def _build(self) -> None:
        self.figures_row = QHBoxLayout()
        self.figures_row.setSpacing(24)
        self._labels: list[tuple[Label, Label, Label]] = []
        for _ in range(4):
            column = QVBoxLayout()
            column.setSpacing(0)
            labels = (
                Label("", "figure"),
                Label("", "strong", wrap=True),
                Label("", "hint", "muted", wrap=True),
            )
            for part in labels:
                column.addWidget(part)
            self._labels.append(labels)
            self.figures_row.addLayout(column, 1)
        top = Card(hue=True)
        top.body.addLayout(self.figures_row)
        chart = Card()
        chart.body.addWidget(self.finding)
        chart.body.addWidget(self.chart)
        places = Card(flush=True)
        places.body.addWidget(self.places)
        scroll = ScrollColumn((0, 0, 6, 0))
        for widget in (
            top,
            WrapRow([self.paper, self.csv], 8),
            chart,
            places,
            self.how,
            self.comment_field,
            self.why,
            WrapRow([self.release]),
        ):
            scroll.body.addWidget(widget)
        scroll.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.head)
        column.addWidget(scroll, 1)

    def open_months(self) -> None:
        """Fills the choice with the last twelve months and shows the last whole one."""
        this = rules.month_of(self.shell.context.today())
        names = [rules.month_before(this, n) for n in range(MONTHS)]
        if [self.choice.itemData(n) for n in range(self.choice.count())] != names:
            self.choice.blockSignals(True)
            self.choice.clear()
            for name in names:
                self.choice.addItem(f"{rules.month_start(name):%B %Y}", name)
            self.choice.blockSignals(False)
        self.choice.setCurrentIndex(1)
        self._chosen()

    def _chosen(self) -> None:
        self.month = str(self.choice.currentData() or "")
        self.comment.set_text("")
        self.reload()

    def reload(self) -> None:
        """Reads the month again and shows it."""
        if not self.month:
            return
        name = self.month
        released = self.shell.read(lambda s: month.latest_release(s, name))
        now = self.shell.read(lambda s: month.figures(s, name))
        figures = released.month if released else now
        self._figures = figures
        safe = month.printed(figures)
        self.head.set_title(f"Month report: {self.choice.currentText()}")
        self.head.set_chips([_chip(released)])
        document = report.month_document(self.shell.context, {"month": name})
        self.head.set_facts(document.subtitle)
        for labels, key in zip(self._labels, report.key_figures(figures, safe), strict=True):
            for label, words in zip(labels, (key.value, key.label, key.hint), strict=True):
                label.setText(words)
        chart = report.trend_chart(figures)
        self.finding.setText(chart.title)
        self.chart.redraw(f"{chart.title}. {chart_alt(chart.spec)}")
        self.numbers.set_rows([Row(m, (f"{rules.month_start(m):%B %Y}", f"{n:,}")) for m, n in figures.trend])
        self.places.set_rows(items.place_rows(figures, safe))
        self.places.setMinimumHeight(self.places.sizeHint().height())
        self.how.set_text(report.how_to_read(safe))
        self._show_release(released, now)

    def _show_release(self, released: Released | None, now: Month) -> None:
        context = self.shell.context
        over = rules.month_span(self.month)[1] <= context.now()
        changed = released is not None and released.month.counts() != now.counts()
        why = ""
        if released is not None and changed:
            stopped = month.blocked(released.month, now)
            why = " ".join(stopped) if stopped else "The register has changed since: you may release it anew."
        elif released is not None:
            why = f"Released on {day_month(released.released_on)}. Nothing has changed since."
        elif not over:
            why = "The month is not over: it can be released on the first day of the next."
        elif now.left_open:
            why = "Close the sessions of this month that are still open, then release it."
        self.why.setText(why or "Releasing keeps these figures as they are; the paper stays the same.")
        able = over and bool(now.sessions) and not now.left_open
        may = able and (released is None or (changed and not month.blocked(released.month, now)))
        self.release.setVisible(may)
        self.comment_field.setVisible(may)

    def _draw(self, width: int) -> bytes:
        if self._figures is None:
            return b""
        from app.report.charts import svg  # reportlab is imported when a chart is first drawn

        spec = report.trend_chart(self._figures).spec
        t = theme()
        palette = {
            "text": t.colour("text").name(),
            "muted": t.colour("muted").name(),
            "line": t.colour("edge").name(),
            "ground": t.colour("surface").name(),
            "hue": t.hue("inclusion").name(),
        }
        shown = BarChart(spec.categories, spec.values, spec.current) if isinstance(spec, BarChart) else spec
        height = min(round(width * 0.32), t.tall(230))
        return svg(shown, width, height, palette, t.factor * 1.35)

    def _preview(self) -> None:
        self.shell.preview(report.REPORTS[0], {"month": self.month})

    def _save_csv(self) -> None:
        if self._figures is None:
            return
        path = self.shell.ask_save_file(
            "Save the figures", f"digital-inclusion-{self.month}.csv", "Spreadsheets (*.csv)"
        )
        if path is None:
            return
        try:
            path.write_bytes(files.month_csv(self._figures, month.printed(self._figures)))
        except OSError as error:
            words = error.strerror or "the disk said no"
            self.shell.tell(
                HoldallError(f"{path.name} could not be written: {words}.", "Choose another place.")
            )
            return
        self.shell.toast(f"Saved as {path.name}.", undo=False)

    def _release(self) -> None:
        name, comment = self.month, self.comment.text()
        self.shell.write(
            "Release the month report",
            lambda s: month.release(s, name, comment),
            lambda _done: self.reload(),
            undo_toast="The report is released.",
        )


def _chip(released: Released | None) -> Chip:
    if released is None:
        return Chip("Draft", "plain")
    return Chip(f"Released, version {released.number}", "good", "check")
