"""From blocks to a tagged PDF on reportlab: page frame, reading order, bookmarks, stable bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Frame, KeepTogether, PageTemplate, Spacer
from reportlab.platypus import PageBreak as NewPage

from app.report import blocks as b
from app.report import fonts, tags
from app.report.charts import drawing, ranges_height
from app.report.flow import (
    DrawnFigure,
    FigureRow,
    Photo,
    SignLine,
    TaggedParagraph,
    TaggedTable,
    markup,
    paragraph,
    soft_ground,
)
from app.report.style import (
    BOTTOM,
    BULLET_INDENT,
    LINE,
    MARGIN,
    MUTED,
    NUMBERED_INDENT,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    TEXT,
    TOP,
    WIDTH,
    style,
)
from app.report.tags import Element, Marks
from app.wording import long_day

HEADER = 20  # points under the top margin for the header line and its rule


def render(document: b.Document) -> bytes:
    """The PDF of a document. Raises HoldallError for a picture that is none."""
    fonts.register()
    document = b.cleaned(document)
    target = io.BytesIO()
    marks = Marks()
    story = _Story(document, marks.root).build()
    template = BaseDocTemplate(
        target,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        title=document.title,
        author=document.author or document.council or "Holdall",
        subject=document.subtitle,
        creator="Holdall",
        lang=document.lang,
        invariant=1,
        pageCompression=1,
        initialFontName=fonts.REGULAR,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=TOP,
        bottomMargin=BOTTOM,
    )
    frame = Frame(MARGIN, BOTTOM, WIDTH, PAGE_HEIGHT - TOP - BOTTOM - HEADER, 0, 0, 0, 0, id="body")
    template.addPageTemplates([PageTemplate(id="page", frames=[frame])])

    def canvas(*given: Any, **named: Any) -> _Canvas:
        named["initialFontName"] = fonts.REGULAR
        made = _Canvas(*given, **named)
        made.marks, made.paper = marks, document
        return made

    template.build(story, canvasmaker=canvas)
    return target.getvalue()


class _Canvas(Canvas):
    """A canvas that knows the number of pages before it writes their footers, and that writes the tags."""

    marks: Marks
    paper: b.Document

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """Keeps the page for later and begins the next."""
        self._kept.append(dict(self.__dict__))
        self.marks.next_page()
        self._startPage()

    def save(self) -> None:
        """Draws header and footer on each page, then writes tags, language and viewer preferences."""
        kept, marks = self._kept, self.marks
        for number, state in enumerate(kept, 1):
            self.__dict__.update(state)
            with marks.artifact(self):
                _header(self, self.paper)
                _footer(self, self.paper, number, len(kept))
            Canvas.showPage(self)
        self.setViewerPreference("DisplayDocTitle", "true")
        self._doc.Catalog.PageMode = pdfdoc.PDFName("UseOutlines")
        marks.attach(self)
        _metadata(self, self.paper)
        self._doc.SaveToFile(self._filename, self)


def _header(canvas: Canvas, paper: b.Document) -> None:
    y = PAGE_HEIGHT - TOP + 8
    canvas.setFont(fonts.REGULAR, 9)
    canvas.setFillColor(HexColor(MUTED))
    canvas.drawString(MARGIN, y, paper.council)
    canvas.drawRightString(PAGE_WIDTH - MARGIN, y, f"Made {long_day(paper.made_on)}")
    canvas.setStrokeColor(HexColor(paper.hue))
    canvas.setLineWidth(2)
    canvas.line(MARGIN, y - 14, PAGE_WIDTH - MARGIN, y - 14)


def _footer(canvas: Canvas, paper: b.Document, number: int, total: int) -> None:
    y = BOTTOM - 22
    canvas.setStrokeColor(HexColor(LINE))
    canvas.setLineWidth(0.7)
    canvas.line(MARGIN, y + 12, PAGE_WIDTH - MARGIN, y + 12)
    canvas.setFont(fonts.REGULAR, 9)
    canvas.setFillColor(HexColor(MUTED))
    if paper.reference:
        canvas.drawString(MARGIN, y, f"Reference {paper.reference}")
    if paper.telephone:
        canvas.drawCentredString(PAGE_WIDTH / 2, y, f"Questions: {paper.telephone}")
    canvas.drawRightString(PAGE_WIDTH - MARGIN, y, f"Page {number} of {total}")


def _metadata(canvas: Canvas, paper: b.Document) -> None:
    """XMP with the title and the PDF/UA-1 identifier, uncompressed as readers expect it."""
    title = markup(paper.title)
    xml = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:language><rdf:Bag><rdf:li>{paper.lang}</rdf:li></rdf:Bag></dc:language>"
        "<pdfuaid:part>1</pdfuaid:part></rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    )
    stream = pdfdoc.PDFStream(
        pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("Metadata"), "Subtype": pdfdoc.PDFName("XML")}),
        xml.encode("utf-8"),
        filters=[],
    )
    canvas._doc.Catalog.Metadata = stream


class _Story:
    """Turns blocks into flowables and hangs their elements into the tree, in reading order."""

    def __init__(self, document: b.Document, root: Element) -> None:
        self.document, self.root = document, root
        self.keys = 0

    def build(self) -> list[Any]:
        """All flowables of the document, its title first."""
        story = [self._heading(self.document.title, 1, "title")]
        if self.document.subtitle:
            story.append(paragraph(self.document.subtitle, "subtitle", self.root.add("P")))
        makers: dict[type, Callable[[Any], list[Any]]] = {
            b.Heading: self._head,
            b.Text: self._text,
            b.Bullets: self._bullets,
            b.KeyFigures: self._figures,
            b.Table: self._table,
            b.Chart: self._chart,
            b.Facts: self._facts,
            b.Note: self._note,
            b.Signature: self._signature,
            b.Picture: self._picture,
            b.PageBreak: lambda _: [NewPage()],
        }
        for block in self.document.blocks:
            story += makers[type(block)](block)
        return story

    def _heading(self, text: str, level: int, name: str) -> Any:
        self.keys += 1
        made = TaggedParagraph(markup(text), style(name))
        made.element = self.root.add(f"H{level}")
        made.heading = (level - 1, f"h{self.keys}", text)
        return made

    def _head(self, block: b.Heading) -> list[Any]:
        level = min(max(block.level, 2), 3)
        return [CondPageBreak(90), self._heading(block.text, level, f"h{level}")]

    def _text(self, block: b.Text) -> list[Any]:
        name = "small" if block.small else "muted" if block.tone == "muted" else "body"
        lead = f'<font name="{fonts.STRONG}">{markup(block.lead)}</font> ' if block.lead else ""
        made = TaggedParagraph(lead + markup(block.text), style(name))
        made.element = self.root.add("P")
        return [made]

    def _bullets(self, block: b.Bullets) -> list[Any]:
        listing = self.root.add("L")
        made: list[Any] = []
        for number, item in enumerate(block.items, 1):
            body = listing.add("LI").add("LBody")
            indent = NUMBERED_INDENT if block.numbered else BULLET_INDENT
            words = f"{number}. {item}" if block.numbered else item
            line = paragraph(words, "body", body, indent=indent)
            line.bullet = not block.numbered
            made.append(line)
        return made

    def _figures(self, block: b.KeyFigures) -> list[Any]:
        made: list[Any] = []
        for start in range(0, len(block.figures), 4):
            some = list(block.figures[start : start + 4])
            made.append(FigureRow(some, [self.root.add("P") for _ in some]))
        return made

    def _table(self, block: b.Table) -> list[Any]:
        made: list[Any] = []
        if block.caption:
            made += [CondPageBreak(110), self._heading(block.caption, 2, "h2")]
        if not block.rows:
            return [*made, paragraph(block.empty, "muted", self.root.add("P"))]
        table, rows = self.root.add("Table"), []
        elements: list[list[Element] | None] = []
        head = [self._cell(_short(c.title), "cell_head", c.figures) for c in block.columns]
        rows.append(head)
        line = table.add("TR")
        elements.append([line.add("TH", attributes=tags.scope("Column")) for _ in block.columns])
        body = [*block.rows, *([block.total] if block.total is not None else [])]
        for number, cells in enumerate(body):
            strong = block.total is not None and number == len(body) - 1
            name = "cell_strong" if strong else "cell"
            rows.append([self._cell(t, name, c.figures) for t, c in zip(cells, block.columns, strict=True)])
            line = table.add("TR")
            elements.append(
                [
                    line.add("TH", attributes=tags.scope("Row"))
                    if column == block.row_header
                    else line.add("TD")
                    for column in range(len(block.columns))
                ]
            )
        free = sum(c.width for c in block.columns)
        made_table = TaggedTable(
            rows, colWidths=[WIDTH * c.width / free for c in block.columns], repeatRows=1
        )
        made_table.row_elements = elements
        made_table.setStyle(_table_style(len(rows), block.total is not None))
        return [*made, made_table, Spacer(1, 10)]

    def _cell(self, text: str, name: str, right: bool) -> Any:
        from reportlab.platypus import Paragraph

        return Paragraph(markup(text), style(name, right))

    def _chart(self, block: b.Chart) -> list[Any]:
        made: list[Any] = []
        if block.title:
            made.append(self._heading(block.title, 2, "h2"))
        spec = block.spec
        height = ranges_height(len(spec.rows)) if isinstance(spec, b.RangeBars) else 185
        hue = {"hue": spec.hue or self.document.hue}
        element = self.root.add("Figure", alt=block.alt or b.chart_alt(spec))
        made.append(DrawnFigure(drawing(spec, WIDTH, height, hue), element))
        if block.note:
            made.append(paragraph(block.note, "muted", self.root.add("P")))
        return [KeepTogether(made)]

    def _facts(self, block: b.Facts) -> list[Any]:
        columns = [b.Column("", width=1), b.Column("", width=2.6)]
        table = self.root.add("Table")
        rows, elements = [], []
        for label, value in block.pairs:
            rows.append([self._cell(label, "fact_label", False), self._cell(value, "fact", False)])
            line = table.add("TR")
            elements.append([line.add("TH", attributes=tags.scope("Row")), line.add("TD")])
        if not rows:
            return []
        free = sum(c.width for c in columns)
        made = TaggedTable(rows, colWidths=[WIDTH * c.width / free for c in columns], splitInRow=1)
        made.row_elements = list(elements)
        made.setStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), fonts.REGULAR),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
                ("LINEBELOW", (0, 0), (-1, -1), 0.6, HexColor(LINE)),
            ]
        )
        return [made, Spacer(1, 10)]

    def _note(self, block: b.Note) -> list[Any]:
        words = f'<font name="{fonts.STRONG}">{markup(block.title)}</font> {markup(block.text)}'
        made = TaggedParagraph(words, style("body"))
        made.element = self.root.add("P")
        return [Spacer(1, 8), made]

    def _signature(self, block: b.Signature) -> list[Any]:
        lines: Sequence[tuple[str, str]] = block.lines
        return [KeepTogether([Spacer(1, 10), *(SignLine(*line, self.root.add("P")) for line in lines)])]

    def _picture(self, block: b.Picture) -> list[Any]:
        from app.errors import BadFile

        try:
            reader = ImageReader(io.BytesIO(block.data))
            wide, tall = reader.getSize()
        except Exception as error:
            raise BadFile(
                "A picture of this paper cannot be read.", "Take it out and add it again."
            ) from error
        width = WIDTH * min(max(block.width, 0.1), 1.0)
        height = width * tall / wide
        if height > 300:
            width, height = width * 300 / height, 300.0
        made = [Photo(reader, width, height, self.root.add("Figure", alt=block.alt or "Picture"))]
        if block.caption:
            made.append(paragraph(block.caption, "caption", self.root.add("P")))
        return [KeepTogether(made)]


def _short(heading: str, limit: int = 120) -> str:
    """A heading that leaves room for the rows under it on every page."""
    return heading if len(heading) <= limit else f"{heading[: limit - 1]}…"


def _table_style(count: int, total: bool) -> list[tuple[Any, ...]]:
    """Soft heading, hairlines, totals under a firm black rule."""
    commands: list[tuple[Any, ...]] = [
        ("FONTNAME", (0, 0), (-1, -1), fonts.REGULAR),
        ("BACKGROUND", (0, 0), (-1, 0), soft_ground()),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(TEXT)),
        ("LINEBELOW", (0, 1), (-1, -1), 0.6, HexColor(LINE)),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (-1, -1), 7),
        ("RIGHTPADDING", (0, 0), (-1, -1), 7),
        ("TOPPADDING", (0, 0), (-1, -1), 5.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
    ]
    if total:
        commands += [
            ("LINEABOVE", (0, count - 1), (-1, count - 1), 1.2, HexColor("#000000")),
            ("LINEBELOW", (0, count - 1), (-1, count - 1), 0, HexColor("#FFFFFF")),
        ]
    return commands
