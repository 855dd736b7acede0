"""Paper read back: tags, words, fonts, pages, and the same bytes each time."""

from __future__ import annotations

import ctypes
import io
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from app.errors import BadFile
from app.report import (
    BarChart,
    Bullets,
    Chart,
    Column,
    Document,
    Facts,
    Heading,
    KeyFigure,
    KeyFigures,
    LineChart,
    Note,
    Picture,
    Range,
    RangeBars,
    Signature,
    Table,
    Text,
    chart_alt,
    chart_svg,
    render,
)

DAY = date(2026, 12, 17)


def paper(*blocks: Any, **named: Any) -> Document:
    return Document(
        title=named.pop("title", "Tŷ Ŵyl"),
        made_on=DAY,
        blocks=blocks,
        council="Averwick Borough Council",
        telephone="01632 960 340",
        reference="DI-2026-11",
        **named,
    )


def words(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def structure(data: bytes) -> list[tuple[int, str, str]]:
    """Depth, tag and alternative text of every structure element on every page, in order."""
    document = pypdfium2.PdfDocument(data)
    found: list[tuple[int, str, str]] = []

    def text(reader: Any, element: Any) -> str:
        size = reader(element, None, 0)
        buffer = ctypes.create_string_buffer(size)
        reader(element, buffer, size)
        return buffer.raw.decode("utf-16-le").rstrip("\x00")

    def walk(element: Any, depth: int) -> None:
        found.append(
            (
                depth,
                text(pdfium.FPDF_StructElement_GetType, element),
                text(pdfium.FPDF_StructElement_GetAltText, element),
            )
        )
        for number in range(pdfium.FPDF_StructElement_CountChildren(element)):
            child = pdfium.FPDF_StructElement_GetChildAtIndex(element, number)
            if child:
                walk(child, depth + 1)

    for page in document:
        tree = pdfium.FPDF_StructTree_GetForPage(page)
        for number in range(pdfium.FPDF_StructTree_CountChildren(tree)):
            walk(pdfium.FPDF_StructTree_GetChildAtIndex(tree, number), 0)
        pdfium.FPDF_StructTree_Close(tree)
    document.close()
    return found


TABLE = Table(
    [Column("Place", width=2), Column("Sessions", figures=True)],
    [["Hadley Street Library", "6"], ["Canolfan Llŷn Isaf", "2"]],
    total=["All places", "8"],
    caption="Place by place",
)


def test_every_kind_of_block_has_its_tags_in_reading_order() -> None:
    data = render(
        paper(
            KeyFigures([KeyFigure("19", "sessions", "17 in October")]),
            Heading("Before"),
            Heading("Smaller", 3),
            Text("A paragraph."),
            Bullets(["one", "two"]),
            TABLE,
            Chart(BarChart(["May", "June"], [3, 4]), title="Growing", alt="From 3 to 4."),
        )
    )
    tags = [tag for _, tag, _ in structure(data)]
    assert tags[0] == "Document"
    assert tags[1:6] == ["H1", "P", "H2", "H3", "P"]
    assert tags[6:14] == ["L", "LI", "Lbl", "LBody", "LI", "Lbl", "LBody", "H2"]
    assert tags[14:23] == ["Table", "TR", "TH", "TH", "TR", "TH", "TD", "TR", "TH"]
    assert ("Figure", "From 3 to 4.") in [(tag, alt) for _, tag, alt in structure(data)]
    assert b"/StructTreeRoot" in data
    assert b"/Marked true" in data
    for mark in (b"/Scope /Column", b"/Scope /Row", b"/BBox"):
        assert mark in data


def test_header_footer_and_page_numbers_are_on_every_page_and_outside_the_tree() -> None:
    rows = [[f"Row {n}", str(n)] for n in range(125)]
    data = render(paper(Table([Column("Place"), Column("Sessions", figures=True)], rows)))
    document = pypdfium2.PdfDocument(data)
    pages = [page.get_textpage().get_text_range() for page in document]
    assert len(pages) == 5, [text[:40] for text in pages]
    for number, text in enumerate(pages, 1):
        assert f"Page {number} of 5" in text
        assert "Averwick Borough Council" in text
        assert "Made Thursday 17 December 2026" in text
        assert "Questions: 01632 960 340" in text
        assert "Place" in text, "the heading row is repeated"
    tags = [tag for _, tag, _ in structure(data)]
    assert tags.count("TH") == 127, "repeated headings are artifacts, not headings again"
    document.close()


def test_welsh_letters_are_drawn_and_read_back_exactly() -> None:
    line = "Siân Ŵyr-Barton, tŷ’r ŵyl: ŴŶŵŷ âêîôû"
    assert line in words(render(paper(Text(line))))


def test_words_keep_their_spaces_over_line_ends() -> None:
    sentence = "the quick brown fox jumps over the lazy dog and walks home " * 6
    text = " ".join(words(render(paper(Text(sentence)))).split())
    assert sentence.strip() in text


@pytest.mark.parametrize(
    "text", ["<b>&amp;</b> & <", "a\x00b\x07c", "half \ud83d", "x" * 5_000, "<para>", ""]
)
def test_whatever_people_type_comes_out_as_text(text: str) -> None:
    data = render(
        paper(
            Text(text),
            Bullets([text]),
            Facts([(text or "-", text)]),
            Table([Column(text)], [[text]]),
            KeyFigures([KeyFigure(text[:40], text[:40])]),
            Note("Note.", text),
            title=text[:80] or "Untitled",
        )
    )
    if text.startswith("<b>"):
        assert "<b>&amp;</b> & <" in words(data)


def test_the_same_paper_is_the_same_bytes_in_another_process() -> None:
    program = (
        "import sys, hashlib; from datetime import date; from app.report import *;"
        "d = Document(title='Tŷ', made_on=date(2026,12,17), blocks=[Text('a'), Chart(BarChart(['x'],[1])),"
        "Table([Column('A')],[['1'],['2']])]); print(hashlib.sha256(render(d)).hexdigest())"
    )
    root = Path(__file__).resolve().parents[3]
    seen = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(root), "SYSTEMROOT": "C:\\Windows"},
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(done.stdout.strip())
    assert len(seen) == 1


