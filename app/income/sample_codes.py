"""The sample council's vocabulary: its funds, methods of payment, offices, checks, account holders and rules.

The codes are those of the public demonstration of LocalGov IMS; names, people and addresses are invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.income.office.kept_rules import STEP
from app.income.row_rules import Action, Condition, Operator, Rule
from app.income.rule_files import as_document
from app.income.rules import stable_id
from app.income.validator_files import as_config
from app.income.validators import SAMPLE, with_check_digit
from models.base import Record
from models.changes import Author, Changed
from models.income import (
    AccountHolder,
    Fund,
    Method,
    Office,
    RuleState,
    RuleUse,
    StopMessage,
    Validator,
    VatCode,
)
from models.income import Rule as KeptRule

_DAY = date(2026, 1, 1)  # sample codes have no day of their own; two laptops make the same records

# code, rate in basis points, name
VAT_CODES = (
    ("N0", 0, "Outside VAT"),
    ("M0", 0, "Not yet known"),
    ("E0", 0, "Exempt"),
    ("11", 0, "On invoice"),
    ("W0", 2000, "Standard rate"),
)

# code, name, reference check, VAT code, GL code
FUNDS = (
    ("1", "Bank suspense", "", "M0", "9000-001"),
    ("SP", "Suspense", "", "M0", "9000-002"),
    ("5", "Housing rents", "housing-rents", "N0", "4100-210"),
    ("5M", "Library charges", "library", "N0", "3620-340"),
    ("11", "Parking fines", "parking", "N0", "3410-120"),
    ("13", "Other income at the counter", "", "W0", "3900-100"),
    ("19", "Invoices", "", "11", "1200-000"),
    ("20", "Invoices of the old system", "", "11", "1200-900"),
    ("22", "Business rates, old accounts", "", "N0", "5200-900"),
    ("23", "Council tax", "council-tax", "N0", "5100-000"),
    ("24", "Business rates", "council-tax", "N0", "5200-000"),
    ("25", "Housing benefit paid back", "", "N0", "4300-510"),
    ("2R", "Fixed penalties", "fixed-penalty", "N0", "3420-130"),
    ("31", "Building control", "", "W0", "3510-200"),
    ("32", "Planning applications", "", "N0", "3520-200"),
    ("3U", "Landlord accreditation", "", "W0", "3530-200"),
    ("52", "Market stalls", "", "E0", "3610-310"),
    ("XT", "Transfers", "", "N0", "9000-010"),
    ("ZZ", "Cards not authorised", "", "N0", "9000-011"),
)
_FUND_EXTRAS: dict[str, dict[str, Any]] = {
    "SP": {"is_suspense": True},
    "13": {"vat_override": True},
    "5M": {"maximum_pence": 500_00},
    "11": {"maximum_pence": 1_000_00},
    "2R": {"maximum_pence": 1_000_00, "account_must_exist": True},
    "19": {"credit_notes": True},
}

# code, name, kind
METHODS = (
    ("1", "Cash", "cash"),
    ("2", "Cheque", "cheque"),
    ("10", "Transfer in", "transfer"),
    ("11", "Transfer out", "transfer"),
    ("15", "allpay, Post Office", "allpay"),
    ("16", "allpay, cash adjustment", "allpay"),
    ("17", "allpay, returned cheque", "allpay"),
    ("18", "allpay, PayPoint", "allpay"),
    ("19", "allpay, Payzone", "allpay"),
    ("20", "allpay, telephone", "allpay"),
    ("21", "allpay, online bills", "allpay"),
    ("24", "Cheque by post", "cheque"),
    ("28", "Bank and direct credits", "interface"),
    ("90", "Card online", "card"),
    ("91", "Card by automated telephone", "card"),
    ("92", "Card taken by staff", "card"),
    ("PF", "Card fee", "fee"),
    ("JN", "Journal", "journal"),
    ("JR", "Journal to another account", "journal"),
)
OFFICES = (
    ("S", "System"),
    ("99", "Batch import"),
    ("PR", "Post room"),
    ("SP", "Online payments"),
    ("WP", "Parking office"),
)
STOPS = (
    ("NOCHQ", "23", "No cheques: two came back unpaid. Take a card or cash."),
    ("COURT", "2R", "With the court. Take no payment; refer to legal services."),
)

# fund, reference (its check digit is worked out), name, address, postcode, stop message
HOLDERS = (
    ("23", "77004122@", "Oona Ferris", "4 Tannery Row, Averwick", "AV1 2QD", ""),
    ("23", "77041226@", "Bryn Castellan", "19 Mill Lane, Averwick", "AV2 7LB", ""),
    ("23", "77039811@", "Mina Okoro", "Flat 3, 88 Hadley Street, Averwick", "AV1 9TR", ""),
    ("23", "77062207@", "Piotr Walsingham", "2 Weir Cottages, Lower Averwick", "AV6 3HN", "NOCHQ"),
    ("23", "77018845@", "Estate of J. Loxley", "Corner House, Quay Road, Averwick", "AV3 1AA", ""),
    ("24", "56118042@", "Hadley Street Bakery", "31 Hadley Street, Averwick", "AV1 9TP", ""),
    ("24", "56102733@", "Quayside Marine Ltd", "Unit 6, Quay Road, Averwick", "AV3 1AF", ""),
    ("5", "6000041887@", "Dilys Amara", "12 Orchard Court, Averwick", "AV4 5JX", ""),
    ("5", "6000052310@", "Tom and Ren Ackerley", "27 Orchard Court, Averwick", "AV4 5JX", ""),
    ("5", "6000033105@", "Megan Pryce", "3 Orchard Court, Averwick", "AV4 5JX", ""),
    ("5", "6000038842@", "Morgan Pryce", "16 Ferry View, Averwick", "AV5 8CU", ""),
    ("5", "6000017764@", "Sabine Holt", "5 Ferry View, Averwick", "AV5 8CU", ""),
    ("5M", "2907801234567@", "Idris Penhallow", "61 Mill Lane, Averwick", "AV2 7LB", ""),
    ("11", "BJ2046817@", "Vehicle AV26 KTE", "", "", ""),
    ("11", "BJ2046902@", "Vehicle AV24 LRS", "", "", ""),
    ("2R", "FP0071826@", "C. Brandreth", "7 Ferry View, Averwick", "AV5 8CU", ""),
    ("2R", "FP0071833@", "N. Solway", "40 Quay Road, Averwick", "AV3 1AB", "COURT"),
    ("52", "STALL-14", "Ferris Cheese", "Market Place, stall 14", "AV1 1AA", ""),
    ("52", "STALL-22", "Averwick Honey", "Market Place, stall 22", "AV1 1AA", ""),
)

# name, what it is for, conditions joined by AND, actions
RULES = (
    (
        "Post room cheques",
        "A cheque by post was opened in the post room.",
        (Condition("MopCode", Operator.EQUAL, "24"), Condition("OfficeCode", Operator.EQUAL, "")),
        (Action("OfficeCode", "PR"),),
    ),
    (
        "Parking fines by reference",
        "Only parking fines have references that start with BJ.",
        (Condition("AccountReference", Operator.START_WITH, "BJ"), Condition("FundCode", Operator.EQUAL, "")),
        (Action("FundCode", "11"),),
    ),
    (
        "Stall rents by their words",
        "The market's own book writes no fund.",
        (Condition("Narrative", Operator.CONTAIN, "Market stall"), Condition("FundCode", Operator.EQUAL, "")),
        (Action("FundCode", "52"),),
    ),
)


def fill_codes(session: Session) -> Changed:
    """Add the sample's codes and rules, unless there are funds already or this person may not keep them."""
    author: Author = session.info["author"]
    if not Fund.__policy__.writers & author.roles:
        return Changed()
    if session.scalars(select(Fund.id).limit(1)).first() is not None:
        return Changed()
    made = [*_codes(), *_holders(), *_rules()]
    session.add_all(made)
    return Changed.of(*made)


