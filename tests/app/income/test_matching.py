"""Matching in stages: what is proposed, what is not, and what the evidence says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.income.evidence import sentences, taken_from, weigh
from app.income.matching import (
    OpenLine,
    OpenReceipt,
    Payout,
    PayoutPart,
    Proposal,
    Settings,
    count_sets,
    match,
    propose,
    subsets_adding_up,
)
from app.income.references import as_written, keys_in, reference_key, shared_words
from app.income.validators import SAMPLE, with_check_digit

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


def test_part_of_a_slip_is_proposed_with_the_count_of_the_other_sets_that_fit() -> None:
    lines = [bank("b1", 300, "COUNTER CREDIT 000318")]
    receipts = [book("r1", 100, "000318"), book("r2", 200, "000318"), book("r3", 450, "000318")]
    (proposal,) = propose(lines, receipts)
    assert proposal.receipt_ids == ("r1", "r2")
    assert proposal.alternatives == 0
    receipts.append(book("r4", 200, "000318"))
    (proposal,) = propose(lines, receipts)
    assert (proposal.alternatives, proposal.auto) == (1, False)
    assert "Another set of the 4 open receipts also adds up" in told(proposal, lines, receipts)


def test_an_amount_alone_matches_only_when_it_stands_once_on_each_side() -> None:
    lines = [bank("b1", 324_00, "BACS MARKET STALLS")]
    receipts = [book("r1", 324_00, narrative="Market stalls, December")]
    (proposal,) = propose(lines, receipts)
    assert proposal.stage == "amount"
    assert "“Market stalls” is in the words on both sides." in told(proposal, lines, receipts)
    (other,) = propose(lines, [*receipts, book("r2", 324_00)])
    assert (other.stage, other.receipt_ids, other.auto) == ("fuzzy", ("r1",), False)
    assert propose([bank("b1", 324_00, "SMITH"), bank("b2", 324_00, "OTHER")], receipts) == ()
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
    assert [p.alternatives for p in found] == [1, 1]
    assert not any(p.auto for p in found)


def test_a_posting_made_twice_is_proposed_once_and_never_certain() -> None:
    lines = [bank("b1", 75_00, "FPI 9300081127")]
    twice = [book("r1", 75_00, "9300081127", days=-1), book("r2", 75_00, "9300081127", days=0)]
    (proposal,) = propose(lines, twice)
    assert (proposal.receipt_ids, proposal.alternatives, proposal.auto) == (("r2",), 1, False)
    assert "One other way fits this reference and amount" in told(proposal, lines, twice)
    (alone,) = propose(lines, twice[:1])
    assert alone.auto


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
@settings(max_examples=60, deadline=None)
def test_no_pence_are_proposed_twice_and_the_order_of_arrival_does_not_matter(data: st.DataObject) -> None:
    references = st.sampled_from(["000318", "770412261", "770142261", "PO-7731", "LA118", ""])
    words = st.sampled_from(["CREDIT", "COUNTER CREDIT", "STRIPE PAYOUT", "MARLOW", "MARKET STALLS"])
    lines = [
        bank(
            f"b{n}",
            data.draw(st.integers(1, 8)) * 97,
            f"{data.draw(words)} {data.draw(references)}",
            data.draw(st.integers(0, 3)),
        )
        for n in range(data.draw(st.integers(1, 6)))
    ]
    receipts = [
        book(
            f"r{n}",
            data.draw(st.integers(1, 8)) * (97 if data.draw(st.booleans()) else 100),
            data.draw(references),
            data.draw(words),
            data.draw(st.integers(-2, 1)),
            data.draw(st.sampled_from(["2", "90"])),
        )
        for n in range(data.draw(st.integers(1, 8)))
    ]
    report = replace(REPORT, net=lines[0].pence, gross=lines[0].pence + 4, fees=4)
    reports = [report] if data.draw(st.booleans()) else []
    rules = MarketRule() if data.draw(st.booleans()) else None
    found = propose(lines, receipts, reports=reports, rules=rules)
    used = [receipt for proposal in found for receipt in proposal.receipt_ids]
    assert len(used) == len(set(used))
    assert len({proposal.line_id for proposal in found}) == len(found)
    again, other = data.draw(st.permutations(lines)), data.draw(st.permutations(receipts))
    assert propose(again, other, reports=reports, rules=rules) == found
    by_line = {line.id: line for line in lines}
    by_receipt = {receipt.id: receipt for receipt in receipts}
    for proposal in found:
        line, chosen = by_line[proposal.line_id], [by_receipt[r] for r in proposal.receipt_ids]
        kept_back = sum(part.pence for part in proposal.write_offs)
        assert sum(taken_from(line, chosen, proposal.write_offs)) + kept_back == line.pence
        assert sum(receipt.pence for receipt in chosen) + kept_back == line.pence
        assert 60 <= proposal.score <= 100
        assert not proposal.auto or (proposal.score >= 95 and not proposal.alternatives)
        assert sentences(weigh(proposal, line, chosen, receipts, len(lines), 500_00, reports))


def test_references_are_found_in_running_words() -> None:
    assert keys_in("BACS 77 0412265") == {"770412265", "0412265"}
    assert "PO7731" in keys_in("STRIPE PAYOUT PO-7731")
    assert keys_in("Market stalls, December 2026") == frozenset()
    assert reference_key("LA-118") == "LA118"
    assert reference_key("NONREF") == ""
    assert as_written("770412265", "BACS 77 0412265") == "77 0412265"
    assert shared_words("BACS MARKET STALLS", "Market stalls, December") == ("market", "stalls")


def test_a_swapped_reference_is_mended_when_only_the_mended_one_passes_its_check_digit() -> None:
    right = with_check_digit(SAMPLE["council-tax"], "77041226")
    assert right is not None
    wrong = f"{right[:2]}{right[3]}{right[2]}{right[4:]}"
    lines = [bank("b1", 162_00, f"FPI {wrong} J MARLOW")]
    receipts = [book("r1", 162_00, right), book("r2", 162_00, "770999999")]
    (proposal,) = propose(lines, receipts)
    assert (proposal.stage, proposal.receipt_ids, proposal.meant) == ("typo", ("r1",), right)
    assert (proposal.score, proposal.auto) == (97, True)
    said = (
        f"The bank wrote {wrong}; {right} passes its check digit, exists and two neighbouring digits changed"
    )
    assert said in told(proposal, lines, receipts)


def test_a_mended_reference_is_not_certain_when_a_second_account_is_one_slip_away() -> None:
    right = with_check_digit(SAMPLE["council-tax"], "77041226")
    assert right is not None
    wrong = f"{right[:2]}{right[3]}{right[2]}{right[4:]}"
    near = f"{wrong[:8]}{(int(wrong[8]) + 1) % 10}"
    lines = [bank("b1", 162_00, f"FPI {wrong}")]
    (proposal,) = propose(lines, [book("r1", 162_00, right), book("r2", 99_00, near)])
    assert (proposal.stage, proposal.receipt_ids, proposal.auto) == ("typo", ("r1",), False)
    (other,) = propose(lines, [book("r1", 162_00, right), book("r2", 162_00, near)])
    assert (other.alternatives, other.auto) == (1, False)


def test_what_is_only_alike_needs_a_margin_and_is_never_certain() -> None:
    lines = [bank("b1", 50_00, "FPI JOANNA MARLOW 771112345")]
    receipts = [book("r1", 50_00, "771119999", "Council tax Joanna Marlow"), book("r2", 50_00, "", "Garage")]
    (proposal,) = propose(lines, receipts)
    assert (proposal.stage, proposal.receipt_ids, proposal.auto) == ("fuzzy", ("r1",), False)
    assert "“Joanna marlow” is in the words on both sides." in told(proposal, lines, receipts)
    twin = book("r3", 50_00, "771119998", "Council tax Joanna Marlow")
    assert propose(lines, [*receipts, twin]) == ()


def test_receipts_of_a_day_make_a_counter_credit_and_chance_sums_take_its_certainty() -> None:
    lines = [bank("b1", 600_00, "COUNTER CREDIT", 0)]
    cheques = [book(f"r{n}", pence, "", f"Cheque {n}", mop="2") for n, pence in ((1, 150_00), (2, 450_00))]
    (proposal,) = propose(lines, cheques)
    assert (proposal.stage, proposal.receipt_ids, proposal.auto) == ("sum", ("r1", "r2"), True)
    assert "No reference joins them" in told(proposal, lines, cheques)
    assert "No other set of these receipts adds up" in told(proposal, lines, cheques)
    chance = [*cheques, book("r3", 100_00, "", mop="2", days=-2), book("r4", 50_00, "", mop="2", days=-2)]
    (proposal,) = propose(lines, chance)
    assert (proposal.receipt_ids, proposal.alternatives, proposal.auto) == (("r1", "r2"), 1, False)
    assert "Another set of the 4 open receipts also adds up" in told(proposal, lines, chance)
    silent = [bank("b1", 600_00, "TRANSFER", 0)]
    assert not propose(silent, cheques)[0].auto


def test_a_set_without_a_key_is_counted_among_all_that_is_open() -> None:
    lines = [bank("b1", 300_00, "CASH CENTRE", 0)]
    cash = [book(f"r{n}", pence, "", mop="1", days=-n) for n, pence in enumerate((100_00, 200_00, 70_00), 1)]
    (proposal,) = propose(lines, cash)
    assert (proposal.stage, proposal.receipt_ids, proposal.alternatives) == ("sum", ("r2", "r1"), 0)
    assert not proposal.auto
    (more,) = propose(lines, [*cash, book("r9", 230_00, "", mop="1", days=-1)])
    assert more.alternatives == 1


REPORT = Payout("p1", "Stripe", "PO-7731", DAY, 1_064_25, 18_00, 0, 0, 0, 1_046_25)


def test_a_providers_report_makes_a_payout_certain_and_tells_gross_less_fees() -> None:
    lines = [bank("b1", 1_046_25, "STRIPE PAYOUT PO-7731")]
    receipts = [book("r1", 1_064_25, "PO-7731", "Card payments", mop="90")]
    (proposal,) = propose(lines, receipts, reports=[REPORT])
    assert (proposal.stage, proposal.auto, proposal.payout_id) == ("payout", True, "p1")
    assert proposal.write_offs == ((-18_00, "fee", ""),)
    evidence = weigh(proposal, lines[0], receipts, receipts, 1, 5_000_00, [REPORT])
    words = " ".join(sentence.text for sentence in sentences(evidence))
    assert "£1,064.25 gross less £18.00 fees is £1,046.25, the payout’s net." in words
    wrong = replace(REPORT, fees=18_01)
    assert not any(p.auto for p in propose(lines, receipts, reports=[wrong]))


def test_a_payout_is_joined_to_its_payments_by_the_providers_references() -> None:
    lines = [bank("b1", 145_00, "STRIPE PAYOUT PO-7731")]
    parts = (
        PayoutPart("charge", 100_00, 2_00, "", "CH1001"),
        PayoutPart("charge", 60_00, 1_00, "770412265", "CH1002"),
        PayoutPart("refund", -12_00, 0, "", "CH0900"),
    )
    report = replace(REPORT, gross=160_00, fees=3_00, refunds=12_00, net=145_00, parts=parts)
    receipts = [
        replace(book("r1", 100_00, mop="90"), psp_reference="CH1001"),
        replace(book("r2", 60_00, "770412265", mop="90"), psp_reference="CH1002"),
        replace(book("r3", -12_00, mop="90"), psp_reference="CH0900"),
        book("r4", -3_00, narrative="Card fee", mop="PF"),
        book("r5", 60_00, "999", mop="90"),
    ]
    (proposal,) = propose(lines, receipts, reports=[report])
    assert (sorted(proposal.receipt_ids), proposal.write_offs) == (["r1", "r2", "r3", "r4"], ())
    assert proposal.auto
    (short,) = propose(lines, receipts[:3], reports=[report])
    assert short.write_offs == ((-3_00, "fee", ""),)
    assert not [p for p in propose(lines, receipts[1:], reports=[report]) if p.auto]


def test_fees_that_are_in_the_book_make_a_payout_certain_without_a_report() -> None:
    lines = [bank("b1", 1_046_25, "STRIPE PAYOUT PO-7731")]
    receipts = [book("r1", 1_064_25, "PO-7731", "Card payments", mop="90"), book("r2", -18_00, mop="PF")]
    (proposal,) = propose(lines, receipts)
    assert (proposal.stage, sorted(proposal.receipt_ids), proposal.auto) == ("payout", ["r1", "r2"], True)


class MarketRule:
    """A rule that knows whose MARKET STALLS is."""

    def run(self, row: dict[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
        if "MARKET STALLS" in str(row["BankWords"]):
            return {**row, "FundCode": "52"}, ("Market stalls",)
        return row, ()


def test_a_rule_chooses_the_receipt_of_its_fund_and_is_named() -> None:
    lines = [bank("b1", 80_00, "BACS MARKET STALLS"), bank("b2", 80_00, "BACS OTHER")]
    receipts = [replace(book("r1", 80_00), fund="52"), replace(book("r2", 80_00), fund="13")]
    found = {p.line_id: p for p in propose(lines, receipts, rules=MarketRule())}
    assert (found["b1"].stage, found["b1"].receipt_ids, found["b1"].auto) == ("rule", ("r1",), False)
    assert "Rule “Market stalls” says it is fund 52" in told(found["b1"], lines, receipts)


def test_a_weekly_rent_is_certain_once_the_file_shows_how_late_the_bank_is() -> None:
    plain = [bank(f"b{n}", n * 100 + 1, f"FPI 77{n:07d}", 1) for n in range(1, 101)]
    posted = [book(f"r{n}", n * 100 + 1, f"77{n:07d}", days=0) for n in range(1, 101)]
    weekly = [bank(f"b{200 + n}", 95_00, "FPI 60000418876", 1 + 7 * n) for n in range(3)]
    rents = [book(f"r{200 + n}", 95_00, "60000418876", days=7 * n) for n in range(3)]
    found = propose([*plain, *weekly], [*posted, *rents])
    assert [(p.line_id, p.receipt_ids[0], p.auto) for p in found[-3:]] == [
        ("b200", "r200", True),
        ("b201", "r201", True),
        ("b202", "r202", True),
    ]
    assert not any(p.auto for p in propose(weekly, rents))
    twice = [*rents, book("r300", 95_00, "60000418876", days=7)]
    assert [p.auto for p in propose([*plain, *weekly], [*posted, *twice])[-3:]] == [True, False, True]


def test_nothing_above_the_limit_and_nothing_that_names_two_accounts_is_certain() -> None:
    large = [bank("b1", 6_000_00, "FPI 770412265")]
    (proposal,) = propose(large, [book("r1", 6_000_00, "770412265")])
    assert not proposal.auto
    cheques = [book("r1", 4_000_00, "000318", mop="2"), book("r2", 2_000_00, "000318", mop="2")]
    slip = [bank("b1", 6_000_00, "COUNTER CREDIT 000318")]
    assert [p.auto for p in propose(slip, cheques)] == [False]
    assert [p.auto for p in propose(slip, cheques, settings=Settings(accepts_alone_to=6_000_00))] == [True]
    two = [bank("b1", 60_00, "FPI 770412265 AND 770998877")]
    receipts = [book("r1", 60_00, "770412265"), book("r2", 35_00, "770998877")]
    assert [p.auto for p in propose(two, receipts)] == [False]
    assert [p.auto for p in propose(two, receipts[:1])] == [True]


def test_each_stage_is_logged_and_money_without_a_receipt_goes_to_suspense_with_why() -> None:
    lines = [bank("b1", 60_00, "FPI 770412265"), bank("b2", 9_00, "FPI NOBODY"), bank("b3", -5_00, "CHARGES")]
    ticks = iter(range(100))
    outcome = match(lines, [book("r1", 60_00, "770412265")], clock=lambda: float(next(ticks)))
    names = [one.stage for one in outcome.log]
    assert names[:8] == ["references", "payout", "parts", "slip", "payout", "exact", "slip", "payout"]
    assert names[8:] == ["amount", "rule", "typo", "fuzzy", "sum", "suspense"]
    by_stage = {one.stage: one for one in outcome.log}
    assert (by_stage["exact"].looked_at, by_stage["exact"].proposed, by_stage["exact"].auto) == (3, 1, 1)
    assert by_stage["exact"].seconds == 1.0
    assert [one.line_id for one in outcome.unplaced] == ["b2"]
    assert outcome.unplaced[0].why == "The bank’s words hold no reference."


def test_a_day_in_the_words_on_both_sides_is_no_reference() -> None:
    lines = [bank("b1", 20_00, "FPI RENT 08/12/26"), bank("b2", 20_00, "FPI OTHER")]
    receipts = [book("r1", 20_00, narrative="Garage 08/12/26"), book("r2", 20_00, narrative="Hall")]
    assert not any(p.auto for p in propose(lines, receipts))


def test_a_posting_whose_payer_mistyped_is_not_given_for_certain_to_another_line_of_the_account() -> None:
    right = with_check_digit(SAMPLE["council-tax"], "77041226")
    assert right is not None
    wrong = f"{right[:2]}{right[3]}{right[2]}{right[4:]}"
    lines = [bank("b1", 162_00, f"FPI {right}"), bank("b2", 162_00, f"FPI {wrong}", 1)]
    one = book("r1", 162_00, right, days=0)
    assert not any(p.auto for p in propose(lines, [one]))
    found = propose(lines, [one, book("r2", 162_00, right, days=1)])
    assert len(found) == 2
    assert not any(p.auto for p in found)


amounts_of_half = st.lists(st.integers(1_00, 400_00), min_size=10, max_size=14)


@given(amounts_of_half, st.sampled_from(["", "PO7731"]))
@settings(max_examples=30, deadline=None)
def test_the_ways_in_which_a_payout_can_be_made_are_counted_exactly(pence: list[int], key: str) -> None:
    target = sum(pence[: len(pence) // 2])
    assume((sum(pence) - target) * 25 > sum(pence))  # what is left is not what fees could be
    receipts = [book(f"r{n}", one, key, mop="90") for n, one in enumerate(pence)]
    ways = sum(
        sum(pence[place] for place in places) == target
        for size in range(1, len(pence) + 1)
        for places in combinations(range(len(pence)), size)
    )
    (proposal,) = propose([bank("b1", target, f"STRIPE PAYOUT {key}")], receipts)
    assert proposal.alternatives + 1 == ways
    assert ways == 1 or not proposal.auto
    chosen = {one.id: one.pence for one in receipts}
    assert sum(chosen[one] for one in proposal.receipt_ids) == target


def test_payments_that_the_bank_names_in_one_line_are_found_one_by_one() -> None:
    parts = ((100_00, "770412261", ""), (60_00, "", "RENT 6 0000418876"), (60_00, "", "PCN BJ1234567A"))
    line = replace(bank("b1", 220_00, "BATCH OF 3"), parts=parts)
    receipts = [
        book("r1", 60_00, "60000418876"),
        book("r2", 100_00, "770412261"),
        book("r3", 60_00, "BJ1234567A"),
    ]
    other = book("r4", 220_00, "", "Batch of hats")
    (proposal,) = propose([line], [*receipts, other])
    assert (proposal.stage, proposal.receipt_ids, proposal.auto) == ("parts", ("r2", "r1", "r3"), True)
    assert "names three payments in this line, and each is here" in told(proposal, [line], receipts)
    twice = book("r5", 100_00, "770412261", days=-2)
    (unsure,) = propose([line], [*receipts, twice])
    assert (unsure.stage, unsure.alternatives, unsure.auto) == ("parts", 1, False)
    assert [p.stage for p in propose([line], receipts[:2])] != ["parts"]


def test_a_receipt_is_not_certain_when_others_of_its_account_make_the_amount_together() -> None:
    lines = [bank("b1", 100_00, "FPI 770412261")]
    receipts = [book("r1", 100_00, "770412261"), book("r2", 50_00, "770412261", days=0)]
    (proposal,) = propose(lines, receipts)
    assert (proposal.stage, proposal.receipt_ids, proposal.auto) == ("exact", ("r1",), True)
    (unsure,) = propose(lines, [*receipts, book("r3", 50_00, "770412261", days=0)])
    assert (unsure.receipt_ids, unsure.alternatives, unsure.auto) == (("r1",), 1, False)
