"""Tests of runs, sentences and order keys: what blocks are made of."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.content import inline, order
from app.content.inline import Run
from app.content.sentences import reading_age, sentences, syllables, weigh
from models.sentences import pieces

RUNS = st.lists(
    st.builds(
        Run,
        st.text(st.sampled_from("ab *_[]()\\.A"), min_size=1, max_size=8),
        st.booleans(),
        st.booleans(),
        st.sampled_from(["", "https://a.example/(b)"]),
    ),
    max_size=5,
)


@given(RUNS)
@settings(max_examples=150, deadline=None)
def test_what_is_written_reads_back_the_same(runs: list[Run]) -> None:
    written = inline.write(runs)
    assert inline.read(written) == inline.tidy(runs)
    assert inline.plain(written) == "".join(run.text for run in runs)
    assert inline.write(inline.read(written)) == written


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    inline.read(text)
    assert inline.plain(inline.plainly(text)) == text


def test_marks_close_with_each_sentence_so_that_sentences_merge_one_by_one() -> None:
    written = inline.write((Run("Ring us. We come.", bold=True),))
    assert written == "**Ring us.** **We come.**"
    assert [inline.plain(part) for part in pieces(written)] == ["Ring us. ", "We come."]


def test_other_words_keep_the_look_of_what_they_replace() -> None:
    runs = (Run("See "), Run("here", href="https://a.example"), Run(" now"))
    assert inline.put(runs, 4, 8, "your day") == (
        Run("See "),
        Run("your day", href="https://a.example"),
        Run(" now"),
    )


def test_sentences_do_not_end_at_abbreviations_times_or_figures() -> None:
    text = "Come at 7.30am, e.g. on Monday. Dr. Senn pays £4.50. Ask J. Marlow!"
    assert [s.text for s in sentences(text)] == [
        "Come at 7.30am, e.g. on Monday.",
        "Dr. Senn pays £4.50.",
        "Ask J. Marlow!",
    ]


def test_syllables_of_common_words() -> None:
    words = {"bin": 1, "collection": 3, "missed": 1, "wanted": 2, "services": 3, "table": 2, "reported": 3}
    assert {word: syllables(word) for word in words} == words


def test_no_reading_age_for_fewer_than_thirty_words() -> None:
    assert reading_age(["Bins go out at seven."]) is None
    assert reading_age(["The cat sat on the mat. "] * 8) == 5


def test_the_formula_is_flesch_kincaid() -> None:
    weight = weigh("The collection was obstructed by vehicles.")
    assert (weight.words, weight.sentences, weight.syllables) == (6, 1, 12)
    assert round(weight.grade, 2) == round(0.39 * 6 + 11.8 * 12 / 6 - 15.59, 2)


@given(st.lists(st.integers(0, 50), max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_key_fits_between_any_two(places: list[int]) -> None:
    keys: list[str] = []
    for place in places:
        n = place % (len(keys) + 1)
        keys.insert(n, order.between(keys[n - 1] if n else "", keys[n] if n < len(keys) else ""))
    assert keys == sorted(set(keys))


def test_keys_stay_short_when_a_page_only_grows_at_its_end() -> None:
    key = ""
    for _ in range(1000):
        key = order.between(key, "")
    assert len(key) < 60


@given(st.permutations(order.spread(12)))
@settings(max_examples=60, deadline=None)
def test_new_order_changes_as_few_keys_as_can_be(keys: list[str]) -> None:
    fresh = order.rekeyed(keys)
    assert fresh == sorted(set(fresh))
    assert sum(a == b for a, b in zip(keys, fresh, strict=True)) == len(order.kept(keys))


def test_moving_one_block_changes_one_key() -> None:
    keys = order.spread(6)
    moved = [*keys[1:], keys[0]]
    assert sum(a != b for a, b in zip(moved, order.rekeyed(moved), strict=True)) == 1
