"""Reports of payment providers: signs, costs, what each payout states, and what does not add up."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from app.income.files import SettlementFile, read_any
from app.income.formats import adyen, gocardless, govuk_pay, stripe
from app.income.payouts import is_list, proof_words, prove_payout
from app.income.reading import BadRows, NotASettlement, SettlementRead
from tests.app.income import samples_book as made

PROVIDERS = [name for name in {**made.SAMPLES, **made.ROW_BY_ROW} if name != "allpay"]


def read(data: bytes) -> tuple[SettlementRead, ...]:
    told = read_any("report.csv", data)
    assert isinstance(told, SettlementFile)
    return told.settlements


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_payout_of_a_made_report_proves_to_the_penny(name: str) -> None:
    payouts = read((made.SAMPLES | made.ROW_BY_ROW)[name](random.Random(7)))
    assert len(payouts) >= 3
    for payout in payouts:
        assert prove_payout(payout).ok, proof_words(payout, prove_payout(payout))
        assert payout.stated_net == payout.net == sum(line.net for line in payout.lines)
        assert all(line.gross - line.fee == line.net for line in payout.lines)


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_penny_on_any_payout_is_found(name: str) -> None:
    for payout in read((made.SAMPLES | made.ROW_BY_ROW)[name](random.Random(8))):
        assert payout.stated_net is not None
        for off in (-1, 1):
            proof = prove_payout(replace(payout, stated_net=payout.stated_net + off))
            assert (proof.ok, proof.difference) == (False, off)


def adyen_row(**cells: str) -> bytes:
    base = dict.fromkeys(made.ADYEN_HEAD, "") | {
        "Creation Date": "2026-11-30 10:00:00",
        "Gross Currency": "GBP",
        "Net Currency": "GBP",
        "Batch Number": "12",
    }
    return made.sheet(made.ADYEN_HEAD, [list((base | cells).values())])


def test_adyens_published_sample_line_reads_with_its_costs() -> None:
    (payout,) = read(
        adyen_row(
            **{
                "Type": "Settled",
                "Gross Credit (GC)": "5.00",
                "Net Credit (NC)": "4.88",
                "Markup (NC)": ".04",
            },
            **{"Scheme Fees (NC)": ".01", "Interchange (NC)": ".07", "Psp Reference": "8514"},
        )
    )
    (line,) = payout.lines
    assert (line.kind, line.gross, line.fee, line.net) == ("charge", 500, 12, 488)
    assert (payout.gross, payout.fees, payout.net, payout.stated_net) == (500, 12, 488, None)
    assert "does not state what was paid out" in proof_words(payout, prove_payout(payout))


@pytest.mark.parametrize(
    ("kind", "debit", "credit", "sums"),
    [
        ("Refunded", "5.00", "", (0, 0, 500, 0, 0)),
        ("RefundedReversed", "", "5.00", (0, 0, -500, 0, 0)),
        ("Chargeback", "5.00", "", (0, 0, 0, 500, 0)),
        ("ChargebackReversed", "", "5.00", (0, 0, 0, -500, 0)),
        ("Fee", "5.00", "", (0, 500, 0, 0, 0)),
        ("InvoiceDeduction", "5.00", "", (0, 500, 0, 0, 0)),
        ("DepositCorrection", "5.00", "", (0, 0, 0, 0, -500)),
        ("Balancetransfer", "", "5.00", (0, 0, 0, 0, 500)),
    ],
)
def test_each_type_of_adyens_goes_where_it_belongs(
    kind: str, debit: str, credit: str, sums: tuple[int, ...]
) -> None:
    (payout,) = read(adyen_row(**{"Type": kind, "Net Debit (NC)": debit, "Net Credit (NC)": credit}))
    assert (payout.gross, payout.fees, payout.refunds, payout.disputes, payout.other) == sums
    assert payout.net == (500 if credit else -500)


def test_a_row_whose_costs_do_not_make_its_net_is_named() -> None:
    (payout,) = read(adyen_row(**{"Type": "Settled", "Gross Credit (GC)": "5.00", "Net Credit (NC)": "4.88"}))
    assert "£5.00 less costs of £0.00 is not its net of £4.88" in str(payout.problems[0])
    (foreign,) = read(
        adyen_row(
            **{"Type": "Settled", "Gross Currency": "EUR", "Gross Credit (GC)": "6.00"},
            **{"Net Credit (NC)": "4.88", "Markup (NC)": "0.12"},
        )
    )
    assert (foreign.gross, foreign.net, foreign.problems) == (500, 488, ())
    assert "EUR 6.00" in foreign.lines[0].words


def test_a_line_of_a_batch_that_is_missing_is_named_by_its_likeliest_line() -> None:
    rows = made.adyen_rows(random.Random(3), batches=1)
    (whole,) = read(made.sheet(made.ADYEN_HEAD, rows))
    (twice,) = read(made.sheet(made.ADYEN_HEAD, [rows[0], *rows]))
    proof = prove_payout(twice)
    assert proof.difference == -whole.lines[0].net
    assert "Line 2 may be there twice" in proof.hint
    assert f"{whole.payout_id} states" in proof_words(twice, proof)
    (cut,) = read(made.sheet(made.ADYEN_HEAD, rows[:-1]))
    assert (prove_payout(cut).ok, prove_payout(cut).difference) == (False, None)


def test_stripes_payouts_are_the_same_with_ids_and_by_order() -> None:
    by_id = read(made.stripe(random.Random(5)))
    by_order = read(made.stripe_by_order(random.Random(5)))
    assert [(p.payout_id, p.net, p.stated_net) for p in by_id] == [
        (p.payout_id, p.net, p.stated_net) for p in by_order
    ]
    one = by_id[1]
    assert one.disputes == 2500
    assert one.refunds > 0
    assert one.fees > 1500 + 123
    assert one.gross - one.fees - one.refunds - one.disputes == one.net


def test_what_no_payout_has_closed_yet_stands_apart() -> None:
    rows = made.stripe_rows(random.Random(5), with_ids=False)
    *closed, waiting = read(made.sheet(made.STRIPE_HEAD, rows[:-1]))
    assert len(closed) == 2
    assert (waiting.payout_id, waiting.stated_net) == ("", None)
    assert is_list(waiting)


def test_a_stripe_row_that_is_there_twice_or_does_not_add_up_is_a_problem() -> None:
    rows = made.stripe_rows(random.Random(5), with_ids=True, payouts=1)
    (twice,) = read(made.sheet(made.STRIPE_HEAD, [*rows[:3], rows[1], *rows[3:]]))
    assert "txn_000002 is in line 3 already" in str(twice.problems[0])
    rows[0][4] = "0.99"
    (odd,) = read(made.sheet(made.STRIPE_HEAD, rows))
    assert "is not its net" in str(odd.problems[0])


def test_gocardless_pays_what_was_taken_less_its_fees() -> None:
    head = made.GOCARDLESS_HEAD
    row = ["PO1", "97.60", "GBP", "2026-11-30", "AV-1", "paid", "2026-12-02"]
    row += ["2.00", "0.10", "0.50", "0", "100.00"]
    (payout,) = read(made.sheet(head, [row]))
    assert (payout.payout_id, payout.paid_on, payout.fees) == ("AV-1", date(2026, 12, 2), 240)
    assert prove_payout(payout).ok
    row[1], row[5] = "87.60", "bounced"
    (short,) = read(made.sheet(head, [row]))
    assert prove_payout(short).difference == -1000
    assert "bounced" in str(short.problems[0])
    with pytest.raises(BadRows, match="in line 2 already"):
        read(made.sheet(head, [row, row]))


def govuk(*rows: list[str]) -> SettlementRead:
    (payout,) = read(made.sheet(made.GOVUK_HEAD, rows))
    return payout


def test_govuk_pay_counts_what_moved_money_and_signs_it() -> None:
    payout = govuk(
        made.govuk_row("770412265", 1_250_00, "Success", "pid1"),
        made.govuk_row("770412265", 20_00, "Declined", "pid2"),
        made.govuk_row("770412265", 20_00, "In progress", "pid3"),
        made.govuk_row("770412265", -50_00, "Refund success", "pid1"),
        made.govuk_row("770412265", -10_00, "Refund error", "pid1"),
    )
    assert [(line.kind, line.gross, line.psp_reference) for line in payout.lines] == [
        ("charge", 1_250_00, "pid1"),
        ("refund", -50_00, "pid1"),
    ]
    assert (payout.gross, payout.refunds, payout.net) == (1_250_00, 50_00, 1_200_00)
    assert (payout.payout_id, payout.stated_net) == ("", None)
    assert prove_payout(payout).ok


def test_an_amount_of_a_payment_that_failed_moves_no_money_whatever_its_total_says() -> None:
    failed = made.govuk_row("770412265", -10_00, "Refund error", "pid1")
    failed[18] = "-10.00"
    payout = govuk(made.govuk_row("770412265", 20_00, "Success", "pid1"), failed)
    assert (payout.net, len(payout.lines)) == (20_00, 1)


def test_govuk_pays_columns_are_read_by_name_with_the_fees_of_stripe_accounts() -> None:
    head = ["Net", "Fee", "GOV.UK Payment ID", "State", "Date Created", "Total Amount", "Amount", "Reference"]
    rows = [
        ["97.50", "2.50", "p1", "Success", "12 Mar 2026", "100.00", "100.00", "'=1+1"],
        ["-115.00", "15.00", "p1", "Dispute lost to customer", "20 Mar 2026", "-100.00", "-100.00", "''x"],
        ["100.00", "", "p1", "Dispute won in your favour", "22 Mar 2026", "100.00", "100.00", "y"],
    ]
    (payout,) = read(made.sheet(head, rows))
    assert [(line.kind, line.gross, line.fee) for line in payout.lines] == [
        ("charge", 10_000, 250),
        ("dispute", -10_000, 1_500),
        ("dispute", 10_000, 0),
    ]
    assert [line.reference for line in payout.lines] == ["=1+1", "''x", "y"]
    assert payout.lines[0].made_on == date(2026, 3, 12)
    assert (payout.disputes, payout.fees, payout.net) == (0, 1_750, 8_250)
    rows[0][0] = "97.51"
    (odd,) = read(made.sheet(head, rows))
    assert "is not its net" in prove_payout(odd).hint


def test_a_payment_that_is_listed_twice_or_totals_wrongly_is_a_problem() -> None:
    row = made.govuk_row("770412265", 20_00, "Success", "pid1")
    twice = govuk(row, row)
    assert "the same as line 2" in str(twice.problems[0])
    assert not prove_payout(twice).ok
    row[18] = "20.01"
    assert "is not its amount" in str(govuk(row).problems[0])


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (made.sheet(made.GOVUK_HEAD, []), NotASettlement),
        (made.sheet(made.GOVUK_HEAD, [made.govuk_row("x", 1, "Declined", "p")]), NotASettlement),
        (made.sheet(made.GOVUK_HEAD, [made.govuk_row("x", 1, "Success", "")]), BadRows),
        (made.sheet(made.GOVUK_HEAD, [made.govuk_row("x", 1, "Success", "p", "31 Feb 2026")]), BadRows),
        (adyen_row(Type="Settled", **{"Batch Number": ""}), BadRows),
        (adyen_row(Type="Settled", **{"Net Credit (NC)": "1.005"}), BadRows),
        (made.sheet(made.STRIPE_HEAD, []), NotASettlement),
    ],
)
def test_a_report_that_cannot_be_read_is_refused_in_one_sentence(
    data: bytes, error: type[NotASettlement | BadRows]
) -> None:
    with pytest.raises(error) as caught:
        read(data)
    assert "report.csv" in caught.value.title
    assert (
        "Nothing was imported" in f"{caught.value.title} {caught.value.advice}"
        or "nothing to settle" in str(caught.value)
    )


@pytest.mark.parametrize("module", [adyen, stripe, gocardless, govuk_pay])
def test_a_report_is_told_by_its_headings_alone(module: object) -> None:
    looks: Callable[[str], bool] = module.looks_like  # type: ignore[attr-defined]
    heads = {adyen: made.ADYEN_HEAD, stripe: made.STRIPE_HEAD, gocardless: made.GOCARDLESS_HEAD}
    heads[govuk_pay] = made.GOVUK_HEAD
    assert [key for key, head in heads.items() if looks(",".join(head) + "\n")] == [module]
    assert not looks("Date,Amount\n")
    assert not looks("")