def test_language_title_and_bookmarks_are_there() -> None:
    data = render(paper(Heading("Before"), Text("x"), Heading("After"), lang="cy-GB", title="Adroddiad"))
    document = pypdfium2.PdfDocument(data)
    assert document.get_metadata_dict()["Title"] == "Adroddiad"
    titles = [item.get_title() for item in document.get_toc()]
    assert titles == ["Adroddiad", "Before", "After"]
    document.close()
    assert b"/Lang (cy-GB)" in data
    assert b"/DisplayDocTitle true" in data
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data


def test_no_font_is_left_out_of_the_file() -> None:
    data = render(
        paper(Chart(BarChart(["a"], [1])), Chart(LineChart(["a", "b"], [1, 2])), TABLE, Facts([("a", "b")]))
    )
    assert b"Helvetica" not in data
    assert b"Times" not in data


@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="poppler-utils is not installed here")
def test_poppler_finds_every_font_embedded_and_the_tags(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(render(paper(TABLE, Chart(BarChart(["a"], [1]), alt="One bar."))))
    listed = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    fonts = listed.splitlines()[2:]
    assert fonts
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert "Tagged:          yes" in info
    tree = subprocess.run(
        ["pdfinfo", "-struct-text", path], capture_output=True, text=True, check=True
    ).stdout
    for mark in ("H1", "H2", "Table", "TR", "TH", "TD", "Figure", '"Canolfan Llŷn Isaf"'):
        assert mark in tree


def test_an_empty_table_says_so() -> None:
    data = render(paper(Table([Column("A")], [], empty="No sessions were held in November.")))
    assert "No sessions were held in November." in words(data)


def test_a_picture_that_is_none_is_a_sentence() -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        render(paper(Picture(b"not a picture", "alt")))


def test_a_picture_has_its_words_and_is_drawn() -> None:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(buffer, "PNG")
    data = render(paper(Picture(buffer.getvalue(), "Mould by the window", "By the window")))
    assert ("Figure", "Mould by the window") in [(tag, alt) for _, tag, alt in structure(data)]
    document = pypdfium2.PdfDocument(data)
    image = document[0].render(scale=0.5).to_pil().convert("RGB")
    document.close()
    pixels = list(image.get_flattened_data() if hasattr(image, "get_flattened_data") else image.getdata())
    assert (200, 30, 30) in pixels


def test_signatures_stay_together_on_one_page() -> None:
    lines = [Text("word " * 60) for _ in range(9)]
    data = render(paper(*lines, Signature([("Prepared by", "Tomos Aldgate"), ("Reviewed by", "Priya Senn")])))
    document = pypdfium2.PdfDocument(data)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    together = [("Prepared by" in text, "Reviewed by" in text) for text in texts]
    assert (True, True) in together
    assert (True, False) not in together


RANGES = RangeBars(
    [Range("Control", "a say in how you work", 27, 35, "Lower than in June")], last_name="in June"
)


def test_a_chart_tells_its_numbers_in_words() -> None:
    assert chart_alt(BarChart(["June", "July"], [12, 1300])) == "Bars: June 12, July 1,300."
    assert chart_alt(RANGES) == "Bars from 1.0 to 5.0: Control 2.7 (in June 3.5)."


@pytest.mark.parametrize("spec", [BarChart(["a", "b"], [0, 3], current=1), LineChart(["a"], [2]), RANGES])
def test_the_same_chart_goes_on_screen_as_svg_without_clips_or_patterns(spec: Any) -> None:
    palette = {
        "text": "#ECEDEE",
        "muted": "#AEB4BB",
        "line": "#8B939C",
        "ground": "#1E2226",
        "hue": "#7FD19B",
    }
    drawn = chart_svg(spec, 400, 160, palette).decode()
    assert 'fill="none"' in drawn or "polyline" not in drawn, "a line must not be filled with black"
    assert "Source Sans 3" in drawn
    assert "pattern" not in drawn
    assert drawn == chart_svg(spec, 400, 160, palette).decode()


def test_a_bar_is_as_tall_as_its_value() -> None:
    from reportlab.graphics.shapes import Rect

    from app.report.charts import drawing

    bars = [
        s for s in drawing(BarChart(["a", "b", "c"], [10, 5, 0]), 300, 180).contents if isinstance(s, Rect)
    ]
    assert len(bars) == 2, "nothing is drawn for zero"
    assert bars[0].height == pytest.approx(2 * bars[1].height)
    assert bars[0].y == bars[1].y
