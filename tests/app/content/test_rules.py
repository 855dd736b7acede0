"""Tests of what a page is checked for."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from app.content import plain, rules
from app.content.blocks import Block, Page, Picture, Table
from app.content.found import Level
from models.content import BlockKind, Kind
from tests.app.content.conftest import H2, H3, H4, LI, P, block, page

OBSTRUCTED = (
    "In the event that the collection was not undertaken owing to access having been obstructed by parked "
    "vehicles, it will be necessary for you to wait until your next scheduled collection."
)


def titles(checked: rules.Checked, level: Level | None = None) -> list[str]:
    """What was found, in order."""
    return [f.title for f in checked.findings if level is None or f.level is level]


def test_a_good_page_may_go_to_review() -> None:
    checked = rules.check(page())
    assert checked.findings == ()
    assert checked.gate is rules.Gate.OPEN
    assert checked.fine >= 20


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"title": " "}, "The page has no title"),
        ({"summary": ""}, "The lead is missing"),
        ({"contact_name": ""}, "Nobody looks after this page"),
        ({"kind": Kind.NEWS_ARTICLE}, "The article has no date"),
        ({"kind": Kind.STEP_BY_STEP}, "A step by step needs two steps or more"),
        ({"blocks": ()}, "The page is empty"),
    ],
)
def test_what_keeps_a_page_from_review(fields: dict[str, object], found: str) -> None:
    checked = rules.check(replace(page(), **fields))  # type: ignore[arg-type]
    assert titles(checked, Level.ERROR) == [found]
    assert checked.gate is rules.Gate.SHUT


def test_a_news_article_with_its_day_and_no_lead_may_go() -> None:
    checked = rules.check(page(kind=Kind.NEWS_ARTICLE, summary="", news_on=date(2026, 12, 17)))
    assert checked.gate is rules.Gate.OPEN


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("x" * 66, "The title has 66 characters"),
        ("How to report a bin", "The title begins with “How to”"),
        ("Report a bin.", "The title ends with a full stop"),
        ("REPORT MISSED BINS", "The title is in capitals"),
        ("Report Your Missed Bins Here", "Every word of the title has a capital"),
    ],
)
def test_how_a_title_is_written(title: str, found: str) -> None:
    assert found in titles(rules.check(page(title=title)))


def test_a_title_is_put_right_with_one_word() -> None:
    given = page(title="How to report a bin")
    fix = rules.check(given).findings[0].fix
    assert fix is not None
    assert rules.with_fix(given, fix)[0] == "Report a bin"


def test_headings_do_not_skip_a_level() -> None:
    given = page(block(H2, "One"), block(H4, "Two"), block(P, "Words."))
    found = rules.check(given).errors
    assert [f.title for f in found] == ["The heading “Two” skips a level"]
    assert found[0].fix is not None
    changed = rules.with_fix(given, found[0].fix)[2]
    assert changed is not None
    assert changed.kind is H3


def test_the_first_heading_is_a_heading_two_and_going_back_up_is_fine() -> None:
    assert titles(rules.check(page(block(H3, "One"))), Level.ERROR) == ["The heading “One” skips a level"]
    fine = page(block(H2, "A"), block(H3, "B"), block(H4, "C"), block(H2, "D"))
    assert rules.check(fine).errors == ()


def test_a_bold_line_is_told_from_a_heading() -> None:
    given = page(block(P, "**What you need**"))
    fix = rules.check(given).findings[0].fix
    assert fix is not None
    made = rules.with_fix(given, fix)[2]
    assert made is not None
    assert (made.kind, made.text) == (H2, "What you need")


@pytest.mark.parametrize("words", ["here", "Click here", "read more", "yma"])
def test_a_link_that_says_nothing_keeps_the_page(words: str) -> None:
    checked = rules.check(page(block(LI, f"check your day [{words}](https://a.example/x)")))
    assert titles(checked, Level.ERROR) == [f"The link “{words}” says nothing"]
    assert checked.findings[0].where is not None
    assert checked.findings[0].where.start == len("check your day ")


def test_links_lead_to_the_web_and_name_files() -> None:
    found = titles(
        rules.check(
            page(
                block(P, "See [the form](file:///C:/form.doc) and [our plan](https://a.example/plan.pdf)."),
                block(P, "[Day](https://a.example/1) or [day](https://a.example/2)."),
                block(P, "[Edit](https://a.example/node/12/edit)"),
            )
        )
    )
    assert "The link “the form” leads to a file on one laptop" in found
    assert "The link “our plan” opens a PDF file" in found
    assert "Two links say “day” and lead to different pages" in found
    assert "The link “Edit” leads to an editing page" in found


def picture(alt: str) -> Block:
    """A picture with these words."""
    return block(BlockKind.IMAGE, alt=alt, picture=Picture("a" * 64, "bin.png", "image/png", 10, 10))


def test_pictures_are_told_in_words() -> None:
    assert titles(rules.check(page(picture("")))) == ["A picture is not told in words"]
    assert titles(rules.check(page(picture("IMG_0001.JPG")))) == ["A picture is told by its file name"]
    assert titles(rules.check(page(picture("A brown bin with its lid closed")))) == []


def test_columns_of_a_table_have_names() -> None:
    nameless = block(BlockKind.TABLE, table=Table.of([["Day", ""], ["Monday", "9am"]]))
    assert titles(rules.check(page(nameless))) == ["A column of a table has no name"]


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("Out by 7 am on the day.", "Out by 7am on the day."),
        ("From 7.30am to noon.", "From 7:30am to noon."),
        ("At 10:00am.", "At 10am."),
        ("It costs £75.00 a year.", "It costs £75 a year."),
        ("By 1st of June.", "By 1 June."),
        ("About 20 per cent.", "About 20%."),
        ("Salt & grit.", "Salt and grit."),
        ("Ring us eg on Monday.", "Ring us for example on Monday."),
    ],
)
def test_small_things_are_changed_at_a_word(text: str, better: str) -> None:
    given = page(block(P, text))
    fix = rules.check(given).findings[0].fix
    assert fix is not None
    changed = rules.with_fix(given, fix)[2]
    assert changed is not None
    assert changed.plain == better


def test_personal_data_stands_out() -> None:
    found = rules.check(
        page(block(P, "Ring 07700 900123, mail ann.lee@a.example, quote QQ 12 34 56 C or AB123456C."))
    )
    assert [(f.level, f.rule) for f in found.findings if f.rule == "personal"] == [
        (Level.ERROR, "personal"),
        (Level.WARN, "personal"),
        (Level.WARN, "personal"),
    ]


def long_page() -> Page:
    """A page made hard by one sentence."""
    easy = "You need the number of your account and the name of your street before you ring our team. "
    return page(block(P, easy + OBSTRUCTED), block(P, easy * 2))


def test_the_sentence_that_costs_most_is_named_with_plainer_words() -> None:
    given = long_page()
    checked = rules.check(given)
    assert checked.age is not None
    assert checked.age > 9
    assert checked.costly is not None
    assert checked.costly.text == OBSTRUCTED
    assert checked.costly.words == 31
    assert checked.costly.plainer == (
        "If the collection did not happen because of parked vehicles, you will need to wait until your next "
        "collection."
    )
    where = checked.costly.place
    assert given.blocks[0].plain[where.start : where.end] == OBSTRUCTED


def test_using_the_plainer_words_lowers_the_age() -> None:
    given = long_page()
    costly = rules.check(given).costly
    assert costly is not None
    changed = rules.with_fix(given, rules.Fix("", costly.place, costly.plainer))[2]
    assert changed is not None
    after = rules.check(replace(given, blocks=(changed, *given.blocks[1:])))
    before = rules.check(given)
    assert before.age is not None
    assert after.age is not None
    assert after.age < before.age


def test_a_hard_word_inside_the_costly_sentence_is_not_told_twice() -> None:
    assert [f.rule for f in rules.check(long_page()).findings if f.rule == "plain-words"] == []
    assert titles(rules.check(page(block(P, "Please utilise a box.")))) == ["“utilise” is a hard word"]


def test_a_long_sentence_without_hard_words_is_cut_in_two() -> None:
    text = (
        "We come to your street early in the day and empty each bin we find there with its lid shut, "
        "but you must put it out by seven if you want us to take it."
    )
    assert plain.rewrite(text) == (
        "We come to your street early in the day and empty each bin we find there with its lid shut. "
        "You must put it out by seven if you want us to take it."
    )


def test_english_rules_leave_a_welsh_page_alone() -> None:
    given = page(block(P, "Mae’r llyfrgell ar agor. " * 20), language="cy")
    checked = rules.check(given)
    assert checked.age is None
    assert checked.findings == ()


def test_five_thousand_words_are_checked_quickly() -> None:
    text = "You need the number of your account. Ring us in the event of flooding at 7 am. "
    given = page(*(block(P, f"{n} {text * 3}") for n in range(110)))
    assert given.words > 5000
    rules.check(given)
    fresh = replace(given, blocks=tuple(replace(b, text=f"{b.text} x") for b in given.blocks))
    start = time.perf_counter()
    rules.check(fresh)
    assert time.perf_counter() - start < 1.0
