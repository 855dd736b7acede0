"""Answers into figures, figures into words: the key, the reversals, what is missing, what is told."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadFile
from app.wellbeing import rules
from app.wellbeing.instrument import Missing, bundled, load
from app.wellbeing.rules import LastTime, Way

CHECK = bundled()
KEY = {
    "demands": {3, 6, 9, 12, 16, 18, 20, 22},
    "control": {2, 10, 15, 19, 25, 30},
    "managers_support": {8, 23, 29, 33, 35},
    "peer_support": {7, 24, 27, 31},
    "relationships": {5, 14, 21, 34},
    "role": {1, 4, 11, 13, 17},
    "change": {26, 28, 32},
}
REVERSED = {3, 5, 6, 9, 12, 14, 16, 18, 20, 21, 22, 34}
JUNE = LastTime("June", "in June")


def all_at(code: int, **other: int) -> dict[int, rules.Answer]:
    """The same answer to every statement, but for those named q16=5."""
    return {n: other.get(f"q{n}", code) for n in range(1, 36)}


def means(answers: dict[int, rules.Answer]) -> dict[str, Fraction | None]:
    return {key: score.mean for key, score in rules.scores(CHECK, answers).items()}


def test_every_statement_belongs_to_the_scale_the_published_key_says() -> None:
    assert {scale.key: set(scale.items) for scale in CHECK.scales} == KEY


def test_the_published_twelve_statements_count_the_other_way_round() -> None:
    assert {item.number for item in CHECK.items if item.reversed} == REVERSED


def test_how_often_is_asked_of_the_first_23_statements_and_how_far_one_agrees_of_the_rest() -> None:
    assert {i.number for i in CHECK.items if i.answers == "frequency"} == set(range(1, 24))
    assert {i.number for i in CHECK.items if i.answers == "agreement"} == set(range(24, 36))


def test_the_title_names_no_other_instrument_and_there_are_no_bands() -> None:
    plain = json.dumps(CHECK.__dict__, default=str)
    assert "HSE" not in plain
    assert "percentile" not in plain
    assert "benchmark" not in plain


def test_every_statement_has_its_own_words_to_talk_with() -> None:
    assert len({item.words for item in CHECK.items}) == 35
    assert all("?" in i.words or "talk" in i.words or "tell" in i.words for i in CHECK.items)


def test_missing_a_break_counts_to_demands_and_not_to_control() -> None:
    """A key found in the wild puts statement 16 under control; it still covers 1 to 35 exactly once."""
    found = means(all_at(1, q16=5))
    assert found["demands"] == Fraction(9, 2)
    assert found["control"] == 1


@pytest.mark.parametrize(("code", "reversed_mean", "plain_mean"), [(1, 5, 1), (3, 3, 3), (5, 1, 5)])
def test_more_is_better_in_every_scale(code: int, reversed_mean: int, plain_mean: int) -> None:
    found = means(all_at(code))
    for key in KEY:
        assert found[key] == (reversed_mean if key in ("demands", "relationships") else plain_mean)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=35, max_size=35))
def test_a_figure_is_the_plain_mean_of_its_scored_answers(codes: list[int]) -> None:
    answers: dict[int, rules.Answer] = dict(enumerate(codes, 1))
    for key, numbers in KEY.items():
        scored = [6 - codes[n - 1] if n in REVERSED else codes[n - 1] for n in numbers]
        assert means(answers)[key] == Fraction(sum(scored), len(scored))


@pytest.mark.parametrize("code", [0, 6, -1])
def test_a_code_that_is_no_answer_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        rules.score_of(CHECK.item(1), code)


def test_a_scale_with_a_statement_left_out_has_no_figure_and_says_why() -> None:
    answers = {**all_at(4), 16: rules.SKIPPED}
    (demands, *others) = rules.standings(CHECK, answers, all_at(4))
    assert demands.now.mean is None
    assert (demands.now.answered, demands.now.of) == (7, 8)
    assert rules.change_words(demands, JUNE) == "1 of 8 left out"
    assert rules.figure(demands.now) == "–"
    assert all(s.now.mean is not None for s in others)


@pytest.mark.parametrize(("answered", "figure"), [(4, True), (3, False)])
def test_half_is_enough_where_the_questionnaire_says_so_and_it_is_marked(answered: int, figure: bool) -> None:
    scale = CHECK.scale("demands")
    answers: dict[int, rules.Answer] = dict.fromkeys(scale.items[:answered], 1)
    score = rules.scale_score(CHECK, scale, answers, Missing.HALF)
    assert (score.mean is not None) is figure
    assert score.prorated is figure
    if figure:
        assert score.mean == 5


def test_left_out_answers_are_never_taken_for_the_middle() -> None:
    scale = CHECK.scale("change")
    score = rules.scale_score(CHECK, scale, {26: 5, 28: 5, 32: rules.SKIPPED}, Missing.HALF)
    assert score.mean == 5


def standing(key: str, now: dict[int, rules.Answer], before: dict[int, rules.Answer]) -> rules.Standing:
    return next(s for s in rules.standings(CHECK, now, before) if s.scale.key == key)


@pytest.mark.parametrize(
    ("changes", "way", "words"),
    [
        ({}, Way.SAME, "The same"),
        ({"q10": 4, "q15": 4}, Way.ABOUT, "About the same"),
        ({"q10": 4, "q15": 4, "q19": 4}, Way.BETTER, "Better than in June"),
        ({"q10": 2, "q15": 2, "q19": 2}, Way.LOWER, "Lower than in June"),
    ],
)
def test_under_half_a_point_reads_about_the_same_and_half_a_point_is_a_change(
    changes: dict[str, int], way: Way, words: str
) -> None:
    found = standing("control", all_at(3, **changes), all_at(3))
    assert found.way is way
    assert rules.change_words(found, JUNE) == words


@pytest.mark.parametrize(
    ("total", "count", "shown"),
    [(26, 8, "3.3"), (16, 6, "2.7"), (17, 4, "4.3"), (9, 3, "3.0"), (18, 4, "4.5")],
)
def test_figures_are_shown_with_one_place_and_halves_go_up(total: int, count: int, shown: str) -> None:
    assert rules.figure(rules.Score("x", Fraction(total, count), count, count)) == shown


def test_the_finding_says_what_got_better_and_what_slipped() -> None:
    now = all_at(3, **{f"q{n}": 2 for n in KEY["demands"] | KEY["control"]})
    found = rules.finding(rules.standings(CHECK, now, all_at(3)), JUNE)
    assert found == "The work fits the time better. Your say in how you work has slipped."


def test_several_areas_are_named_in_one_sentence_in_the_order_of_the_questionnaire() -> None:
    now = all_at(3, **{f"q{n}": 1 for n in KEY["role"] | KEY["control"] | KEY["change"]})
    found = rules.finding(rules.standings(CHECK, now, all_at(3)), JUNE)
    assert found == "Control, role and change are lower."


def test_nothing_much_moved_is_a_finding_too_and_a_first_check_is_a_start() -> None:
    stood = rules.standings(CHECK, all_at(3, q10=4), all_at(3))
    assert rules.finding(stood, JUNE) == "Much the same as in June."
    assert rules.finding(rules.standings(CHECK, all_at(3), None), None).startswith("This is where you start.")


def test_the_one_thing_to_talk_about_is_what_slipped_furthest_with_the_answers_behind_it() -> None:
    before = all_at(4, q2=5)
    now = all_at(4, q2=2, q10=2, q19=3, q26=2)
    topic = rules.topic(CHECK, rules.standings(CHECK, now, before), now, before)
    assert topic is not None
    assert topic.standing.scale.key == "control"
    assert [(m.item.number, m.before, m.now) for m in topic.moved] == [(2, 5, 2), (10, 4, 2), (19, 4, 3)]
    assert topic.words == CHECK.item(2).words


def test_without_a_slip_the_lowest_area_with_room_is_the_topic_and_with_none_there_is_no_topic() -> None:
    low = all_at(3, **{f"q{n}": 5 for n in range(1, 36) if n not in REVERSED})
    low |= dict.fromkeys(KEY["demands"], 4)
    topic = rules.topic(CHECK, rules.standings(CHECK, low, None), low, None)
    assert topic is not None
    assert topic.standing.scale.key == "demands"
    assert topic.moved
    assert topic.words
    well = {n: 1 if n in REVERSED else 5 for n in range(1, 36)}
    assert rules.topic(CHECK, rules.standings(CHECK, well, None), well, None) is None


def test_the_words_of_an_answer_are_as_a_line_shows_them() -> None:
    assert CHECK.answer_words(2, 2) == "seldom"
    assert CHECK.answer_words(30, 5) == "agree strongly"


@pytest.mark.parametrize(
    ("before", "now", "phrase"),
    [
        (date(2026, 6, 11), date(2026, 12, 17), "in June"),
        (date(2025, 12, 18), date(2026, 12, 17), "in December 2025"),
        (date(2025, 6, 1), date(2026, 12, 17), "in June 2025"),
        (date(2026, 12, 3), date(2026, 12, 17), "on 3 December"),
    ],
)
def test_last_time_is_named_so_that_it_cannot_be_mistaken(before: date, now: date, phrase: str) -> None:
    assert rules.last_time(before, now).phrase == phrase


@pytest.mark.parametrize("content", ["", "{", "[]", '{"items": []}', "\x00", "a,b\n1,2"])
def test_a_file_that_is_no_questionnaire_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "check.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadFile, match=r"check\.json"):
        load(path)


def test_a_questionnaire_with_a_statement_in_two_scales_is_refused(tmp_path: Path) -> None:
    import resources

    plain = json.loads(resources.path("wellbeing", "holdall-wc35.json").read_text(encoding="utf-8"))
    plain["scales"][0]["items"].append(2)
    path = tmp_path / "check.json"
    path.write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(BadFile, match="two"):
        load(path)
