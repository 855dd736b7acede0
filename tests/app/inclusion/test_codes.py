"""Learner codes survive being read out, written down and typed again."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inclusion import codes

BODIES = st.text(alphabet=codes.SIGNS, min_size=4, max_size=6)


@given(BODIES)
def test_a_code_is_read_back_from_what_people_write(body: str) -> None:
    code = codes.shown(body)
    if code[-1] not in codes.SIGNS:
        assert codes.parse(code) is None
        return
    assert codes.parse(code) == code
    assert codes.parse(f" {code.lower().replace('-', ' ')} ") == code
    assert codes.parse(code.replace("1", "l").replace("0", "o")) == code


@given(BODIES, st.data())
def test_one_wrong_sign_never_reads_as_another_code(body: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.sampled_from([sign for sign in codes.SIGNS if sign != body[place]]))
    wrong = body[:place] + other + body[place + 1 :]
    assert codes.parse(f"{wrong}-{codes.check_sign(body)}") is None


@given(BODIES, st.data())
def test_two_neighbours_changed_about_never_read_as_a_code(body: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(body) - 2))
    turned = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    if turned != body:
        assert codes.parse(f"{turned}-{codes.check_sign(body)}") is None


@pytest.mark.parametrize("typed", ["", "7KQ", "7KQ4", "GWEN-A", "7KQ4-7-7-7-7", "\x00", "7KQ4–*", "£££££"])
def test_what_is_no_code_is_told_from_one(typed: str) -> None:
    assert codes.parse(typed) is None


def test_a_name_is_not_taken_for_the_start_of_a_code() -> None:
    assert not codes.looks_like_code("gw")
    assert codes.looks_like_code("7k")


def test_new_codes_avoid_those_in_use_and_signs_that_are_hard_to_read() -> None:
    source = random.Random(4)
    taken: set[str] = set()
    for _ in range(500):
        code = codes.new_code(source.choice, taken)
        assert code not in taken
        assert codes.parse(code) == code
        taken.add(code)


def test_a_full_house_gives_longer_codes() -> None:
    class Full:
        def __contains__(self, code: object) -> bool:
            return len(str(code)) == codes.LENGTH + 2

    assert len(codes.new_code(random.Random(1).choice, Full())) == codes.LENGTH + 3
