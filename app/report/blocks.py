"""What a paper is made of, as plain data: no reportlab here, so a report file costs nothing to import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from app.wording import money

if TYPE_CHECKING:
    from app.context import Context


@dataclass(frozen=True)
class Heading:
    """A heading inside the paper; level 2 or 3 (the title is level 1). It becomes a bookmark.

    A `large` one is set for reading aloud across a table.
    """

    text: str
    level: int = 2
    large: bool = False


@dataclass(frozen=True)
class Text:
    """A paragraph of plain text. `tone` "muted" sets it back; `lead` words in front are semibold."""

    text: str
    lead: str = ""
    tone: str = "text"
    small: bool = False
    large: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list, with dots or with numbers."""

    items: Sequence[str]
    numbered: bool = False


@dataclass(frozen=True)
class KeyFigure:
    """One large figure with what it counts and a line of hint."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class KeyFigures:
    """Up to four key figures in a row."""

    figures: Sequence[KeyFigure]


@dataclass(frozen=True)
class Column:
    """A column of a table. `width` is a share of the free width; figures stand right."""

    title: str
    figures: bool = False
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """A table with a heading row; the cells of `row_header` (a column number, or None) head their rows.

    An empty table prints `empty` as a sentence instead.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] | None = None
    caption: str = ""
    row_header: int | None = 0
    empty: str = "There is nothing to show."


@dataclass(frozen=True)
class BarChart:
    """Bars from zero, one per category, labelled with their values; `current` is in full hue."""

    categories: Sequence[str]
    values: Sequence[int]
    current: int | None = None
    unit: str = ""
    hue: str = ""


@dataclass(frozen=True)
class LineChart:
    """A line through values in order, zero-based, its points labelled."""

    categories: Sequence[str]
    values: Sequence[int]
    unit: str = ""
    hue: str = ""


@dataclass(frozen=True)
class Range:
    """One row of a RangeBars chart: values in tenths (33 is 3.3); `last` is the tick of last time."""

    label: str
    hint: str
    value: int
    last: int | None = None
    words: str = ""


@dataclass(frozen=True)
class RangeBars:
    """Horizontal bars on a scale that begins at its lowest answer, said so; values in tenths."""

    rows: Sequence[Range]
    low: int = 10
    high: int = 50
    hue: str = ""
    last_name: str = "last time"


PENCE = "pence"  # the unit of a chart of money; its values are pence, its figures pounds
Spec = BarChart | LineChart | RangeBars


@dataclass(frozen=True)
class Chart:
    """A chart whose title is its finding, with a note below. `alt` tells it to those who do not see it;
    where it is empty the numbers are listed."""

    spec: Spec
    title: str = ""
    note: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Facts:
    """Labels with their values, one below the other."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Note:
    """A quiet note: a lead word or two, and a paragraph."""

    title: str
    text: str


@dataclass(frozen=True)
class Signature:
    """Lines to sign on, each with room for a date, kept together: (what it stands for, the name)."""

    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Picture:
    """A picture with its words for those who do not see it; JPEG or PNG, width as a share of the page."""

    data: bytes
    alt: str
    caption: str = ""
    width: float = 0.5


@dataclass(frozen=True)
class Pictures:
    """Pictures side by side, three in a row, each with its caption below; their own widths do not count."""

    items: Sequence[Picture]


@dataclass(frozen=True)
class Code:
    """A QR code that says `data`, with words beside it that say the same to people: a lead, then lines."""

    data: str
    lead: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Tick:
    """One answer with a box to tick; `hint` explains it, `goes_to` says where to go on."""

    text: str
    hint: str = ""
    goes_to: str = ""


@dataclass(frozen=True)
class Ticks:
    """Answers with boxes to tick by hand, in large type, one below the other and kept together; `help`
    stands above them, set back."""

    items: Sequence[Tick]
    help: str = ""


@dataclass(frozen=True)
class Blanks:
    """Lines to write on by hand: each a label, and how many lines it has."""

    items: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class PageBreak:
    """A new page."""


Block = (
    Heading
    | Text
    | Bullets
    | KeyFigures
    | Table
    | Chart
    | Facts
    | Note
    | Signature
    | Picture
    | Pictures
    | Code
    | Ticks
    | Blanks
    | PageBreak
)


@dataclass(frozen=True)
class Document:
    """One paper: what stands in its header and footer, and its blocks in reading order."""

    title: str
    made_on: date
    blocks: Sequence[Block] = field(default_factory=tuple)
    subtitle: str = ""
    council: str = ""
    telephone: str = ""
    reference: str = ""
    hue: str = "#124E66"
    lang: str = "en-GB"
    author: str = ""
    private: bool = False  # a person's own: it carries no seal, for a seal names the laptop


@dataclass(frozen=True)
class Report:
    """A paper that a team lead hands on: its name on the command line, its title, how it is built.

    `build` takes the context and the options given; with none it picks the most sensible newest thing.
    """

    name: str
    title: str
    build: Callable[[Context, dict[str, str]], Document]


def chart_alt(spec: Spec) -> str:
    """A chart in words: every label with its value."""
    if isinstance(spec, RangeBars):
        parts = [
            f"{row.label} {tenths(row.value)}"
            + (f" ({spec.last_name} {tenths(row.last)})" if row.last is not None else "")
            for row in spec.rows
        ]
        return f"Bars from {tenths(spec.low)} to {tenths(spec.high)}: {', '.join(parts)}."
    kind = "Bars" if isinstance(spec, BarChart) else "Line"
    pairs = zip(spec.categories, spec.values, strict=True)
    return f"{kind}: {', '.join(f'{name} {value_words(value, spec.unit)}' for name, value in pairs)}."


def value_words(value: int, unit: str = "") -> str:
    """A value as people read it: 1,234, −5, 40%; a unit of letters stands apart; PENCE are £12.34."""
    if unit == PENCE:
        return money(value)
    space = " " if unit[:1].isalpha() else ""
    return f"{'−' if value < 0 else ''}{abs(value):,}{space}{unit}"


def tenths(value: int) -> str:
    """A value in tenths as it is read: 33 is 3.3."""
    return f"{'−' if value < 0 else ''}{abs(value) // 10}.{abs(value) % 10}"


_CONTROL = dict.fromkeys((*range(9), *range(11, 32), 127, 65534, 65535), " ")


def cleaned(part: Any) -> Any:
    """The same document (or part of one) with what no PDF can carry taken out of every text: control
    characters become spaces, half characters a question mark."""
    if isinstance(part, str):
        return part.translate(_CONTROL).encode("utf-8", "replace").decode("utf-8")
    if isinstance(part, list | tuple):
        return tuple(cleaned(item) for item in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{f.name: cleaned(getattr(part, f.name)) for f in fields(part)})
    return part
