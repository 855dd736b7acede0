"""The bars on the phrase files: no emergency missed, few false ones, the right leaf among the likeliest."""

from pathlib import Path

import pytest

from tests.bench.repairs_text import PHRASES, emergencies, read, read_rows, reports

OWN = Path(__file__).parent
SLIPS = (3, 7)


DANGERS = (
    PHRASES / "emergencies.tsv",
    OWN / "emergencies.tsv",
    OWN / "emergencies_second.tsv",
    OWN / "emergencies_third.tsv",
)
PLAIN = (PHRASES / "reports.tsv", OWN / "reports.tsv", OWN / "reports_second.tsv")


@pytest.mark.parametrize("path", DANGERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_emergency_is_missed_and_most_of_those_called_one_are(path):
    found = emergencies(path)
    assert found.misses == []
    assert found.precision >= 0.6


def test_the_blind_files_are_as_large_as_was_asked():
    assert len(read_rows(PHRASES / "emergencies.tsv")) >= 300
    assert len(read_rows(PHRASES / "reports.tsv")) >= 150


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_right_leaf_is_first_or_among_the_five(path):
    found = reports(path)
    assert found.first / found.count >= 0.9  # 0.7 was asked for
    assert found.five / found.count >= 0.95, found.misses


@pytest.mark.parametrize("seed", SLIPS)
def test_slips_of_the_keyboard_cost_little(seed):
    found = reports(PHRASES / "reports.tsv", seed)
    assert found.first / found.count >= 0.7
    assert found.five / found.count >= 0.95, found.misses
    danger = emergencies(PHRASES / "emergencies.tsv", seed)
    assert danger.recall >= 0.95, danger.misses
    assert danger.precision >= 0.6


def test_every_reason_quotes_words_that_were_said():
    for _expected, risks, phrase in read_rows(PHRASES / "emergencies.tsv"):
        for reason in read(phrase, risks).reasons:
            for part in reason.words.split(" … "):
                assert part in " ".join(phrase.split()), (phrase, reason)
