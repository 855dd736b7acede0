"""The names of rules that touched a posting: no comma in a name parts it, and old texts are read too."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.income.rule_names import joined_names, names_in

NAME = st.text("aB, -", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(st.lists(NAME, max_size=5), st.sets(NAME, max_size=4))
@settings(max_examples=200, deadline=None)
def test_names_that_were_joined_are_found_again_whatever_commas_they_hold(
    names: list[str], known: set[str]
) -> None:
    assert list(names_in(joined_names(names, 500), known | {names[0]} if names else known)) == names
    if len(names) != 1 or "," in names[0]:
        assert list(names_in(joined_names(names, 500), known)) == names


@pytest.mark.parametrize(
    ("text", "known", "names"),
    [
        ("Stalls, Gone", {"Stalls"}, ("Stalls", "Gone")),
        ("Stalls, Gone", (), ("Stalls", "Gone")),
        ("Stalls, north, Gone", {"Stalls, north"}, ("Stalls, north", "Gone")),
        ("Gone, Stalls, north", {"Stalls", "Stalls, north"}, ("Gone", "Stalls, north")),
        ("Stallsmen, Rents", {"Stalls", "Rents"}, ("Stallsmen", "Rents")),
        ("Stalls; old, Rents", {"Stalls; old", "Rents"}, ("Stalls; old", "Rents")),
        ("Stalls, north", {"Stalls, north"}, ("Stalls, north",)),
        ("", {"Stalls"}, ()),
    ],
)
def test_texts_of_before_are_read_by_the_names_that_are_known(
    text: str, known: set[str], names: tuple[str, ...]
) -> None:
    assert names_in(text, known) == names


def test_only_whole_names_are_stored_however_many_there_are() -> None:
    names = [f"Rule {place}, of many" for place in range(60)]
    text = joined_names(names, 500)
    assert len(text) <= 500
    assert list(names_in(text)) == names[: len(names_in(text))]
    assert len(names_in(text)) > 20


def test_plain_names_are_stored_as_people_read_them() -> None:
    assert joined_names(["Stalls"], 500) == "Stalls"
    assert joined_names(["Stalls", "Rents"], 500) == "Stalls; Rents"
    assert joined_names(["Stalls, north"], 500) == "Stalls, north;"
    assert joined_names(["Stalls; north"], 500) == "Stalls, north;"
