"""The tagged PDF from the inside: every mark has an element, every element its place, on every page."""

from __future__ import annotations

import ctypes
import io
import re
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image

from app.report import (
    BarChart,
    Blanks,
    Bullets,
    Chart,
    Code,
    Column,
    Document,
    Facts,
    Heading,
    KeyFigure,
    KeyFigures,
    Note,
    Picture,
    Pictures,
    Range,
    RangeBars,
    Signature,
    Table,
    Text,
    Tick,
    Ticks,
    render,
)


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (60, 40), (20, 90, 140, 128)).save(buffer, "PNG")
    return buffer.getvalue()


FULL = Document(
    title="Digital inclusion: November 2026",
    subtitle="Sessions in six places.",
    made_on=date(2026, 12, 17),
    council="Averwick Borough Council",
    telephone="01632 960 340",
    reference="DI-2026-11",
    blocks=[
        KeyFigures([KeyFigure("19", "sessions", "17 in October"), KeyFigure("88", "people")]),
        Chart(BarChart(["June", "July"], [12, 13], current=1), title="Sessions grew", note="A note."),
        Table(
            [Column("Place"), Column("Sessions", figures=True)],
            [[f"Place {n} <b>&", str(n)] for n in range(60)],
            total=["All places", "1,770"],
            caption="Place by place",
        ),
        Heading("Below"),
        Heading("Further below", 3),
        Text("word " * 900),
        Bullets(["one", "two"]),
        Bullets(["first", "second"], numbered=True),
        Facts([("Tenant", "Ffion Wŷn-Harte")]),
        Chart(RangeBars([Range("Control", "a say", 27, 35, "Lower")]), title="Control slipped"),
        Picture(picture(), "A blue wall", "The wall"),
        Pictures([Picture(picture(), f"Wall {n}", f"Wall {n}, with mould" * (n % 2)) for n in range(5)]),
        Heading("Read aloud", 2, large=True),
        Text("Large words.", large=True),
        Ticks([Tick("Yes", "the usual answer", "12"), Tick("No " * 60, "", "stop: A")], "Tick one."),
        Blanks([("In their words", 6), ("Name", 1)]),
        Code("AV-20417", "AV-20417", ["Ring 01632 960 100", "ŵ ماء"]),
        Note("How to read this", "Slowly."),
        Signature([("Prepared by", "Tomos Aldgate"), ("Reviewed by", "")]),
    ],
)


class Reader:
    """The objects of a PDF as our writer makes it: plain dictionaries and packed streams."""

    def __init__(self, data: bytes) -> None:
        self.objects: dict[int, bytes] = {}
        for found in re.finditer(rb"(?m)^(\d+) 0 obj\s(.*?)endobj", data, re.DOTALL):
            self.objects[int(found[1])] = found[2]
        self.elements = {n: body for n, body in self.objects.items() if b"/Type /StructElem" in body}
        pages = next(body for body in self.objects.values() if b"/Type /Pages" in body)
        self.pages = [
            int(n) for n in re.findall(rb"(\d+) 0 R", re.search(rb"/Kids \[(.*?)\]", pages, re.DOTALL)[1])
        ]

    def content(self, page: int) -> list[bytes]:
        number = int(re.search(rb"/Contents (\d+) 0 R", self.objects[page])[1])
        stream = self.objects[number].split(b"stream", 1)[1].strip(b"\r\n")
        return zlib.decompressobj().decompress(stream).split(b"\n")

    def kids(self, element: int) -> list[tuple[str, int, int]]:
        """("element", number, 0) or ("mark", page object, id) in reading order."""
        body = self.elements[element]
        home = re.search(rb"/Pg (\d+) 0 R /K", body)
        inside = re.search(rb"/K \[(.*)\]", body, re.DOTALL)[1].split(b"] /A")[0]
        found: list[tuple[str, int, int]] = []
        for mark in re.finditer(rb"<</Type /MCR /Pg (\d+) 0 R /MCID (\d+)>>|(\d+) 0 R|(\d+)", inside):
            if mark[1]:
                found.append(("mark", int(mark[1]), int(mark[2])))
            elif mark[3]:
                found.append(("element", int(mark[3]), 0))
            else:
                found.append(("mark", int(home[1]), int(mark[4])))
        return found


@pytest.fixture(scope="module")
def data() -> bytes:
    return render(FULL)


@pytest.fixture(scope="module")
def reader(data: bytes) -> Reader:
    return Reader(data)


def test_all_that_is_painted_is_marked_and_marks_never_nest(reader: Reader) -> None:
    painting = re.compile(rb"(Tj|TJ|\bDo|\bS|\bf\*?|\bB\*?)\s*(ET)?\s*$")
    for page in reader.pages:
        depth = 0
        for line in reader.content(page):
            if line.endswith((b"BDC", b"BMC")):
                depth += 1
            elif line == b"EMC":
                depth -= 1
            elif painting.search(line):
                assert depth == 1, line
            assert depth in (0, 1)
        assert depth == 0


