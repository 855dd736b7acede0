"""`holdall-cli repairs deadlines`: its JSON, its sentences, odd input."""

import json
import random
from datetime import datetime, timedelta

import pytest

from app import cli
from app.repairs.moments import moment_of
from app.repairs.tables import tables

KEYS = {"rule_id", "due", "day0", "skipped", "source", "reading"}
AWAAB = ["--rule", "awaab", "--aware"]


@pytest.fixture
def said(capsys, tmp_path, monkeypatch):
    """Runs the command: said("--rule", …) -> (exit code, document, standard error)."""
    monkeypatch.setenv("HOLDALL_HOME", str(tmp_path / "nothing"))

    def run(*arguments, as_json=True):
        code = cli.main(["repairs", "deadlines", *arguments, *(["--json"] if as_json else [])], {})
        out, err = capsys.readouterr()
        return code, (json.loads(out) if as_json and out else out), err

    return run


def by_rule(document):
    return {d["rule_id"]: d["due"] for d in document}


def test_a_hazard_has_its_dates_with_day_0_skipped_days_source_and_reading(said):
    code, found, err = said(*AWAAB, "2026-12-17T14:21", "--hazard", "damp_mould", "--concluded", "2027-01-05")
    assert (code, err) == (0, "")
    look = next(d for d in found if d["rule_id"] == "AW-SIG-INV")
    assert look.keys() > KEYS
    assert (look["due"], look["day0"], look["source"]) == ("2027-01-05", "2026-12-17", "SI 2025/1042")
    assert {"date": "2026-12-25", "why": "Christmas Day"} in look["skipped"]
    assert len(look["skipped"]) == 9
    assert look["due_at"] == "2027-01-05T23:59:59+00:00"
    assert by_rule(found)["AW-SUM"] == "2027-01-08"
    assert by_rule(found)["AW-SUP-LONGSTOP"] == "2027-03-30"
    assert {"AW-SUM-WAIVE", "AW-SIG-SAFE", "AW-SUP-BEGIN", "AW-UPGRADE", "AW-ALT"} < set(by_rule(found))


def test_the_day_before_the_law_covers_a_hazard_gives_an_empty_list_and_a_sentence(said):
    code, found, err = said(*AWAAB, "2026-11-29", "--hazard", "excess_cold")
    assert (code, found) == (0, [])
    assert "does not cover excess cold on 29 November 2026: it does from 30 November 2026" in err
    assert by_rule(said(*AWAAB, "2026-11-30", "--hazard", "excess_cold")[1]) == {"AW-SIG-INV": "2026-12-14"}


def test_both_readings_of_the_emergency_are_there_and_the_earlier_is_the_target(said):
    _, found, _ = said(
        *AWAAB, "2026-10-24T22:00", "--hazard", "emergency_hazard", "--concluded", "2026-10-25T08:00"
    )
    target, outer = [d for d in found if d["rule_id"] == "AW-EMG-SAFE"]
    assert (target["target"], target["due"]) == (True, "2026-10-25T21:00:00+00:00")
    assert (outer["outer"], outer["due"]) == (True, "2026-10-26T08:00:00+00:00")
    assert target["reading"] != outer["reading"]
    assert target["skipped"] == []
    assert by_rule(found)["AW-EMG-INV"] == "2026-10-25T21:00:00+00:00"


def test_without_a_hazard_both_tracks_are_told_and_it_is_said(said):
    _, found, err = said(*AWAAB, "2026-11-30T09:00")
    assert {"AW-SIG-INV", "AW-EMG-INV", "AW-EMG-SAFE"} <= set(by_rule(found))
    assert "No hazard was named" in err


def test_a_look_in_person_is_dated_from_the_request(said):
    _, found, _ = said(*AWAAB, "2026-11-30", "--hazard", "falls", "--asked", "2026-12-24")
    assert by_rule(found)["AW-SIG-RENEW"] == "2027-01-12"


