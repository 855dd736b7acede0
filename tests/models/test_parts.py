"""The small parts under every record: types, clock, identifiers, search words, settings, files."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.context import Context
from models import blobs, clock, search
from models.base import fields_of, policy_of, python_values
from models.errors import BadText, HoldallError
from models.ids import is_id, new_id
from models.policy import Merge
from models.replay import merged_set, replayed
from models.settings import get_setting, set_setting
from models.types import Pence, UtcDateTime, canonical_json, clean_text, from_wire, to_wire
from tests.conftest import NOW
from tests.things import State, Thing


def test_a_moment_is_kept_in_utc_whatever_zone_it_came_in() -> None:
    summer = datetime(2026, 7, 1, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    assert to_wire(UtcDateTime(), summer) == "2026-07-01T09:00:00.000000Z"
    assert from_wire(UtcDateTime(), "2026-07-01T09:00:00.000000Z") == summer
    with pytest.raises(TypeError, match="time zone"):
        to_wire(UtcDateTime(), datetime(2026, 7, 1, 10, 0))  # noqa: DTZ001


def test_money_is_never_a_float() -> None:
    with pytest.raises(TypeError, match="pence"):
        Pence().clean(1.5)
    with pytest.raises(TypeError, match="pence"):
        Pence().clean(True)


def test_every_field_of_a_record_survives_the_wire() -> None:
    body = {"title": "Siân", "seen": "2026-12-01", "tags": ["a", {"b": 1}], "state": "review", "price": -1}
    values = python_values("test_thing", body)
    assert values["seen"] == date(2026, 12, 1)
    assert values["state"] is State.REVIEW
    columns = fields_of("test_thing")
    assert {name: to_wire(columns[name].type, value) for name, value in values.items()} == body


def test_a_choice_of_a_newer_holdall_is_kept_as_it_came() -> None:
    values = python_values("test_thing", {"state": "teleported", "unknown_field": 1})
    assert values == {"state": "teleported"}
    assert to_wire(fields_of("test_thing")["state"].type, values["state"]) == "teleported"


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_cleaning_is_idempotent_and_its_result_can_be_sent(text: str) -> None:
    try:
        once = clean_text(text)
    except BadText:
        assert "\x00" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text)
        return
    assert clean_text(once) == once
    once.encode("utf-8")


def test_canonical_json_is_the_same_for_equal_values() -> None:
    assert canonical_json({"b": 1, "a": ["ŵ"]}) == '{"a":["ŵ"],"b":1}' == canonical_json({"a": ["ŵ"], "b": 1})
    with pytest.raises(TypeError):
        canonical_json({"a": [{"b": 0.5}]})


def test_identifiers_are_version_seven_and_in_order() -> None:
    ids = [new_id() for _ in range(50)]
    assert all(is_id(i) for i in ids)
    assert ids == sorted(ids)
    assert is_id("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")  # the example of RFC 9562
    assert not is_id("017f22e2-79b0-4cc3-98c4-dc0c0c07398f")
    assert not is_id("../../etc/passwd")


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=40))
def test_the_clock_only_goes_forward_whatever_the_wall_does(jumps: list[int]) -> None:
    wall, reading = NOW, None
    for jump in jumps:
        wall += timedelta(milliseconds=jump)
        following = clock.tick(reading, wall, "d")
        assert reading is None or following > reading
        reading = following


def test_the_clock_moves_past_what_it_hears_and_past_its_counter() -> None:
    remote = clock.tick(None, NOW + timedelta(minutes=5), "them")
    heard = clock.receive(clock.tick(None, NOW, "me"), remote, NOW, "me")
    assert heard > remote
    full = f"{int(NOW.timestamp() * 1000):012x}ffff-me"
    assert clock.tick(full, NOW, "me") > full
    with pytest.raises(ValueError, match="reading"):
        clock.parse("noon")


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("blue badge", '"blue" "badge"*'),
        ('NEAR("a" OR b)*', '"NEAR" "a" "OR" "b"*'),
        ("tŷ", '"tŷ"*'),
        ("-- ^ ( ) *", ""),
        ("\x00\ud83d", ""),
    ],
)
def test_what_people_type_is_never_query_syntax(typed: str, expression: str) -> None:
    assert search.match_expression(typed) == expression


def test_find_reads_over_accents_and_unfinished_words(context: Context) -> None:
    context.write("Make", lambda s: s.add(Thing(title="Ffion Wŷn-Harte", note="damp in the kitchen")))
    for words in ("ffion", "wyn", "WŶN har", "kitch"):
        assert [h.title for h in context.read(lambda s, w=words: search.find(s, w))] == ["Ffion Wŷn-Harte"]  # type: ignore[misc]
    assert context.read(lambda s: search.find(s, "ffion bathroom")) == []


def test_settings_and_files_live_in_the_store(context: Context) -> None:
    context.write("Set", lambda s: set_setting(s, "text_size", 150))
    assert context.read(lambda s: get_setting(s, "text_size")) == 150
    assert context.read(lambda s: get_setting(s, "none", "default")) == "default"
    data = b"\xff\xd8 not much of a photo"
    digest = context.write("Photo", lambda s: blobs.put(s, data, "image/jpeg", "by the window.jpg"))
    assert digest == hashlib.sha256(data).hexdigest()
    assert context.read(lambda s: blobs.get(s, digest)) == data
    assert context.read(lambda s: blobs.get(s, "0" * 64)) is None
    with pytest.raises(HoldallError, match="empty"):
        context.write("Photo", lambda s: blobs.put(s, b"", "image/jpeg", "x"))


def test_pending_changes_are_put_on_top_by_their_class() -> None:
    policy = policy_of("test_thing")
    assert replayed(policy, "title", "theirs", "base", "mine") == "mine"
    assert replayed(policy, "stock", 12, 10, 7) == 9
    assert replayed(policy, "seen", "2026-12-05", "2026-12-01", "2026-12-03") == "2026-12-05"
    assert replayed(policy, "seen", "2026-12-05", "2026-12-01", None) == "2026-12-05"
    assert replayed(policy, "tags", ["a", "c"], ["a", "b"], ["b", "d"]) == ["c", "d"]
    assert policy.merge_of("state") is Merge.GUARD


@given(*(st.lists(st.integers(0, 6), unique=True) for _ in range(3)))
def test_a_set_keeps_every_addition_and_every_removal(
    base: list[int], mine: list[int], theirs: list[int]
) -> None:
    merged = merged_set(base, mine, theirs)
    assert len(merged) == len(set(merged))
    assert set(merged) == (set(theirs) - (set(base) - set(mine))) | (set(mine) - set(base))
