"""Matching in stages: what is proposed, what is not, and what the evidence says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.income.evidence import sentences, taken_from, weigh
from app.income.matching import OpenLine, OpenReceipt, Proposal, count_sets, propose, subsets_adding_up
from app.income.references import as_written, keys_in, reference_key, shared_words

DAY = date(2026, 12, 8)


def bank(name: str, pence: int, words: str, days: int = 0) -> OpenLine:
    return OpenLine(name, int(name[1:]), DAY + timedelta(days=days), pence, words)


def book(
    name: str, pence: int, reference: str = "", narrative: str = "", days: int = -1, mop: str = ""
) -> OpenReceipt:
    return OpenReceipt(name, DAY + timedelta(days=days), pence, reference, narrative, "", mop, int(name[1:]))


def told(proposal: Proposal, lines: list[OpenLine], receipts: list[OpenReceipt]) -> str:
    by_id = {receipt.id: receipt for receipt in receipts}
    line = next(line for line in lines if line.id == proposal.line_id)
    chosen = [by_id[one] for one in proposal.receipt_ids]
    evidence = weigh(proposal, line, chosen, receipts, len(lines), 500_00)
    return " ".join(sentence.text for sentence in sentences(evidence))


def test_reference_and_amount_make_an_exact_match() -> None:
    lines = [bank("b1", 162_00, "BACS 77 0412265")]
    receipts = [book("r1", 162_00, narrative="Council tax 77 0412265"), book("r2", 162_00, "770412266")]
    (proposal,) = propose(lines, receipts)
    assert (proposal.stage, proposal.receipt_ids) == ("exact", ("r1",))
    words = told(proposal, lines, receipts)
    assert "Reference 77 0412265 is on the bank line and on the receipt." in words
    assert "£162.00 on both sides, to the penny." in words
    assert "second officer" not in words


def test_three_cheques_on_one_slip_make_one_line_and_other_sets_are_counted() -> None:
    lines = [bank("b1", 845_30, "COUNTER CREDIT 000318")]
    slip = [book("r1", 412_50, "000318", mop="24"), book("r2", 300_00, "000318", mop="24")]
    slip.append(book("r3", 132_80, "000318", mop="24"))
    (proposal,) = propose(lines, slip)
    assert (proposal.stage, proposal.receipt_ids) == ("slip", ("r1", "r2", "r3"))
    words = told(proposal, lines, slip)
    assert "Paying-in slip 000318 is on the bank line and on all three receipts." in words
    assert "£412.50 + £300.00 + £132.80 is £845.30, to the penny." in words
    assert "Paid in on Monday 7 December, credited one working day later." in words
    assert "No other set of these receipts adds up to this amount." in words
    assert "Over £500, so a second officer will confirm it." in words
    chance = [*slip, book("r4", 845_30, "999")]
    assert "Another set of the 4 open receipts also adds up" in told(proposal, lines, chance)


def test_a_slip_that_misses_a_penny_is_not_proposed() -> None:
    lines = [bank("b1", 845_31, "COUNTER CREDIT 000318")]
    slip = [book("r1", 412_50, "000318"), book("r2", 300_00, "000318"), book("r3", 132_80, "000318")]
    assert propose(lines, slip) == ()


def test_part_of_a_slip_is_proposed_only_when_one_set_alone_fits() -> None:
    lines = [bank("b1", 300, "COUNTER CREDIT 000318")]
    receipts = [book("r1", 100, "000318"), book("r2", 200, "000318"), book("r3", 450, "000318")]
    (proposal,) = propose(lines, receipts)
    assert proposal.receipt_ids == ("r1", "r2")
    receipts.append(book("r4", 200, "000318"))
    assert propose(lines, receipts) == ()


def test_an_amount_alone_matches_only_when_it_stands_once_on_each_side() -> None:
    lines = [bank("b1", 324_00, "BACS MARKET STALLS")]
    receipts = [book("r1", 324_00, narrative="Market stalls, December")]
    (proposal,) = propose(lines, receipts)
    assert proposal.stage == "amount"
    assert "“Market stalls” is in the words on both sides." in told(proposal, lines, receipts)
    assert propose(lines, [*receipts, book("r2", 324_00)]) == ()
    assert propose([*lines, bank("b2", 324_00, "OTHER")], receipts) == ()
    assert propose(lines, [book("r1", 324_00, narrative="Market stalls", days=-30)]) == ()


def test_the_banks_words_can_speak_against_an_equal_amount() -> None:
    receipts = [book("r1", 324_00, "770412265"), book("r2", 99_00, "770998877")]
    assert propose([bank("b1", 324_00, "BACS 77 0998877")], receipts) == ()
    assert propose([bank("b1", 324_00, "BACS 77 5555555")], receipts) == ()
    assert len(propose([bank("b1", 324_00, "BACS SMITH")], receipts)) == 1


def test_a_card_payout_short_by_its_fees_is_proposed_with_the_difference() -> None:
    lines = [bank("b1", 1_046_25, "STRIPE PAYOUT PO-7731")]
    receipts = [replace(book("r1", 1_064_25, "PO-7731", "Card payments", mop="90"), fund="13")]
    (proposal,) = propose(lines, receipts)
    assert proposal.stage == "payout"
    words = told(proposal, lines, receipts)
    assert "£18.00 less than the book’s £1,064.25" in words
    assert "1.7 %" in words
    assert taken_from(lines[0], receipts, proposal.write_offs) == (1_064_25,)
    assert proposal.write_offs == ((-18_00, "fee", "13"),)
    assert not proposal.auto
    assert propose(lines, [book("r1", 2_064_25, "PO-7731", mop="90")]) == ()
    assert propose(lines, [book("r1", 1_064_25, "PO-7731", "Cheques", mop="24")]) == ()


def test_equal_pairs_with_one_reference_are_paired_by_date_and_say_so() -> None:
    lines = [bank("b1", 75_00, "FPI 9300081127", 0), bank("b2", 75_00, "FPI 9300081127", 1)]
    receipts = [book("r1", 75_00, "9300081127", days=0), book("r2", 75_00, "9300081127", days=-1)]
    found = propose(lines, receipts)
    assert [(p.line_id, p.receipt_ids) for p in found] == [("b1", ("r2",)), ("b2", ("r1",))]
    assert "Two lines and two receipts look the same" in told(found[0], lines, receipts)
    assert propose(lines, receipts[:1]) == ()


def test_a_rejected_proposal_is_not_made_again_and_its_parts_stay_free() -> None:
    lines = [bank("b1", 162_00, "BACS 77 0412265")]
    receipts = [book("r1", 162_00, "770412265")]
    (proposal,) = propose(lines, receipts)
    assert propose(lines, receipts, {proposal.name}) == ()


amounts = st.lists(st.integers(-30, 60).filter(bool), min_size=1, max_size=9)


@given(amounts, st.integers(-40, 150))
@settings(max_examples=80, deadline=None)
def test_sets_are_counted_exactly(pence: list[int], target: int) -> None:
    sets = [
        places
        for size in range(1, len(pence) + 1)
        for places in combinations(range(len(pence)), size)
        if sum(pence[place] for place in places) == target
    ]
    assert count_sets(pence, target) == len(sets)
    found = subsets_adding_up(pence, target, most=1_000)
    assert sorted(found) == sorted(sets)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_no_pence_are_proposed_twice_and_the_order_of_arrival_does_not_matter(data: st.DataObject) -> None:
    references = st.sampled_from(["000318", "770412265", "LA118", ""])
    lines = [
        bank(f"b{n}", data.draw(st.integers(1, 6)) * 100, f"CREDIT {data.draw(references)}")
        for n in range(data.draw(st.integers(1, 6)))
    ]
    receipts = [
        book(f"r{n}", data.draw(st.integers(1, 6)) * 100, data.draw(references))
        for n in range(data.draw(st.integers(1, 8)))
    ]
    found = propose(lines, receipts)
    used = [receipt for proposal in found for receipt in proposal.receipt_ids]
    assert len(used) == len(set(used))
    assert len({proposal.line_id for proposal in found}) == len(found)
    shuffled = propose(data.draw(st.permutations(lines)), data.draw(st.permutations(receipts)))
    assert shuffled == found
    by_line = {line.id: line for line in lines}
    by_receipt = {receipt.id: receipt for receipt in receipts}
    for proposal in found:
        line, chosen = by_line[proposal.line_id], [by_receipt[r] for r in proposal.receipt_ids]
        kept_back = sum(part.pence for part in proposal.write_offs)
        assert sum(taken_from(line, chosen, proposal.write_offs)) + kept_back == line.pence


def test_references_are_found_in_running_words() -> None:
    assert keys_in("BACS 77 0412265") == {"770412265", "0412265"}
    assert "PO7731" in keys_in("STRIPE PAYOUT PO-7731")
    assert keys_in("Market stalls, December 2026") == frozenset()
    assert reference_key("LA-118") == "LA118"
    assert reference_key("NONREF") == ""
    assert as_written("770412265", "BACS 77 0412265") == "77 0412265"
    assert shared_words("BACS MARKET STALLS", "Market stalls, December") == ("market", "stalls")
