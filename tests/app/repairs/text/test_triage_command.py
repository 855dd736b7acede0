"""`repairs triage`: one JSON document by the keys of the contract; odd input is one sentence and exit 2."""

import json

import pytest

from app.__main__ import main


@pytest.fixture
def ask(capsys):
    """Runs the command with what follows --text and returns exit code, document and words."""

    def asked(text, *more):
        code = main(["repairs", "triage", "--text", text, "--json", *more])
        out, err = capsys.readouterr()
        return code, json.loads(out) if code == 0 else None, err

    return asked


def test_the_document_has_the_keys_of_the_contract(ask):
    code, told, _err = ask("mould bigger than a hand on the bedroom wall", "--reported", "2026-12-17T14:21")
    assert code == 0
    assert told["emergency"] == "no"
    assert told["reasons"] == []
    assert told["band"] == "routine"
    assert told["statutory"] is None
    assert {"path", "sor_code", "score", "words"} <= set(told["leaves"][0])
    assert len(told["leaves"]) <= 5


def test_people_at_risk_bring_law_and_band_in(ask):
    words = "mould bigger than a hand on the bedroom wall"
    told = ask(words, "--reported", "2026-12-17", "--risk", "baby")[1]
    assert told["hazard"] == "damp_mould"
    assert told["statutory"] == {"rule": "AW-SIG-INV", "days": 10, "unit": "working_days"}
    early = ask(words, "--reported", "2025-10-26", "--risk", "baby")[1]
    assert early["statutory"] is None, "the law began on 27 October 2025"


def test_an_emergency_has_its_band_hazard_and_clock(ask):
    told = ask("I can smell gas", "--reported", "2026-12-17T14:21")[1]
    assert told["emergency"] == "yes"
    assert told["band"] == "emergency"
    assert told["hazard"] == "emergency_hazard"
    assert told["statutory"]["rule"] == "AW-EMG-INV"
    assert told["statutory"]["days"] == 1
    assert told["reasons"][0]["rule"] == "gas-smell"
    assert told["reasons"][0]["words"] == "smell gas"


def test_a_loss_waits_for_who_lives_there(ask):
    assert ask("no heating")[1]["emergency"] == "ask"
    assert ask("no heating", "--risk", "oxygen, elderly")[1]["emergency"] == "yes"


def test_a_right_to_repair_shows_its_days(ask):
    told = ask("the sink is blocked", "--reported", "2026-12-17")[1]
    assert told["statutory"] == {"rule": "RTR-12", "days": 3, "unit": "working_days"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--risk", "dragon"), "“dragon” is not in the list"),
        (("--risk", "baby,,x"), "“x” is not in the list"),
        (("--reported", "last tuesday"), "is not a moment"),
        (("--reported", "2026-13-01"), "is not a moment"),
    ],
)
def test_bad_risk_or_moment_is_one_sentence_and_exit_2(ask, more, words):
    code, _told, err = ask("no heating", *more)
    assert code == 2
    assert words in err
    assert "Traceback" not in err


def test_a_stray_quote_and_nothing_at_all(ask):
    assert ask('the "tap" drips \' "')[0] == 0
    assert ask("   ")[0] == 2
