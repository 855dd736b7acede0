"""The structure of a tagged PDF: elements while the pages are drawn, PDF objects when they are saved.

PDF 32000-1 section 14.7 and 14.8: marked content with ids per page, a tree of structure elements that
names them in reading order, a parent tree that leads back, and artifacts for what is decoration.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reportlab.pdfbase import pdfdoc


@dataclass(eq=False)
class Element:
    """One structure element: its tag, its marked contents as (page, id), its children, its attributes."""

    tag: str
    kids: list[Element | tuple[int, int]] = field(default_factory=list)
    alt: str = ""
    actual: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)

    def add(self, tag: str, **named: Any) -> Element:
        """A new child at the end."""
        child = Element(tag, **named)
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
    def artifact(self, canvas: Any) -> Iterator[None]:
        """What is drawn inside is decoration, passed over by readers."""
        canvas._code.append("/Artifact BMC")
        yield
        canvas._code.append("EMC")

    def next_page(self) -> None:
        """Begins the ids of a new page."""
        self.pages.append([])

    def attach(self, canvas: Any) -> None:
        """Writes tree, parent tree and mark info into the canvas's document, just before it is saved."""
        document = canvas._doc
        pages = list(document.Pages.pages)
        references = [document.Reference(page) for page in pages]
        prune(self.root)
        objects: dict[Element, Any] = {}
        self._declare(self.root, document, objects)
        tree = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructTreeRoot")})
        tree_reference = document.Reference(tree)
        self._fill(self.root, tree_reference, document, objects, references)
        numbers = pdfdoc.PDFArray([])
        for number, page in enumerate(pages):
            page.StructParents = number
            page.Tabs = pdfdoc.PDFName("S")
            page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
            owners = [objects[e][1] for e in self.pages[number]] if number < len(self.pages) else []
            numbers.sequence += [number, document.Reference(pdfdoc.PDFArray(owners))]
        tree.dict["K"] = objects[self.root][1]
        tree.dict["ParentTree"] = document.Reference(pdfdoc.PDFDictionary({"Nums": numbers}))
        tree.dict["ParentTreeNextKey"] = len(pages)
        document.Catalog.StructTreeRoot = tree
        document.Catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": pdfdoc.PDFtrue})

    def _declare(self, element: Element, document: Any, objects: dict[Element, Any]) -> None:
        made = pdfdoc.PDFDictionary({})
        objects[element] = (made, document.Reference(made))
        for kid in element.kids:
            if isinstance(kid, Element):
                self._declare(kid, document, objects)

    def _fill(
        self, element: Element, parent: Any, document: Any, objects: dict[Element, Any], pages: list[Any]
    ) -> None:
        made, reference = objects[element]
        made.dict.update(Type=pdfdoc.PDFName("StructElem"), S=pdfdoc.PDFName(element.tag), P=parent)
        if element.alt:
            made.dict["Alt"] = pdfdoc.PDFString(element.alt)
        if element.actual:
            made.dict["ActualText"] = pdfdoc.PDFString(element.actual)
        if element.attributes:
            made.dict["A"] = pdfdoc.PDFDictionary(dict(element.attributes))
        kids: list[Any] = []
        for kid in element.kids:
            if isinstance(kid, Element):
                self._fill(kid, reference, document, objects, pages)
                kids.append(objects[kid][1])
            else:
                page, number = kid
                kids.append(
                    pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("MCR"), "Pg": pages[page], "MCID": number})
                )
        made.dict["K"] = pdfdoc.PDFArray(kids)


def prune(element: Element) -> bool:
    """Drops elements that hold nothing; returns whether this one holds something."""
    element.kids = [kid for kid in element.kids if not isinstance(kid, Element) or prune(kid)]
    return bool(element.kids)


def scope(which: str) -> dict[str, Any]:
    """The attribute of a table heading: which cells it heads, "Column" or "Row"."""
    return {"O": pdfdoc.PDFName("Table"), "Scope": pdfdoc.PDFName(which)}


def box(left: float, bottom: float, right: float, top: float) -> dict[str, Any]:
    """The attribute of a figure: its place on the page in points."""
    numbers = [round(n, 2) for n in (left, bottom, right, top)]
    return {"O": pdfdoc.PDFName("Layout"), "BBox": pdfdoc.PDFArray(numbers)}
