"""From a document to a tagged PDF on reportlab: the same bytes for the same document, on every run."""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from app.report import fonts, pages
from app.report.blocks import Document, cleaned
from app.report.pieces import Pen
from app.report.seal import CLAIM, Seal, sealed
from app.report.story import Story
from app.report.style import PAGE_HEIGHT, PAGE_WIDTH
from app.report.tags import Marks


def render(document: Document, seal: Seal | None = None) -> bytes:
    """The PDF of a document. Raises BadFile for a picture that is none.

    It is measured first and drawn when the number of pages is known. What no PDF can carry (control
    characters, half characters) is taken out; letters that Source Sans 3 lacks are drawn as a box and
    stand beside it as ActualText.
    """
    fonts.register()
    seal = None if document.private else seal
    paper: Document = cleaned(document)
    marks, target = Marks(), io.BytesIO()
    sheets = pages.paginate(Story(paper, marks.root).pieces())
    canvas = Canvas(
        target,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        pageCompression=1,
        invariant=1,
        initialFontName=fonts.REGULAR,
        pdfVersion=(1, 7),
        lang=paper.lang,
    )
    _describe(canvas, paper)
    if seal is not None:
        canvas.setKeywords(CLAIM)
    pages.draw(sheets, Pen(canvas, marks), paper, seal.words() if seal is not None else "")
    marks.attach(canvas)
    canvas.save()
    return sealed(target.getvalue(), seal) if seal is not None else target.getvalue()


def _describe(canvas: Canvas, paper: Document) -> None:
    """Title, author and subject, told to programs in both the ways they look for."""
    canvas.setTitle(paper.title)
    canvas.setAuthor(paper.author or paper.council or "Holdall")
    canvas.setSubject(paper.subtitle or paper.title)
    canvas.setCreator("Holdall")
    canvas.setProducer("Holdall")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas.showOutline()
    canvas._doc.Catalog.Metadata = pdfdoc.PDFStream(
        pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("Metadata"), "Subtype": pdfdoc.PDFName("XML")}),
        _metadata(paper).encode("utf-8"),
        filters=[],
    )


def _metadata(paper: Document) -> str:
    """XMP with title, author, language and the PDF/UA-1 identifier (ISO 14289-1 section 5)."""
    title, author = escape(paper.title), escape(paper.author or paper.council or "Holdall")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>"
        f"<dc:language><rdf:Bag><rdf:li>{escape(paper.lang)}</rdf:li></rdf:Bag></dc:language>"
        '<pdfuaid:part>1</pdfuaid:part></rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
    )
