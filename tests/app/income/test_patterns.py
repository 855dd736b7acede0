"""Patterns that people write: the useful ones are tried, the ones that would hang are refused."""

from __future__ import annotations

import re

import pytest

from app.income.patterns import why_unsafe


@pytest.mark.parametrize(
    "pattern",
    [
        r"^77\d{7}$",
        r"[MP]\d{10}",
        r"(BJ|FP)\d{7}[0-9A]",
        r"\d+[A-Z]*-?\d{1,4}",
        r"(?:LA-)?\d+",
        r"[]+*]{3}",
        r"\(\d+\)",
        r"(?P<year>\d{4})/\d+",
    ],
)
def test_an_ordinary_pattern_may_be_tried(pattern: str) -> None:
    assert why_unsafe(pattern) == ""


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+b",
        r"(a*)*b",
        r"(a|aa)+b",
        r"((ab?)+c)*d",
        r"(?:a{1,9}){2,9}b",
        r"([a-z]+\d*)*!",
        r"(\d?){100}x",
        r"(a?)*?b",
        r"\w*\w*\w*\w*\w*!",
        "a?" * 24 + "b",
        "a*a*a*" + "(|||||)" * 7 + "b",
    ],
)
def test_a_pattern_that_can_hang_is_refused(pattern: str) -> None:
    assert why_unsafe(pattern)


def test_a_long_or_broken_pattern_is_refused_in_words() -> None:
    assert "at most 60" in why_unsafe("a" * 61)
    assert why_unsafe("(a") == "cannot be read"
    assert why_unsafe("a{3,1}") == "cannot be read"


@pytest.mark.parametrize("pattern", [r"\d?\d?\d?\d?\d?\d?\d?\d?\d*\d*\d*x", r"(\d*)(\d*)(\d*)x"])
def test_the_slowest_patterns_that_are_let_in_come_to_an_end(pattern: str) -> None:
    assert why_unsafe(pattern) == ""
    assert re.fullmatch(pattern, "1" * 30) is None