def _id(*parts: str) -> str:
    return stable_id(_DAY, "sample code", *parts)


def _codes() -> Iterable[Record]:
    for name, one in SAMPLE.items():
        yield Validator(
            id=_id("validator", name),
            name=name,
            min_length=0 if name == "library" else one.min_length,  # the till takes money without a card
            max_length=one.max_length,
            regex=one.regex,
            mask=one.mask,
            character_type=one.character_type,
            check_digit=as_config(one),
        )
    for code, rate, words in VAT_CODES:
        yield VatCode(id=_id("vat", code), code=code, rate=rate, name=words)
    for code, words, validator, vat, ledger in FUNDS:
        yield Fund(
            id=_id("fund", code),
            code=code,
            name=words,
            validator=validator,
            vat_code=vat,
            gl_code=ledger,
            **_FUND_EXTRAS.get(code, {}),
        )
    for code, words, kind in METHODS:
        fee = {"incurs_fee": True, "fee_fund": "13"} if kind == "card" else {}
        yield Method(
            id=_id("method", code), code=code, name=words, kind=kind, refundable=kind == "card", **fee
        )
    for code, words in OFFICES:
        yield Office(id=_id("office", code), code=code, name=words)
    for code, fund, words in STOPS:
        yield StopMessage(id=_id("stop", code), code=code, fund=fund, message=words)


def _holders() -> Iterable[Record]:
    checks = {fund[0]: SAMPLE[fund[2]] for fund in FUNDS if fund[2]}
    for fund, written, name, address, postcode, stop in HOLDERS:
        reference = with_check_digit(checks[fund], written) if "@" in written else written
        yield AccountHolder(
            id=_id("holder", fund, written),
            reference=reference,
            fund=fund,
            name=name,
            address=address,
            postcode=postcode,
            stop_message=stop,
        )


def _rules() -> Iterable[Record]:
    for place, (name, words, conditions, actions) in enumerate(RULES, 1):
        joined = tuple(replace(one, logical="AND" if at else None) for at, one in enumerate(conditions))
        looked_at, set_to = as_document(Rule(name, joined, actions))
        yield KeptRule(
            id=_id("rule", name),
            name=name,
            description=words,
            use=RuleUse.IMPORT,
            place=place * STEP,
            state=RuleState.RUNNING,
            conditions=looked_at,
            actions=set_to,
        )
