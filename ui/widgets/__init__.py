"""The parts every page is built from. Each takes its colours, fonts and sizes from ui.theme."""

from __future__ import annotations

from ui.widgets.answers import Answer, AnswerList, AnswerRow
from ui.widgets.boxes import Banner, Card, EmptyPage, FactList, Line, PageHead, QuietNote
from ui.widgets.button import Button
from ui.widgets.entries import DateBoxes, MoneyEdit
from ui.widgets.fields import CheckBox, ComboBox, Field, LineEdit, SearchField, TextArea
from ui.widgets.figures import ChartView, Part, Progress, Steps, Sum
from ui.widgets.flow import Flow, ScrollColumn, clear_layout, side_by_side
from ui.widgets.flow import Row as WrapRow
from ui.widgets.items import ID_ROLE, ROW_ROLE, Column, Row, RowsModel
from ui.widgets.lists import Item, TwoLineList
from ui.widgets.notes import ErrorSummary, JobCard, Toast
from ui.widgets.paged import PagedItems, PageQuery
from ui.widgets.preview import PdfPreview
from ui.widgets.table import Table, TotalRow
from ui.widgets.text import Chip, IconLabel, KeyHint, Label

__all__ = [
    "ID_ROLE",
    "ROW_ROLE",
    "Answer",
    "AnswerList",
    "AnswerRow",
    "Banner",
    "Button",
    "Card",
    "ChartView",
    "CheckBox",
    "Chip",
    "Column",
    "ComboBox",
    "DateBoxes",
    "EmptyPage",
    "ErrorSummary",
    "FactList",
    "Field",
    "Flow",
    "IconLabel",
    "Item",
    "JobCard",
    "KeyHint",
    "Label",
    "Line",
    "LineEdit",
    "MoneyEdit",
    "PageHead",
    "PageQuery",
    "PagedItems",
    "Part",
    "PdfPreview",
    "Progress",
    "QuietNote",
    "Row",
    "RowsModel",
    "ScrollColumn",
    "SearchField",
    "Steps",
    "Sum",
    "Table",
    "TextArea",
    "Toast",
    "TotalRow",
    "TwoLineList",
    "WrapRow",
    "clear_layout",
    "side_by_side",
]
