"""The MT940 reader, against real files of many banks and against what banks get wrong."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from app.income.files import decode, read_statement_file
from app.income.formats.mt940 import join_pages, plain_words, read_pages
from app.income.reading import NotAStatement
from app.income.rules import prove

_AMOUNT = re.compile(r"    amount: !!python/object:mt940.models.Amount\n\s+amount: \S+\n\s+- '([^']*)'")
_STATUS = re.compile(r"\n    status: (\w+)")


def expected_amounts(parse: Path) -> list[int]:
    """Signed pence of a published parse; its RC and RD signs are known to be the wrong way round."""
    told = parse.read_text("utf-8", "replace").partition("\ntransactions:")[2]
    found = []
    for chunk in told.split("\n- !!python/object:mt940.models.Transaction\n")[1:]:
        amount, status = _AMOUNT.search(chunk), _STATUS.search(chunk)
        assert amount is not None
        assert status is not None
        pence = int(Decimal(amount[1]) * 100)
        found.append(-pence if status[1] in {"RC", "RD"} else pence)
    return found


def test_all_51_real_files_keep_every_line_with_its_sign(inputs: Path) -> None:
    """211 movements in 51 files; of 68 pairs of balances exactly the 52 honest ones prove."""
    files = sorted((inputs / "income" / "mt940").rglob("*.sta"))
    lines, pairs, proved = 0, 0, 0
    for path in files:
        text, _ = decode(path.read_bytes(), path.name, NotAStatement)
        pages = read_pages(text)
        got = [line.pence for page in pages for line in page.lines]
        assert got == expected_amounts(path.with_suffix(".yml")), path.name
        lines += len(got)
        for page in pages:
            if page.opening is not None and page.closing is not None:
                pairs += 1
                proved += prove(page).ok
    assert (len(files), lines, pairs, proved) == (51, 211, 68, 52)


def test_every_pair_of_the_file_with_reversals_proves(inputs: Path) -> None:
    path = inputs / "income" / "mt940" / "betterplace" / "sepa_mt9401.sta"
    pages = read_pages(path.read_text("utf-8"))
    assert all(prove(page).ok for page in pages)
    assert any(line.mark == "RC" and line.pence < 0 for page in pages for line in page.lines)


@pytest.mark.parametrize(("mark", "pence"), [("C", 1000), ("D", -1000), ("RC", -1000), ("RD", 1000)])
def test_a_reversed_credit_is_money_out_and_a_reversed_debit_money_in(mark: str, pence: int) -> None:
    (page,) = read_pages(f":20:X\n:25:1\n:61:2612081208{mark}10,00NTRFREF//BANK\n:86:WORDS\n")
    assert [line.pence for line in page.lines] == [pence]


def test_a_movement_the_bank_only_expects_is_named_and_not_counted() -> None:
    (page,) = read_pages(":20:X\n:25:1\n:61:2612081208EC10,00NTRFREF\n")
    assert page.lines == ()
    assert "expects" in page.remarks[0].message
    assert page.problems == ()


def test_pages_chained_by_intermediate_balances_become_one_statement() -> None:
    text = (
        ":20:A\n:25:1\n:28C:7/1\n:60F:C261207GBP1,00\n:61:261207C2,00NTRFX\n:62M:C261207GBP3,00\n-\n"
        ":20:A\n:25:1\n:28C:7/2\n:60M:C261207GBP3,00\n:61:261208C4,00NTRFY\n:62F:C261208GBP7,00\n-\n"
    )
    (statement,) = join_pages(read_pages(text))
    assert [line.pence for line in statement.lines] == [200, 400]
    assert prove(statement).ok
    broken = text.replace(":60M:C261207GBP3,00", ":60M:C261207GBP3,01")
    assert len(join_pages(read_pages(broken))) == 2


def test_two_pages_wrong_by_the_same_pence_do_not_hide_each_other() -> None:
    text = (
        ":20:A\n:25:1\n:28C:7/1\n:60F:C261207GBP1,00\n:61:261207C2,01NTRFX\n:62M:C261207GBP3,00\n-\n"
        ":20:A\n:25:1\n:28C:7/2\n:60M:C261207GBP3,00\n:61:261208C3,99NTRFY\n:62F:C261208GBP7,00\n-\n"
    )
    (statement,) = join_pages(read_pages(text))
    assert len(statement.pages) == 2
    proof = prove(statement)
    assert (proof.ok, proof.hint.startswith("Page 1:")) == (False, True)


def test_a_day_in_no_calendar_is_named_and_never_turned_into_another() -> None:
    text = ":20:A\n:25:1\n:60F:C160229EUR12,00\n:61:1602300301D6,00NTRFX\n:62F:C160301EUR6,00\n"
    (page,) = read_pages(text)
    assert page.lines[0].value_on is None
    assert page.lines[0].booked_on.isoformat() == "2016-03-01"
    assert "160230" in page.remarks[0].message
    (worse,) = read_pages(text.replace("1602300301", "1602300230"))
    assert worse.lines == ()
    assert not prove(worse).ok


def test_an_entry_date_near_new_year_gets_the_nearest_year() -> None:
    (page,) = read_pages(":20:A\n:25:1\n:61:2612310102C6,00NTRFX\n")
    assert page.lines[0].booked_on.isoformat() == "2027-01-02"


def test_words_cut_at_65_characters_are_mended_and_sub_fields_joined() -> None:
    assert plain_words("A" * 65 + "BC\nDE") == "A" * 65 + "BCDE"
    assert plain_words("COUNTER CREDIT\n000318") == "COUNTER CREDIT 000318"
    assert plain_words("166?00CREDIT?20RENT DE?21CEMBER?32MR AP\n?33JONES") == "RENT DECEMBER MR APJONES"


def test_an_interim_report_never_proves() -> None:
    text = ":20:A\n:25:1\n:28C:1/1\n:34F:GBP0\n:13D:2612081815+0000\n:61:2612081208C0,01NTRFX\n-\n"
    (page,) = read_pages(text)
    assert page.interim
    assert "interim" in prove(page).hint


def test_an_interim_report_is_held_against_its_own_counts_and_sums() -> None:
    text = ":20:A\n:25:1\n:28C:1/1\n:34F:GBP0\n:13D:2612081815+0000\n:61:2612081208C1,00NTRFX\n"
    text += ":61:2612081208D0,30NTRFX\n:90D:1GBP0,30\n:90C:2GBP1,00\n-\n"
    read = read_statement_file("x.sta", text.encode())
    assert read.format == "MT942"
    assert [control.holds for control in read.statements[0].controls] == [True, True, False, True]
    assert "number of credits is given as 2, but 1 were read" in prove(read.statements[0]).hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_pound_sign_survives_every_encoding_a_bank_sends(encoding: str) -> None:
    text = ":20:A\n:25:1\n:60F:C261207GBP1,00\n:61:261207C2,00NTRFX\n:86:FEE £5 CAFÉ\n:62F:C261207GBP3,00\n"
    read = read_statement_file("x.sta", text.encode(encoding))
    assert read.statements[0].lines[0].words == "FEE £5 CAFÉ"


def test_reading_can_be_watched_and_stopped() -> None:
    class Enough(Exception):
        """Raised to stop."""

    def tick(done: int, total: int) -> None:
        assert 0 < done <= total
        raise Enough

    with pytest.raises(Enough):
        read_pages(":20:A\n:25:1\n", tick)