def test_right_to_repair_by_code_by_season_and_with_a_second_contractor(said):
    right = ["--rule", "right-to-repair"]
    assert by_rule(said(*right, "--aware", "2026-12-17", "--code", "rtr-15")[1]) == {"RTR-15": "2026-12-30"}
    _, found, err = said(*right, "--aware", "2026-07-01", "--code", "RTR-08")
    assert by_rule(found) == {"RTR-09": "2026-07-06"}
    assert "RTR-08 is not in season on 1 July 2026" in err
    assert len(said(*right, "--aware", "2026-12-17")[1]) == 19
    _, found, _ = said(*right, "--aware", "2026-12-17", "--code", "RTR-08", "--asked", "2026-12-24")
    assert [(d["period"], d["due"]) for d in found] == [(1, "2026-12-18"), (2, "2026-12-29")]
    assert all(d["target"] for d in found)


def test_a_band_of_the_council_by_the_table_of_its_day(said):
    band = ["--rule", "band"]
    _, found, _ = said(*band, "--aware", "2026-12-24T10:00", "--band", "urgent")
    assert by_rule(found) == {"AV-BANDS-2026-URGENT": "2026-12-31"}
    _, found, _ = said(*band, "--aware", "2025-06-02", "--band", "urgent")
    assert by_rule(found) == {"AV-BANDS-2023-URGENT": "2025-06-09"}
    assert len(said(*band, "--aware", "2026-12-24T10:00")[1]) == 5


def test_for_people_it_is_told_in_sentences(said):
    code, text, err = said(*AWAAB, "2026-12-17", "--hazard", "damp_mould", as_json=False)
    assert (code, err) == (0, "")
    assert "AW-SIG-INV  Tuesday 5 January 2027: look at it." in text
    assert "three weekends and three bank holidays are skipped" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*AWAAB, "yesterday"], "--aware “yesterday” is not a moment"),
        ([*AWAAB, ""], "is not a moment"),
        ([*AWAAB, "2026-13-01"], "is not a moment"),
        ([*AWAAB, "2026-02-29"], "is not a moment"),
        ([*AWAAB, "20261217"], "is not a moment"),
        ([*AWAAB, "2026-12-17T25:00"], "is not a moment"),
        ([*AWAAB, "0001-01-01"], "too far from today"),
        ([*AWAAB, "9999-12-31"], "too far from today"),
        ([*AWAAB, "2026-12-17", "--hazard", "dragons"], "no hazard “dragons”"),
        ([*AWAAB, "2026-12-17", "--concluded", "2026-12-16"], "--concluded is before --aware"),
        ([*AWAAB, "2026-12-17T10:00", "--concluded", "2026-12-17T09:59"], "--concluded is before --aware"),
        (["--rule", "right-to-repair", "--aware", "2026-12-17", "--code", "RTR-21"], "RTR-01 to RTR-20"),
        (["--rule", "band", "--aware", "2026-12-17", "--band", "zzz"], "There are emergency, urgent"),
    ],
)
def test_odd_input_is_answered_with_one_sentence(said, arguments, words):
    code, out, err = said(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_any_text_for_a_moment_is_read_or_refused_in_words(said):
    chance = random.Random(7)
    letters = "0123456789-T:+Z ./\u00e9\n"
    for _ in range(200):
        text = "".join(chance.choice(letters) for _ in range(chance.randrange(24)))
        assert said("--rule", "band", f"--aware={text}")[0] in (0, 2)


def test_an_hour_that_came_twice_is_the_first_and_one_that_never_came_is_said():
    twice = moment_of("2026-10-25T01:30", "--aware")
    assert twice.at.isoformat() == "2026-10-25T00:30:00+00:00"
    assert "came twice" in twice.note
    assert moment_of("2026-10-25T01:30+00:00", "--aware").note == ""
    never = moment_of("2027-03-28T01:30", "--aware")
    assert never.at.isoformat() == "2027-03-28T01:30:00+00:00"
    assert "went forward" in never.note
    assert moment_of("2026-12-17T14:21Z", "--aware").at == datetime.fromisoformat("2026-12-17T14:21+00:00")


def test_every_hazard_and_band_of_the_tables_has_dates(said):
    for hazard in tables().hazards:
        _, found, _ = said(*AWAAB, "2026-12-24T23:59", "--hazard", hazard, "--concluded", "2026-12-26")
        for each in found:
            due = datetime.fromisoformat(each["due_at"])
            assert due - datetime.fromisoformat(each["starts_at"]) > timedelta(0)
