"""Tests of clean HTML out, and of pastes in: from Word, from the web, and bad ones."""

from __future__ import annotations

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.content import files
from app.content.blocks import Picture, Table
from app.errors import HoldallError
from models.content import BlockKind
from tests.app.content.conftest import H2, H3, LI, P, block, page

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p{margin:0}</style></head>
<body><!--StartFragment--><h1>Apply<o:p></o:p></h1>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]>
<span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times"'>&nbsp;&nbsp;
</span></span></span><![endif]>a <b>bold</b> item<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'><!--[if !supportLists]--><span
style='mso-list:Ignore'>1.<span>&nbsp;</span></span><!--[endif]-->a number</p>
<p class=MsoNormal>See <a href="file:///C:/x.doc">this</a> and
<a href="https://a.example/b">that page</a>&nbsp;now</p>
<img src="x.png"><table><tr><td><p>A</p></td><td>B</td></tr><tr><td>1</td><td>2</td>
</tr></table></body></html>"""


def full() -> list[object]:
    """One block of every kind."""
    return [
        block(H2, "Bins & boxes"),
        block(P, "Put **it** out, __please__, by [our rules](https://a.example/?a=1&b=2)."),
        block(LI, "one"),
        block(LI, "two <b>"),
        block(BlockKind.NUMBER, "first"),
        block(BlockKind.QUOTE, "They came."),
        block(BlockKind.NOTE, "**Help**\nRing us."),
        block(BlockKind.TABLE, table=Table.of([["Day", "Time"], ["Monday", "9am"]], "When")),
        block(BlockKind.IMAGE, alt="A bin", picture=Picture("a" * 64, "bin.png", "image/png", 1, 1)),
        block(P, "  "),
    ]


def test_clean_html_holds_what_a_council_site_keeps_and_nothing_else() -> None:
    html = files.to_html(page(*full()))  # type: ignore[arg-type]
    assert "<h2>Bins &amp; boxes</h2>" in html
    assert '<strong>it</strong> out, <em>please</em>, by <a href="https://a.example/?a=1&amp;b=2">' in html
    assert "<ul>\n<li>one</li>\n<li>two &lt;b&gt;</li>\n</ul>\n<ol>\n<li>first</li>\n</ol>" in html
    assert "<blockquote>\n<p>They came.</p>\n</blockquote>" in html
    assert '<p class="callout callout-primary"><strong>Help</strong>: Ring us.</p>' in html
    assert "<caption>When</caption><thead><tr><th>Day</th><th>Time</th></tr></thead>" in html
    assert '<img src="bin.png" alt="A bin">' in html
    assert "<br" not in html
    assert "<p></p>" not in html


def test_the_cleaner_finds_nothing_to_take_away() -> None:
    html = files.to_html(page(*full()))  # type: ignore[arg-type]
    assert nh3.clean(html, tags=set(files.TAGS), attributes=files.ATTRIBUTES, link_rel=None) == html


def test_html_reads_back_as_the_same_blocks() -> None:
    given = [block(H2, "One"), block(P, "Words **and** [a link](https://a.example/)."), block(LI, "item")]
    again = files.from_html(files.to_html(page(*given))).blocks
    assert [(b.kind, b.text) for b in again] == [(b.kind, b.text) for b in given]


def test_a_paste_from_word_keeps_its_lists_and_says_what_it_left_out() -> None:
    pasted = files.from_html(WORD)
    assert [(b.kind, b.text) for b in pasted.blocks] == [
        (H2, "Apply"),
        (LI, "a **bold** item"),
        (BlockKind.NUMBER, "a number"),
        (P, "See this and [that page](https://a.example/b) now"),
        (BlockKind.TABLE, ""),
    ]
    assert pasted.blocks[-1].table == Table((("A", "B"), ("1", "2")))
    assert pasted.notes == [
        "A picture was left out: add each with its description.",
        "A link was left out: they lead to a laptop or a program, not to the web.",
    ]


def test_scripts_and_styles_never_come_in() -> None:
    html = "<p onclick=x>a<script>alert(1)</script><style>p{}</style> <a href='javascript:x'>b</a></p>"
    assert [(b.kind, b.text) for b in files.from_html(html).blocks] == [(P, "a b")]


def test_headings_come_in_between_two_and_four() -> None:
    kinds = [b.kind for b in files.from_html("<h1>a</h1><h3>b</h3><h6>c</h6>").blocks]
    assert kinds == [H2, H3, BlockKind.HEADING4]


def test_the_false_bold_of_other_editors_is_not_bold() -> None:
    html = '<b style="font-weight:normal"><p>plain <span style="font-weight:700">strong</span></p></b>'
    assert files.from_html(html).blocks[0].text == "plain **strong**"


def test_plain_text_brings_lists_and_tables() -> None:
    blocks = files.from_text("Bins\n\n• one\n2. two\nDay\tTime\nMonday\t9am\n").blocks
    assert [(b.kind, b.text) for b in blocks[:3]] == [
        (P, "Bins"),
        (LI, "one"),
        (BlockKind.NUMBER, "two"),
    ]
    assert blocks[3].table == Table((("Day", "Time"), ("Monday", "9am")))


@given(st.text(st.sampled_from("<>/pabuliotrd h1=\"' &;!-[]\n"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_html_is_too_broken_to_read(html: str) -> None:
    again = files.to_html(page(*files.from_html(html).blocks)) if files.from_html(html).blocks else ""
    assert nh3.clean(again, tags=set(files.TAGS), attributes=files.ATTRIBUTES, link_rel=None) == again


@pytest.mark.parametrize(
    ("text", "word"),
    [("x" * 1_048_576, "1,048,576"), ("a\x00b", "NUL"), ("a\ud800b", "half a character")],
    ids=["1 MB", "NUL", "lone surrogate"],
)
def test_a_bad_paste_gets_one_sentence(text: str, word: str) -> None:
    for read in (files.from_text, files.from_html):
        with pytest.raises(HoldallError, match=word):
            read(text)


def test_soft_hyphens_and_zero_width_signs_of_word_are_dropped() -> None:
    assert files.from_text("re\u00adport\u200b it\u00a0now").blocks[0].text == "report it now"
