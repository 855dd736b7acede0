"""What two councils share, what they contradict each other in, and what neither has a code for."""

import pytest

from app.repairs.mapping.config import read_config
from app.repairs.mapping.coverage import compare, leaves_of
from app.repairs.mapping.report import check, words_of
from tests.app.repairs.mapping.conftest import as_bytes


def read(raw, name="x.json"):
    return read_config(raw if isinstance(raw, bytes) else as_bytes(raw), name)


@pytest.fixture
def both(nested, lists):
    a, b = read(nested, "nested.json"), read(lists, "lists.json")
    return compare(leaves_of(a, b), leaves_of(b, a))


def test_shared_orphan_blank_and_conflicting_codes_are_told(both):
    assert both.shared == ("000731", "004410")
    assert "AV3102" in both.only_b
    assert "008801" in both.only_a
    assert both.blank_a == (
        "tenant/kitchen/heatingOrHotWater/boilerSilent",
        "tenant/kitchen/heatingOrHotWater/radiatorCold",
    )
    conflicts = {c.path: (c.a, c.b) for c in both.conflicts}
    assert conflicts == {
        "tenant/kitchen/cupboards/drawerStuck": ("000732", "000799"),
        "tenant/kitchen/dampOrMould/onTheWall": ("008801", "AV3102"),
    }


def test_codes_are_compared_letter_by_letter_with_their_zeros():
    found = compare(leaves_of(read({"k": {"a": "007"}})), leaves_of(read({"k": {"a": "7"}})))
    assert found.shared == ()
    assert [(c.a, c.b) for c in found.conflicts] == [("007", "7")]


def test_codes_that_differ_only_in_letters_in_front_are_told_apart_from_shared_ones():
    found = compare(leaves_of(read({"k": {"a": "N373049"}})), leaves_of(read({"k": {"b": "373049"}})))
    assert found.shared == ()
    assert found.shared_figures == ("373049",)


def test_two_files_without_kinds_of_home_are_compared_by_their_own_paths():
    document = check(read({"k": {"a": "1", "b": "2", "c": ""}}), read({"k": {"a": "9", "b": "2", "d": "4"}}))
    assert document["conflicts"] == [{"path": "k/a", "a": "1", "b": "9"}]
    assert document["shared"] == ["2"]
    assert (document["only_here"], document["only_there"]) == (["1"], ["4", "9"])
    assert document["jaccard_per_cent"] == 25
    assert document["uncoded"] == ["k/c"]


def test_the_report_alone_has_every_key_that_is_promised(lists):
    document = check(read(lists))
    wanted = {"valid", "leaves", "coded", "uncoded", "exits", "errors", "shared", "conflicts"}
    assert wanted <= document.keys()
    assert (document["shared"], document["conflicts"], document["errors"]) == ([], [], [])


def test_the_report_for_people_names_faults_and_blanks():
    words = "\n".join(words_of(check(read({"k": {"a": "", "b": 7}}), read({"k": {"a": "1"}})), "k.json"))
    assert "k.json has faults: 2 leaves, 0 with a code" in words
    assert "k/b: a code is text in quotes" in words
    assert "Without a code: k/a, k/b" in words
    assert "Against x.json: 0 codes in both" in words
