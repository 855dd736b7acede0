"""Paper to fill in, to hold and to scan: codes read back by a scanner, boxes to tick, pictures in a row."""

from __future__ import annotations

import io
from datetime import date
from itertools import pairwise

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from app.report import (
    Blanks,
    Block,
    Code,
    Document,
    Heading,
    Picture,
    Pictures,
    Text,
    Tick,
    Ticks,
    render,
)


def pages_of(*blocks: Block) -> list[tuple[str, Image.Image]]:
    """The words and the look of each page."""
    pdf = pypdfium2.PdfDocument(render(Document("T", date(2026, 12, 17), blocks)))
    try:
        return [
            (page.get_textpage().get_text_range(), page.render(scale=2).to_pil().convert("RGB"))
            for page in pdf
        ]
    finally:
        pdf.close()


@pytest.mark.parametrize(
    "data", ["AV-20417\n01632 960 100", "1", "Tŷ Ffynnon 🙂", 'a "quote" <b>&', "x" * 300]
)
def test_a_code_is_read_back_by_a_scanner_and_its_words_stand_beside_it(data: str) -> None:
    ((words, look),) = pages_of(Code(data, "AV-20417", ["Ring 01632 960 100"]))
    (found,) = zxingcpp.read_barcodes(look)
    assert found.text == data
    assert "AV-20417" in words
    assert "Ring 01632 960 100" in words.replace("\xa0", " ")


def test_a_question_stays_on_one_page_with_its_answers() -> None:
    answers = Ticks([Tick(f"Answer {n}", "", str(n)) for n in range(9)], "Read all of them.")
    blocks = [block for n in range(12) for block in (Heading(f"Question {n}?", large=True), answers)]
    for words, _ in pages_of(*blocks):
        assert words.count("Answer 0") == words.count("Answer 8") == words.count("?")
        assert words.count("Read all of them.") == words.count("?")


def test_every_answer_has_an_empty_box_and_says_where_to_go_on() -> None:
    ((words, look),) = pages_of(Ticks([Tick("Yes", "often", "12"), Tick("No", "", "stop: B")]))
    assert "Yes (often)" in words
    assert "→\xa012" in words or "→ 12" in words
    assert "stop: B" in words
    dark = [y for y in range(look.height) if sum(look.getpixel((2 * 59 + 5, y))) < 500]
    assert len(dark) >= 4  # upper and lower edge of both boxes, and nothing between them


def test_blanks_have_their_lines() -> None:
    plain = pages_of(Text("x"))[0][1]
    ruled = pages_of(Text("x"), Blanks([("In their words", 6)]))[0][1]

    def rules(look: Image.Image) -> int:
        column = [sum(look.getpixel((look.width // 2, y))) < 600 for y in range(look.height)]
        return sum(1 for a, b in pairwise(column) if b and not a)

    assert rules(ruled) - rules(plain) == 6


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (2_000, 90), (40, 1_500)])
def test_pictures_stand_three_in_a_row_inside_the_margins(size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, "JPEG")
    one = Picture(out.getvalue(), "A wall", "Wall")
    ((words, look),) = pages_of(Pictures([one] * 4))
    assert words.count("Wall") == 4
    red = look.getchannel("R").point(lambda v: 255 if v > 150 else 0)
    green = look.getchannel("G").point(lambda v: 255 if v < 90 else 0)
    box = Image.composite(red, Image.new("L", red.size, 0), green).getbbox()
    assert box is not None
    left, _, right, _ = box
    assert left >= 2 * 56
    assert right <= look.width - 2 * 56 + 1