def test_each_mark_on_a_page_belongs_to_one_element_and_the_parent_tree_leads_back(reader: Reader) -> None:
    owner = {
        (page, number): element
        for element in reader.elements
        for kind, page, number in reader.kids(element)
        if kind == "mark"
    }
    root = next(body for body in reader.objects.values() if b"/Type /StructTreeRoot" in body)
    tree = reader.objects[int(re.search(rb"/ParentTree (\d+) 0 R", root)[1])]
    numbered = {int(n): int(where) for n, where in re.findall(rb"(\d+) (\d+) 0 R", tree)}
    for place, page in enumerate(reader.pages):
        marks = [int(n) for n in re.findall(rb"/MCID (\d+)", b"\n".join(reader.content(page)))]
        assert marks == list(range(len(marks)))
        assert int(re.search(rb"/StructParents (\d+)", reader.objects[page])[1]) == place
        leads = [int(n) for n in re.findall(rb"(\d+) 0 R", reader.objects[numbered[place]])]
        assert leads == [owner[page, number] for number in marks]
        assert b"/Tabs /S" in reader.objects[page]


def test_elements_name_their_parents_and_marks_rise_in_reading_order(reader: Reader) -> None:
    seen: list[tuple[int, int]] = []

    def walk(element: int) -> None:
        for kind, where, number in reader.kids(element):
            if kind == "mark":
                seen.append((reader.pages.index(where), number))
            else:
                assert int(re.search(rb"/P (\d+) 0 R", reader.elements[where])[1]) == element
                walk(where)

    top = next(n for n, body in reader.elements.items() if b"/S /Document" in body)
    walk(top)
    assert seen == sorted(seen), "what is read first stands first"
    assert len(seen) == len(set(seen)) > 150


def test_a_long_paragraph_is_one_element_with_a_mark_on_each_of_its_pages(reader: Reader) -> None:
    over = [
        [page for kind, page, _ in reader.kids(n) if kind == "mark"]
        for n, body in reader.elements.items()
        if b"/S /P " in body
    ]
    assert any(len(set(pages)) == 2 for pages in over)


def test_tables_lists_and_figures_say_what_they_are(data: bytes, reader: Reader) -> None:
    bodies = list(reader.elements.values())
    heads = [body for body in bodies if b"/S /TH " in body]
    assert sum(b"/Scope /Column" in body for body in heads) == 2
    assert sum(b"/Scope /Row" in body for body in heads) == 62
    assert sum(b"/ListNumbering /Decimal" in body for body in bodies) == 1
    figures = [body for body in bodies if b"/S /Figure " in body]
    assert len(figures) == 3 + 5 + 1
    assert sum(b"Box to tick".decode().encode("utf-16-be").hex().upper().encode() in b for b in bodies) == 2
    assert all(b"/Alt <FEFF" in body and b"/BBox [" in body for body in figures)
    assert data.startswith(b"%PDF-1.7")


def test_heading_levels_are_never_skipped() -> None:
    made = Reader(render(Document("T", date(2026, 1, 1), [Heading("Straight to three", 3), Heading("x", 3)])))
    levels = [int(re.search(rb"/S /H(\d)", body)[1]) for body in made.elements.values() if b"/S /H" in body]
    assert levels == [1, 2, 3]


def test_letters_the_font_lacks_are_there_for_reading_programs() -> None:
    made = pypdfium2.PdfDocument(render(Document("T", date(2026, 1, 1), [Text("Named 名前 😀")])))
    tree = pdfium.FPDF_StructTree_GetForPage(made[0])
    paragraph = pdfium.FPDF_StructElement_GetChildAtIndex(pdfium.FPDF_StructTree_GetChildAtIndex(tree, 0), 1)
    size = pdfium.FPDF_StructElement_GetActualText(paragraph, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_StructElement_GetActualText(paragraph, buffer, size)
    pdfium.FPDF_StructTree_Close(tree)
    made.close()
    assert buffer.raw.decode("utf-16-le").rstrip("\x00") == "Named 名前 😀"


def test_the_whole_paper_is_the_same_in_four_threads_and_in_another_process(data: bytes) -> None:
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(render, [FULL] * 4)) == {data}
    root = Path(__file__).resolve().parents[3]
    program = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from tests.app.report.test_structure import FULL, render\n"
        "print(hashlib.sha256(render(FULL)).hexdigest())"
    )
    import hashlib
    import os

    done: Any = subprocess.run(
        [sys.executable, "-c", program, str(root)],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(data).hexdigest()
