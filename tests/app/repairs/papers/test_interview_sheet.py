"""The questions on paper: every question, every answer, every arrow leads forward to where the tree leads."""

import re

import pypdfium2
import pytest

from app.errors import HoldallError
from app.repairs import report
from app.repairs.tables import tables
from app.report import Blanks, Bullets, Heading, Text, Ticks, render


@pytest.fixture(scope="module")
def tree():
    return tables().tree


def numbered(sheet):
    """The headings of questions by their number, each with its answers."""
    found, last = {}, None
    for block in sheet.blocks:
        if isinstance(block, Heading) and (number := re.match(r"(\d+)\. (.*)", block.text)):
            last = int(number[1])
            found[last] = (number[2], [])
        elif isinstance(block, Ticks) and last is not None:
            found[last][1].extend(block.items)
    return found


def test_every_question_stands_once_with_all_its_answers(context, tree):
    pages = numbered(report.interview_sheet(context, {}))
    by_ask = {ask: [t.text for t in ticks] for ask, ticks in pages.values()}
    for question in tree.questions.values():
        assert question.ask in by_ask
    assert sum(len(q.answers) for q in tree.questions.values()) == sum(
        len(ticks) for ask, ticks in pages.values() if ask in {q.ask for q in tree.questions.values()}
    )
    assert list(pages) == list(range(1, len(pages) + 1))


def test_every_arrow_leads_where_the_tree_leads_and_never_back(context, tree):
    sheet = report.interview_sheet(context, {})
    pages = numbered(sheet)
    letters = {
        m[1]: m[2]
        for b in sheet.blocks
        if isinstance(b, Heading) and (m := re.match(r"([A-Z])\. (.*)", b.text))
    }
    end = next(n for n, (ask, _) in pages.items() if "in your own words" in ask)
    where = {}
    for number, (ask, ticks) in pages.items():
        for question in tree.questions.values():
            if question.ask == ask and [a.text for a in question.answers] == [t.text for t in ticks]:
                where[question.id] = number
    assert set(where) == set(tree.questions)
    for question in tree.questions.values():
        number = where[question.id]
        for answer, tick in zip(question.answers, pages[number][1], strict=True):
            if answer.exit:
                assert letters[tick.goes_to.removeprefix("stop: ")] == tree.exits[answer.exit].title
            elif question.id == "danger":
                assert tick.goes_to == "2"  # who lives there comes first
            else:
                goal = where[answer.next] if answer.next else end
                assert tick.goes_to == str(goal)
                assert goal > number


def test_emergencies_say_the_number_and_what_to_do(context, tree):
    sheet = report.interview_sheet(context, {})
    said = " ".join(f"{b.lead} {b.text}" for b in sheet.blocks if isinstance(b, Text))
    assert "0800 111 999" in said
    listed = [item for b in sheet.blocks if isinstance(b, Bullets) for item in b.items]
    for exit_ in tree.exits.values():
        assert set(exit_.do) | set(exit_.do_not) <= set(listed)


def test_it_asks_who_lives_there_with_consent_and_leaves_room_to_write(context):
    sheet = report.interview_sheet(context, {})
    ticks = [t.text for b in sheet.blocks if isinstance(b, Ticks) for t in b.items]
    for risk in tables().risks.values():
        assert risk.label in ticks
    assert "They would rather not say" in ticks
    assert "Yes, they agree" in ticks
    rules = dict(pair for b in sheet.blocks if isinstance(b, Blanks) for pair in b.items)
    assert rules["In their words"] == 6


def test_a_kind_of_home_narrows_it_and_another_word_is_refused(context):
    communal = numbered(report.interview_sheet(context, {"kind": "communal"}))
    asks = [ask for ask, _ in communal.values()]
    assert not any("Who lives there" in ask for ask in asks)
    assert len(communal) < len(numbered(report.interview_sheet(context, {})))
    with pytest.raises(HoldallError, match="is no kind of home"):
        report.interview_sheet(context, {"kind": "castle"})


def test_it_reads_back_from_the_pdf_in_large_type(context):
    pdf = pypdfium2.PdfDocument(render(report.interview_sheet(context, {})))
    try:
        text = " ".join(" ".join(p.get_textpage().get_text_range().split()) for p in pdf)
        assert "1. Is anybody in danger now?" in text
        assert "nothing is booked" in text
    finally:
        pdf.close()
