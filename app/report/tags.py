"""The structure of a tagged PDF: elements while the pages are drawn, PDF objects when they are saved.

ISO 32000-1 sections 14.7 and 14.8: marked content with ids per page, a tree of structure elements that
names them in reading order, a parent tree that leads back, and artifacts for what is decoration.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reportlab.pdfbase import pdfdoc

COLUMN_HEAD = "<</O /Table /Scope /Column>>"
ROW_HEAD = "<</O /Table /Scope /Row>>"
DOTS = "<</O /List /ListNumbering /Disc>>"
NUMBERS = "<</O /List /ListNumbering /Decimal>>"


@dataclass(eq=False, slots=True)
class Element:
    """One structure element: its tag, its children and marked contents as (page, id) in reading order.

    `alt` tells a figure in words, `actual` replaces letters the font does not have; `attributes` are
    attribute dictionaries as they are written into the file.
    """

    tag: str
    kids: list[Element | tuple[int, int]] = field(default_factory=list)
    alt: str = ""
    actual: str = ""
    attributes: list[str] = field(default_factory=list)

    def add(self, tag: str, alt: str = "", attribute: str = "") -> Element:
        """A new child at the end."""
        child = Element(tag, alt=alt, attributes=[attribute] if attribute else [])
        self.kids.append(child)
        return child


class Marks:
    """Marked content on the pages of one canvas."""

    def __init__(self) -> None:
        self.root = Element("Document")
        self.pages: list[list[Element]] = [[]]  # page -> element of each marked content id

    @contextmanager
    def content(self, canvas: Any, element: Element) -> Iterator[None]:
        """What is drawn inside belongs to the element."""
        page = len(self.pages) - 1
        number = len(self.pages[page])
        self.pages[page].append(element)
        element.kids.append((page, number))
        canvas._code.append(f"/{element.tag} <</MCID {number}>> BDC")
        yield
        canvas._code.append("EMC")

    @contextmanager
    def artifact(self, canvas: Any, furniture: str = "") -> Iterator[None]:
        """What is drawn inside is decoration, passed over by readers; `furniture` is Header or Footer."""
        kind = f"/Artifact <</Type /Pagination /Subtype /{furniture}>> BDC" if furniture else "/Artifact BMC"
        canvas._code.append(kind)
        yield
        canvas._code.append("EMC")

    def next_page(self) -> None:
        """Begins the ids of a new page."""
        self.pages.append([])

    def attach(self, canvas: Any) -> None:
        """Writes tree, parent tree and mark info into the canvas's document, just before it is saved."""
        document = canvas._doc
        pages = list(document.Pages.pages)
        _prune(self.root)
        writer = _Writer(document, [document.Reference(page) for page in pages])
        tree = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructTreeRoot")})
        top = writer.add(self.root, document.Reference(tree))
        numbers = pdfdoc.PDFArray([])
        for number, page in enumerate(pages):
            page.StructParents = number
            page.Tabs = pdfdoc.PDFName("S")
            page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
            owners = [writer.references[id(element)] for element in self.pages[number]]
            numbers.sequence += [number, document.Reference(_Numbered(owners))]
        tree.dict["K"] = top
        tree.dict["ParentTree"] = document.Reference(pdfdoc.PDFDictionary({"Nums": numbers}))
        tree.dict["ParentTreeNextKey"] = len(pages)
        document.Catalog.StructTreeRoot = tree
        document.Catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": pdfdoc.PDFtrue})


class _Writer:
    """Makes one PDF object per element; written as text, for a long table has many thousands."""

    def __init__(self, document: Any, pages: list[Any]) -> None:
        self.document, self.pages = document, pages
        self.references: dict[int, Any] = {}

    def add(self, element: Element, parent: Any) -> Any:
        """The reference to an element's object, its children added before it is returned."""
        made = _Entry(element, parent, self.pages)
        reference = self.references[id(element)] = self.document.Reference(made)
        for kid in element.kids:
            if isinstance(kid, Element):
                made.kids.append(self.add(kid, reference))
            else:
                made.kids.append(kid)
        return reference


class _Entry(pdfdoc.PDFObject):
    """The object of one structure element."""

    __RefOnly__ = 1

    def __init__(self, element: Element, parent: Any, pages: list[Any]) -> None:
        self.element, self.parent, self.pages = element, parent, pages
        self.kids: list[Any] = []

    def format(self, document: Any) -> bytes:
        """Its dictionary: type, parent, page, kids, attributes, words."""
        element = self.element
        home = next((kid[0] for kid in element.kids if isinstance(kid, tuple)), None)
        parts = [b"<</Type /StructElem /S /", element.tag.encode(), b" /P ", self.parent.format(document)]
        if home is not None:
            parts += [b" /Pg ", self.pages[home].format(document)]
        parts += [b" /K [", b" ".join(self._kid(kid, home, document) for kid in self.kids), b"]"]
        if element.attributes:
            parts += [b" /A [", " ".join(element.attributes).encode(), b"]"]
        for key, words in ((b" /Alt ", element.alt), (b" /ActualText ", element.actual)):
            if words:
                parts += [key, _text(words)]
        told: bytes = b"".join([*parts, b">>"])
        return told

    def _kid(self, kid: Any, home: int | None, document: Any) -> bytes:
        if not isinstance(kid, tuple):
            told: bytes = kid.format(document)
            return told
        page, number = kid
        if page == home:
            return str(number).encode()
        there: bytes = self.pages[page].format(document)
        return b"<</Type /MCR /Pg " + there + b" /MCID " + str(number).encode() + b">>"


class _Numbered(pdfdoc.PDFObject):
    """The elements of one page by the number of their marked content."""

    __RefOnly__ = 1

    def __init__(self, references: list[Any]) -> None:
        self.references = references

    def format(self, document: Any) -> bytes:
        """Its array."""
        told: list[bytes] = [reference.format(document) for reference in self.references]
        return b"[" + b" ".join(told) + b"]"


def _text(words: str) -> bytes:
    """A text string: UTF-16 with its mark, in hexadecimal, so that nothing needs escaping."""
    return b"<" + (b"\xfe\xff" + words.encode("utf-16-be", "replace")).hex().upper().encode() + b">"


def _prune(element: Element) -> bool:
    """Drops elements that hold nothing, empty cells excepted: a row keeps its columns."""
    element.kids = [kid for kid in element.kids if not isinstance(kid, Element) or _prune(kid)]
    return bool(element.kids) or element.tag in ("TD", "TH")


def box(left: float, bottom: float, right: float, top: float) -> str:
    """The attribute of a figure: its place on the page in points."""
    return f"<</O /Layout /Placement /Block /BBox [{left:.2f} {bottom:.2f} {right:.2f} {top:.2f}]>>"
