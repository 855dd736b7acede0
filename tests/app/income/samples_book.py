"""Made files of the book's and the payment providers' formats.

`SAMPLES`: by format, what makes one from a seeded source; the same source makes the same bytes. Their own
totals prove them as a whole. Those of `ROW_BY_ROW` prove each row, but state no total of the file.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta

FIRST = date(2026, 11, 2)  # a Monday
HEADS = """\
Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,Type,\
Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,\
Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),\
Payment Method Variant,Modification Merchant Reference,Batch Number,Reserved4
balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,source_id,description,charge_id,\
payment_intent_id,automatic_payout_id,automatic_payout_effective_at
id,amount,currency,created_at,reference,status,arrival_date,transaction_fee_debit,transaction_fee_credit,\
app_fee_debit,app_fee_credit,total_payment_amount
Reference,Description,Email,Amount,Card Brand,Cardholder Name,Card Expiry Date,Card Number,State,Finished,\
Error Code,Error Message,Provider ID,GOV.UK Payment ID,Issued By,Date Created,Time Created,\
Corporate Card Surcharge,Total Amount,Wallet Type,Card Type,Payment Provider,3-D Secure Required,\
fund (metadata)
"""
ADYEN_HEAD, STRIPE_HEAD, GOCARDLESS_HEAD, GOVUK_HEAD = (line.split(",") for line in HEADS.splitlines())


def pounds(pence: int) -> str:
    """Pence as a report writes them: -12.30."""
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def sheet(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Rows below headings as a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode()


def allpay(source: random.Random) -> bytes:
    """A credit file of 40 payments over four days, with both totals."""
    rows, total = [], 0
    for place in range(40):
        pence = source.randrange(500, 90_000)
        total += pence
        day = FIRST + timedelta(days=place // 10)
        reference = f"77{source.randrange(10**7):07d}"
        rows.append(f"AVW0001{reference:<16}{pounds(pence):>9}{source.choice('PTZNB')}{day:%d/%m/%Y}")
    rows += ["", f"Total Amount Updated onto System: {pounds(total):>17}"]
    rows.append(f"Total Transactions updated onto System: {40:>17}")
    return ("\r\n".join(rows) + "\r\n").encode()


def adyen_rows(source: random.Random, batches: int = 3, payments: int = 12) -> list[list[str]]:
    """Rows of a settlement detail report: payments with their costs, some refunds, a fee and each payout."""
    rows = []
    for batch in range(101, 101 + batches):
        net_of_batch = 0
        day = FIRST + timedelta(days=batch - 101)
        for place in range(payments):
            refund = place % 6 == 5
            gross = source.randrange(300, 60_000)
            costs = [0, 4, 1, gross // 70]
            net = -gross - sum(costs) if refund else gross - sum(costs)
            net_of_batch += net
            rows.append(
                _adyen(
                    source, f"{day} 10:{place:02d}:00", "Refunded" if refund else "Settled",
                    -gross if refund else gross, net, costs, batch,
                )
            )  # fmt: skip
        rows.append(_adyen(source, f"{day} 23:00:00", "Fee", None, -25, None, batch))
        net_of_batch -= 25
        paid = f"{day + timedelta(days=1)} 03:00:00"
        rows.append(_adyen(source, paid, "MerchantPayout", None, -net_of_batch, None, batch))
    return rows


def _adyen(
    source: random.Random,
    when: str,
    kind: str,
    gross: int | None,
    net: int,
    costs: list[int] | None,
    batch: int,
) -> list[str]:
    debit_credit = ["", ""] if gross is None else [pounds(-gross), ""] if gross < 0 else ["", pounds(gross)]
    net_cells = [pounds(-net), ""] if net < 0 else ["", pounds(net)]
    cost_cells = [pounds(cost) if cost else "" for cost in costs] if costs else [""] * 4
    payment = kind in {"Settled", "Refunded"}
    psp = f"{source.randrange(10**15, 10**16)}" if payment else ""
    reference = f"77{source.randrange(10**7):07d}" if payment else ""
    return [
        *("AverwickCo", "AverwickECOM", psp, reference, "visa" if payment else "", when, "GMT", kind, ""),
        *("GBP", *debit_credit, "1", "GBP", *net_cells, *cost_cells, "", "", str(batch), ""),
    ]


def adyen(source: random.Random) -> bytes:
    """A settlement detail report of three batches."""
    return sheet(ADYEN_HEAD, adyen_rows(source))


def stripe_rows(source: random.Random, with_ids: bool, payouts: int = 3) -> list[list[str]]:
    """Rows of an itemised report, oldest first: charges, a refund, a dispute and each payout."""
    rows, number = [], 0

    def row(when: str, gross: int, fee: int, kind: str, source_id: str, payout: str) -> int:
        nonlocal number
        number += 1
        net = gross - fee
        payment = f"pi_{number:06d}" if kind in {"charge", "refund", "dispute"} else ""
        ids = [payout if with_ids else "", f"{when[:10]} 00:00:00" if with_ids else ""]
        told = [f"Payment {number}" if payment else kind, "", payment]
        sums = [pounds(gross), pounds(fee), pounds(net)]
        rows.append([f"txn_{number:06d}", when, "gbp", *sums, kind, source_id, *told, *ids])
        return net

    for place in range(payouts):
        day, payout = FIRST + timedelta(days=place), f"po_{place + 1:04d}"
        total = 0
        for turn in range(10):
            gross = source.randrange(300, 60_000)
            fee = gross * 14 // 1000 + 20
            total += row(f"{day} 09:{turn:02d}:00", gross, fee, "charge", f"ch_{number}", payout)
        total += row(f"{day} 11:00:00", -source.randrange(100, 300), 0, "refund", f"re_{number}", payout)
        if place == 1:
            total += row(f"{day} 12:00:00", -2500, 1500, "dispute", f"dp_{number}", payout)
        total += row(f"{day} 13:00:00", -123, 0, "fee", f"fee_{number}", payout)
        row(f"{day} 23:00:00", -total, 0, "payout", payout, payout)
    return rows


def stripe(source: random.Random) -> bytes:
    """An itemised payout report with payout ids."""
    return sheet(STRIPE_HEAD, stripe_rows(source, with_ids=True))


def stripe_by_order(source: random.Random) -> bytes:
    """An itemised balance report without payout ids, newest first as Stripe gives it."""
    return sheet(STRIPE_HEAD, stripe_rows(source, with_ids=False)[::-1])


def gocardless(source: random.Random) -> bytes:
    """An export of eight payouts."""
    rows = []
    for place in range(8):
        taken = source.randrange(10_000, 900_000)
        fee, app_fee, back = taken // 100, 20, source.randrange(0, 30)
        day = FIRST + timedelta(days=place)
        rows.append(
            [
                *(f"PO{place:06d}", pounds(taken - fee - app_fee + back), "GBP", f"{day}T09:00:00.000Z"),
                *(f"AVERWICK-{place:04d}", "paid", f"{day + timedelta(days=2)}", pounds(fee), pounds(back)),
                *(pounds(app_fee), "0.00", pounds(taken)),
            ]
        )
    return sheet(GOCARDLESS_HEAD, rows)


def govuk_row(reference: str, pence: int, state: str, payment_id: str, when: str = "2 Nov 2026") -> list[str]:
    """One row of an export of GOV.UK Pay for a service that Stripe does not settle."""
    total = pounds(pence) if "success" in state.lower() else "" if state == "In progress" else "0.00"
    return [
        *(reference, "Council tax", "a@example.org", f"{pounds(pence)}", "Visa", "J Marlow", "12/28", "4242"),
        *(state, "true", "", "", f"W{payment_id}", payment_id, "", when, "09:30:00", "0.00", total, ""),
        *("debit", "worldpay", "false", "23"),
    ]


SAMPLES: dict[str, Callable[[random.Random], bytes]] = {
    "allpay": allpay,
    "adyen": adyen,
    "stripe": stripe,
    "stripe by order": stripe_by_order,
}
ROW_BY_ROW: dict[str, Callable[[random.Random], bytes]] = {"gocardless": gocardless}
