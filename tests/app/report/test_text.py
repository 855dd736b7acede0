"""Words set in lines: nothing is lost, nothing is too wide, and nothing people type is read as markup."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.report import fonts
from app.report.text import BOX, Run, differs, drawable, lines, width

WORDS = st.text(alphabet=st.sampled_from("abc Ŵŷ-/.é\n<&>"), max_size=300)


@settings(max_examples=60, deadline=None)
@given(WORDS, st.floats(20, 200))
@example("Llŷn-y-Bont " * 9, 60.0)
def test_every_letter_is_kept_and_no_line_is_wider_than_its_room(text: str, room: float) -> None:
    made = lines([Run(text)], 10, room)
    assert "".join("".join(line.text for line in made).split()) == "".join(text.split())
    assert all(line.width <= room + 0.02 for line in made)


def test_lines_break_at_spaces_and_keep_the_space_for_reading_programs() -> None:
    made = [line.text for line in lines([Run("the quick brown fox")], 10, 60)]
    assert made == ["the quick ", "brown fox"]


def test_a_new_line_of_the_writer_is_kept() -> None:
    assert [line.text for line in lines([Run("one\n\ntwo")], 10, 100)] == ["one ", "", "two"]


def test_a_double_name_breaks_behind_its_hyphen_and_a_minus_stays_with_its_figure() -> None:
    assert lines([Run("Wŷn-Harte")], 10, 30)[0].text == "Wŷn-"
    assert [line.text for line in lines([Run("by -5 now")], 10, 20)] == ["by ", "-5 ", "now"]


def test_a_postcode_and_a_telephone_number_go_to_the_next_line_whole() -> None:
    made = [
        line.text for line in lines([Run("Mill Lane AV1 4BD")], 10, width("Mill Lane AV1", fonts.REGULAR, 10))
    ]
    assert made == ["Mill Lane ", "AV1\u00a04BD"]
    made = [line.text for line in lines([Run("ring 01632 960 100")], 10, 75)]
    assert made[-1] == "01632\u00a0960\u00a0100"


def test_a_long_address_of_a_web_page_breaks_behind_a_stroke() -> None:
    address = "https://averwick.example.org/bins/bulky/book/now"
    made = [line.text for line in lines([Run(address)], 10, 110)]
    assert "".join(made) == address
    assert made[0].endswith(("/", "."))


def test_two_fonts_in_one_line_are_measured_each_by_its_own_letters() -> None:
    (line,) = lines([Run("Note. ", fonts.STRONG), Run("Text")], 10, 200)
    assert [run.font for run in line.runs] == [fonts.STRONG, fonts.REGULAR]
    expected = width("Note. ", fonts.STRONG, 10) + width("Text", fonts.REGULAR, 10)
    assert line.width == pytest.approx(expected)


def test_letters_the_font_lacks_are_drawn_as_a_box_and_known_to_differ() -> None:
    assert drawable("a😀b") == f"a{BOX}b"
    assert differs("اسم")
    assert not differs("Ŵŷ £ − “quotes” ✓ →")
    assert drawable("so\u00adft\u200b\u202e and\u2003wide") == "soft and wide"


def test_a_megabyte_without_a_space_is_set_in_moments() -> None:
    start = time.perf_counter()
    made = lines([Run("x" * 1_000_000)], 10, 480)
    assert sum(len(line.text) for line in made) == 1_000_000
    assert time.perf_counter() - start < 5


def test_the_box_itself_is_in_the_font_so_that_no_letter_is_ever_missing() -> None:
    assert drawable(BOX) == BOX
    from reportlab.pdfbase import pdfmetrics

    assert ord(BOX) in pdfmetrics.getFont(fonts.REGULAR).face.charToGlyph
    assert ord(BOX) in pdfmetrics.getFont(fonts.STRONG).face.charToGlyph
