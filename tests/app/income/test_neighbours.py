"""References one slip apart are found quickly, and are those that trying every slip finds."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.income.matching.neighbours import Neighbours, one_slip
from app.income.references import keys_of, keys_of_all, reference_key, reference_keys

_CLOSE = st.text("0127", min_size=7, max_size=9)


_PLATE = st.builds("BJ{}".format, _CLOSE)
_INVOICE = st.text("0129", min_size=10, max_size=11).map("9{}".format)

_ANY = _CLOSE | _PLATE | _INVOICE | st.sampled_from(["٠١٢٣٤٥٦", "LA118", "1A2345678"])


@settings(max_examples=150, deadline=None)
@given(
    _CLOSE | _PLATE | _INVOICE,
    st.sets(_CLOSE | _PLATE | _INVOICE | st.sampled_from(["BJ38346059", "٠١٢٣٤٥٦"]), max_size=200),
)
def test_neighbours_are_those_that_trying_every_slip_finds_in_its_order(key: str, book: set[str]) -> None:
    book |= {key[:place] + "7" + key[place + 1 :] for place in range(0, len(key), 2)}
    book |= {key[:place] + key[place + 1] + key[place] + key[place + 2 :] for place in range(len(key) - 1)}
    book |= {key[:3] + "2" + key[3:], key[:-1], key}
    exists = dict.fromkeys(book)
    assert Neighbours(exists).of(key) == one_slip(key, exists)


def test_zeros_in_front_and_letters_are_no_hindrance() -> None:
    exists = dict.fromkeys(["012345678", "12345678", "BJ38346059"])
    near = Neighbours(exists)
    assert near.of("022345678") == ("012345678",)
    assert near.of("BJ38346058") == ("BJ38346059",)
    assert near.of("99999999999999999") == ()


def test_keys_of_many_texts_are_those_of_each() -> None:
    source = random.Random(4)
    words = ["Council tax M Wexford", "", "Slip 123456", "LA-118", "no\nbreak", "77 0412265", "٧٧٠٤١٢٢٦٥ y"]
    for share in (0, 1, 4, 7):
        texts = [source.choice(words[: share + 1]) for _ in range(900)] + ["Slip 998877"]
        assert keys_of_all(texts) == [keys_of(text) for text in texts]
        assert keys_of_all(iter(texts)) == [keys_of(text) for text in texts]


_WORD = st.sampled_from(["BACS", "bgc", "1234", "2026", "A1234", "9", "LA-118", "77", "", "x9", "\t", "é1"])
_LINE = st.lists(_WORD, min_size=1, max_size=3).map(" ".join)


@settings(max_examples=600, deadline=None)
@given(st.lists(_LINE, min_size=1, max_size=4))
def test_lines_with_one_reference_have_the_keys_that_reading_them_alone_finds(texts: list[str]) -> None:
    assert keys_of_all(texts) == [keys_of(text) for text in texts]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["770412265", "BJ38346059", "", "PO-118", "CASH", "NONREF", "bj1", "٧٧", "é1"]))
)
def test_many_references_have_the_keys_of_each(texts: list[str]) -> None:
    assert reference_keys(texts) == [(key,) if (key := reference_key(text)) else () for text in texts]
