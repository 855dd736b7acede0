"""Both public shapes of a mapping are read, and whatever is wrong in one is named by its path."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadFile
from app.repairs.mapping.config import MOST_BYTES, read_config
from app.repairs.mapping.report import report_of
from tests.app.repairs.mapping.conftest import as_bytes, big, big_list


def faults(raw):
    config = read_config(raw if isinstance(raw, bytes) else as_bytes(raw), "x.json")
    return {f.path: f.message for f in config.faults}


def entry(value="a", **more):
    return {"value": value, "display": value.title(), **more}


def coded(value="a", code="001", priority="1"):
    return entry(value, sorCode=code, priority=priority)


def under_a_place(*entries):
    return [entry("kitchen", options=list(entries))]


def test_an_object_of_places_is_read_with_two_and_three_tiers(nested):
    report = report_of(read_config(nested, "nested.json"))
    assert (report.shape, report.tiers, report.valid) == ("nested", 3, True)
    assert (report.leaves, report.coded, report.distinct_codes) == (13, 11, 11)
    assert report.uncoded == (
        "kitchen/heatingOrHotWater/boilerSilent",
        "kitchen/heatingOrHotWater/radiatorCold",
    )
    assert report.exits == {"Emergency": 1}


def test_lists_for_three_kinds_of_home_are_read_with_their_early_exits(lists):
    report = report_of(read_config(lists, "lists.json"))
    assert (report.shape, report.tiers, report.valid) == ("list", 3, True)
    assert report.kinds == ("tenant", "leasehold", "communal")
    assert (report.leaves, report.coded) == (6, 6)
    assert report.exits == {"Emergency": 1, "UnableToBook": 1, "NotEligibleNonEmergency": 1, "ContactUs": 1}
    assert report.priorities == ("100 days", "20 days", "3 days")


def test_one_list_alone_is_read_too():
    report = report_of(read_config(as_bytes(under_a_place(coded())), "x.json"))
    assert (report.valid, report.leaves, report.kinds) == (True, 1, ())


@pytest.mark.parametrize("made", [big, big_list])
def test_a_mapping_of_the_size_of_a_council_s_own_is_read_whole(made):
    report = report_of(read_config(as_bytes(made(120)), "big.json"))
    assert (report.valid, report.leaves, report.coded, report.distinct_codes) == (True, 120, 120, 120)
    assert report_of(read_config(as_bytes(made(2500)), "big.json")).leaves == 2500


def test_codes_keep_their_zeros(nested):
    codes = [n.code for n in read_config(nested, "nested.json").leaves()]
    assert codes[0] == "000731"


@pytest.mark.parametrize(
    ("made", "path", "words"),
    [
        (entry("x"), "kitchen/x", "neither options nor a code"),
        (entry("x", options=[]), "kitchen/x", "options are empty"),
        (entry("x", sorCode="1"), "kitchen/x", "no priority"),
        (entry("x", priority="1"), "kitchen/x", "no code"),
        (entry("x", sorCode=" ", priority="1"), "kitchen/x", "no code"),
        (entry("x", sorCode=731, priority="1"), "kitchen/x", "the number 731"),
        (entry("x", sorCode=True, priority="1"), "kitchen/x", "here stands true"),
        (entry("x", sorCode="1", priority=2), "kitchen/x", "the number 2"),
        (entry("x", sorCode="1", priority="2", options=[coded()]), "kitchen/x", "only one of them"),
        (entry("x", priority="2", options=[coded()]), "kitchen/x", "only one of them"),
        (entry("x", options=[entry("y", options=[coded()])]), "kitchen/x/y", "a fourth tier"),
        (entry("x", options="none"), "kitchen/x", "not text"),
        (entry("x", sorcode="1", priority="2"), "kitchen/x", "is written"),
        (entry("emergency"), "kitchen/emergency", "written “Emergency”"),
        (entry(""), "kitchen/[1]", "needs a value"),
        ({"display": "No value", "sorCode": "1", "priority": "1"}, "kitchen/[1]", "needs a value"),
        ("text", "kitchen/[1]", "an entry is an object, not text"),
        (7, "kitchen/[1]", "not the number 7"),
    ],
)
def test_each_fault_of_an_entry_is_named_by_its_path(made, path, words):
    found = read_config(as_bytes(under_a_place(made)), "x.json").faults
    assert [f for f in found if f.path == path and words in f.message], found


@pytest.mark.parametrize("exit_", ["Emergency", "UnableToBook", "NotEligibleNonEmergency", "ContactUs"])
def test_an_early_exit_holds_at_the_second_and_third_tier_without_code_or_options(exit_):
    assert faults(under_a_place(entry(exit_))) == {}
    assert faults(under_a_place(entry("x", options=[entry(exit_)]))) == {}
    assert "second or third tier" in faults([entry(exit_)])[exit_]


def test_an_early_exit_with_a_code_is_a_leaf_like_any_other():
    config = read_config(as_bytes(under_a_place(coded("Emergency", "004", "1"))), "x.json")
    assert (config.faults, config.exits(), [n.code for n in config.leaves()]) == ((), {}, ["004"])
    assert "no priority" in faults(under_a_place(entry("Emergency", sorCode="004")))["kitchen/Emergency"]


def test_every_fault_is_named_not_only_the_first():
    found = faults(under_a_place(entry("x"), coded("y", "2"), entry("z", sorCode=3, priority="1")))
    assert set(found) == {"kitchen/x", "kitchen/z"}


def test_the_same_value_twice_in_a_list_is_a_fault():
    assert "twice" in faults(under_a_place(coded("x"), coded("x", "2")))["kitchen/x"]


def test_a_name_twice_in_an_object_is_a_fault_and_the_first_is_read():
    found = read_config(b'{"kitchen": {"tap": "001", "tap": "002", "sink": "003"}}', "x.json")
    assert [f.path for f in found.faults] == ["kitchen/tap"]
    assert [n.code for n in found.leaves()] == ["001", "003"]
    doubled = b'[{"value": "k", "value": "l", "display": "K", "options": []}]'
    assert "k/value" in faults(doubled)


def test_a_number_in_an_object_of_places_is_a_fault_that_shows_it():
    assert "the number 731" in faults(b'{"kitchen": {"tap": 731}}')["kitchen/tap"]
    assert "the number 1E5" in faults(b'{"kitchen": {"tap": 1E5}}')["kitchen/tap"]
    assert "a list" in faults(b'{"kitchen": {"tap": ["001"]}}')["kitchen/tap"]


def test_a_place_that_is_only_a_code_and_a_fourth_tier_are_faults():
    assert "needs problems under it" in faults({"kitchen": "001"})["kitchen"]
    assert "a fourth tier" in faults({"k": {"p": {"i": {"x": "001"}}}})["k/p/i"]
    assert "nothing stands under it" in faults({"k": {"p": {}}})["k/p"]


def test_a_problem_may_be_a_code_in_one_file_and_an_object_in_another():
    one = read_config(as_bytes({"kitchen": {"worktop": "004"}}), "a.json")
    other = read_config(as_bytes({"kitchen": {"worktop": {"burnt": "004"}}}), "b.json")
    assert one.faults == other.faults == ()
    assert [n.path for n in one.leaves()] == ["kitchen/worktop"]
    assert [n.path for n in other.leaves()] == ["kitchen/worktop/burnt"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"   \n", "is empty"),
        (b"{", "is not JSON: line 1"),
        (b'{"a": }', "column 7"),
        (b'"kitchen"', "holds text"),
        (b"7", "holds a number"),
        (b"null", "holds nothing"),
        (b"\xff\xfe{\x00", "not UTF-8"),
        (b"[" * 3000 + b"]" * 3000, "more than 40 deep"),
        (b'{"value": "a", "display": "A"}', "one entry"),
        (b" " * (MOST_BYTES + 1), "at most 8"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_in_a_sentence(data, words):
    with pytest.raises(BadFile, match=words):
        read_config(data, "x.json")


def test_a_byte_order_mark_is_no_fault():
    assert faults(b"\xef\xbb\xbf" + as_bytes(under_a_place(coded()))) == {}


def test_brackets_in_text_do_not_count_as_depth():
    assert faults(as_bytes({"kitchen": {"[" * 60 + '"\\': "001"}})) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["value", "display", "options", "sorCode", "priority", "tenant", "Emergency", ""])
            | st.text(max_size=6),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSON)
def test_any_json_ends_in_a_report_or_a_sentence(value):
    try:
        report = report_of(read_config(json.dumps(value).encode(), "x.json"))
    except BadFile:
        return
    assert report.leaves == report.coded + len(report.uncoded)
    assert report.valid == (not report.errors)
