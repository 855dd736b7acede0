"""Evidence: why a match is right, kept as plain data that `verify` can work out again and people can read.

Shape (JSON): {"stage", "key", "method", "receipts": [id], "fields": [{"field", "value", "bank", "book",
"agrees"}], "amounts": {"bank", "book", "taken", "left"}, "alternatives": {"count", "of": [[id, pence]],
"over", "lines", "alike"}, "second_officer": {"above", "needed"}}. Amounts are pence as they were open then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from app.income.amounts import figure
from app.income.days import working_days_between
from app.income.matching import (
    AMOUNT,
    EXACT,
    HAND,
    MOST_COUNTED,
    PAYOUT,
    SLIP,
    OpenLine,
    OpenReceipt,
    Proposal,
    WriteOffPart,
    count_sets,
)
from app.income.references import as_written, shared_words
from app.income.rules import needs_second_officer
from app.wording import plural, weekday_day

Evidence = dict[str, Any]
Say = Callable[[int], str]
_PAID_IN_METHODS = frozenset({"1", "2", "24"})  # cash and cheques, which have a paying-in slip
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Sentence:
    """One sentence of evidence: a tick for what agrees, a look for what does not, people for who must act."""

    kind: Literal["tick", "look", "people"]
    text: str


def in_words(count: int) -> str:
    """Return a small count as a word: three; 12 stays 12."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def taken_from(
    line: OpenLine, receipts: Sequence[OpenReceipt], write_offs: Sequence[WriteOffPart] = ()
) -> tuple[int, ...]:
    """Return the pence each receipt gives to the line: all of it, or what the line still needs.

    Receipts larger than the line leave a rest open in the book; receipts smaller leave a rest of the line.
    What is written off (a fee: negative) is added to what the receipts have to make.
    """
    left, parts = line.pence - sum(part.pence for part in write_offs), []
    for receipt in receipts:
        same_way = (receipt.pence > 0) == (line.pence > 0)
        part = receipt.pence if not same_way or abs(receipt.pence) <= abs(left) else left
        parts.append(part)
        left -= part
    return tuple(parts)


def weigh(
    proposal: Proposal,
    line: OpenLine,
    receipts: Sequence[OpenReceipt],
    open_receipts: Sequence[OpenReceipt],
    open_lines: int,
    second_officer_above: int,
) -> Evidence:
    """Return the evidence for giving these receipts to the line, over everything that is open now."""
    evidence = rebuild(
        proposal.stage, proposal.key, line, receipts, second_officer_above, proposal.write_offs
    )
    evidence["score"] = proposal.score
    evidence["alternatives"] = _alternatives(proposal, line, receipts, open_receipts, open_lines)
    return evidence


def rebuild(
    stage: str,
    key: str,
    line: OpenLine,
    receipts: Sequence[OpenReceipt],
    second_officer_above: int,
    write_offs: Sequence[WriteOffPart] = (),
) -> Evidence:
    """Return the part of the evidence that follows from line, receipts and write-offs, for `verify`."""
    parts = taken_from(line, receipts, write_offs)
    fields = []
    if key:
        fields.append(
            {
                "field": "reference",
                "value": _as_written(key, line, receipts),
                "bank": line.words,
                "book": [receipt.reference or receipt.narrative for receipt in receipts],
                "agrees": key in line.keys and all(key in receipt.keys for receipt in receipts),
            }
        )
    fields.append(
        {
            "field": "date",
            "value": working_days_between(min(r.posted_on for r in receipts), line.booked_on),
            "bank": line.booked_on.isoformat(),
            "book": [receipt.posted_on.isoformat() for receipt in receipts],
            "agrees": True,
        }
    )
    words = shared_words(line.words, " ".join(receipt.narrative for receipt in receipts))
    if stage in {AMOUNT, HAND}:
        fields.append(
            {"field": "words", "value": list(words), "bank": line.words, "book": [], "agrees": bool(words)}
        )
    total = sum(parts) + sum(part.pence for part in write_offs)
    evidence: Evidence = {
        "stage": stage,
        "key": key,
        "receipts": [receipt.id for receipt in receipts],
        "fields": fields,
        "amounts": {
            "bank": line.pence,
            "book": [receipt.pence for receipt in receipts],
            "taken": list(parts),
            "left": line.pence - total,
        },
        "alternatives": {"count": 0, "of": [], "over": 0, "lines": 0, "alike": 1},
        "method": _method(stage, receipts),
        "second_officer": {
            "above": second_officer_above,
            "needed": needs_second_officer(total, second_officer_above),
        },
    }
    if write_offs:
        evidence["write_offs"] = [[part.pence, part.kind, part.fund] for part in write_offs]
    return evidence


def _alternatives(
    proposal: Proposal,
    line: OpenLine,
    receipts: Sequence[OpenReceipt],
    open_receipts: Sequence[OpenReceipt],
    open_lines: int,
) -> dict[str, Any]:
    """Count what else would fit: sets among all open receipts, or, past 25, among the slip's own."""
    if proposal.stage != SLIP:
        return {
            "count": proposal.alike - 1,
            "of": [],
            "over": len(open_receipts),
            "lines": open_lines,
            "alike": proposal.alike,
        }
    among = list(open_receipts)
    if len(among) > MOST_COUNTED:
        among = [receipt for receipt in among if proposal.key in receipt.keys]
    if len(among) > MOST_COUNTED:
        among = list(receipts)
    among.sort(key=lambda receipt: receipt.id)
    others = count_sets([receipt.pence for receipt in among], line.pence) - 1
    return {
        "count": others,
        "of": [[receipt.id, receipt.pence] for receipt in among],
        "over": len(among),
        "lines": open_lines,
        "alike": 1,
    }


def sentences(evidence: Evidence, currency: str = "GBP") -> tuple[Sentence, ...]:
    """Return the evidence as full sentences, what agrees first, who else is needed last."""

    def say(pence: int) -> str:
        return figure(pence, currency)

    stage = evidence["stage"]
    amounts, alternatives = evidence["amounts"], evidence["alternatives"]
    told: list[Sentence] = []
    by_name = {field["field"]: field for field in evidence["fields"]}
    count = len(amounts["book"])
    if "reference" in by_name:
        told.append(_about_reference(by_name["reference"], evidence["method"], count))
    told += _about_amounts(stage, amounts, evidence.get("write_offs", []), say)
    if "words" in by_name and by_name["words"]["value"]:
        words = " ".join(by_name["words"]["value"])
        told.append(Sentence("tick", f"“{words.capitalize()}” is in the words on both sides."))
    told.append(_about_dates(by_name["date"], evidence["method"]))
    told += _about_alternatives(stage, alternatives, evidence, say)
    if stage == AMOUNT and not by_name["words"]["value"]:
        told.append(Sentence("look", "Only the amount joins them, so read the words on both sides."))
    if evidence["second_officer"]["needed"]:
        above = say(evidence["second_officer"]["above"]).removesuffix(".00")
        told.append(Sentence("people", f"Over {above}, so a second officer will confirm it."))
    return tuple(told)


def why_none(line: OpenLine, receipts: Sequence[OpenReceipt], currency: str = "GBP") -> tuple[Sentence, ...]:
    """Return in sentences why nothing is proposed for a line: what was looked for, and what was found."""
    told: list[Sentence] = []
    same_key = [receipt for receipt in receipts if receipt.keys & line.keys]
    same_pence = [receipt for receipt in receipts if receipt.pence == line.pence]
    amount = figure(line.pence, currency)
    if same_key:
        key = max(same_key[0].keys & line.keys, key=len)
        written = _as_written(key, line, same_key)
        found = figure(sum(receipt.pence for receipt in same_key), currency)
        held = "one open receipt" if len(same_key) == 1 else f"{in_words(len(same_key))} open receipts"
        told.append(Sentence("look", f"Reference {written} is on {held} for {found}, not for {amount}."))
    elif line.keys:
        told.append(Sentence("look", "No open receipt has a reference that is in the bank’s words."))
    else:
        told.append(Sentence("look", "The bank’s words hold no reference."))
    if not same_pence:
        told.append(Sentence("look", f"No open receipt is for {amount}."))
    elif len(same_pence) == 1:
        told.append(
            Sentence("look", f"One open receipt is for {amount}, but its words or day speak against it.")
        )
    else:
        count = in_words(len(same_pence)).capitalize()
        told.append(
            Sentence("look", f"{count} open receipts are for {amount}, and nothing tells them apart.")
        )
    return tuple(told)


def _about_reference(field: dict[str, Any], method: str, count: int) -> Sentence:
    name = {"slip": "Paying-in slip", "payout": "Payout"}.get(method, "Reference")
    book = "the receipt" if count == 1 else f"{'both' if count == 2 else 'all ' + in_words(count)} receipts"
    if not field["agrees"]:
        return Sentence("look", f"{name} {field['value']} is not on both sides.")
    return Sentence("tick", f"{name} {field['value']} is on the bank line and on {book}.")


def _about_amounts(
    stage: str, amounts: dict[str, Any], write_offs: Sequence[Sequence[Any]], say: Say
) -> list[Sentence]:
    bank, book = amounts["bank"], amounts["book"]
    left_in_book = sum(book) - sum(amounts["taken"])
    if write_offs:
        return _about_write_offs(bank, sum(book), write_offs, say)
    if stage == PAYOUT:
        share = round(left_in_book * 1000 / book[0]) if book[0] else 0
        return [
            Sentence(
                "look",
                f"The bank paid {say(left_in_book)} less than the book’s {say(book[0])}. That is "
                f"{share // 10}.{share % 10} %, as card fees are.",
            ),
            Sentence("look", f"{say(left_in_book)} of the receipt stays open until the fee is in the book."),
        ]
    if amounts["left"] or left_in_book:
        told = []
        if amounts["left"]:
            told.append(Sentence("look", f"{say(amounts['left'])} of the bank line stays open."))
        if left_in_book:
            told.append(Sentence("look", f"{say(left_in_book)} of the receipts stays open in the book."))
        return told
    if len(book) == 1:
        if stage == AMOUNT:
            return []
        return [Sentence("tick", f"{say(bank)} on both sides, to the penny.")]
    if len(book) <= 6:
        terms = " + ".join(say(pence) for pence in book).replace("+ −", "− ")
        return [Sentence("tick", f"{terms} is {say(bank)}, to the penny.")]
    return [Sentence("tick", f"The {in_words(len(book))} receipts add up to {say(bank)}, to the penny.")]


def _about_write_offs(bank: int, book: int, write_offs: Sequence[Sequence[Any]], say: Say) -> list[Sentence]:
    short = -sum(pence for pence, _, _ in write_offs)
    share = round(short * 1000 / book) if book else 0
    fund = write_offs[0][2]
    charged = f"charged to fund {fund}" if fund else "written off"
    return [
        Sentence(
            "look",
            f"The bank paid {say(short)} less than the book’s {say(book)}. That is "
            f"{share // 10}.{share % 10} %, as card fees are.",
        ),
        Sentence("tick", f"{say(book)} less {say(short)} is {say(bank)}, to the penny."),
        Sentence("look", f"No report says that these are fees; accepted, {say(short)} is {charged}."),
    ]


def _about_dates(field: dict[str, Any], method: str) -> Sentence:
    first = date.fromisoformat(min(field["book"]))
    days = int(field["value"])
    verb = {"slip": "Paid in on", "payout": "Taken by card on"}.get(method, "Posted on")
    opening = f"{verb} {weekday_day(first)}, "
    if days == 0:
        same_day = field["bank"] == first.isoformat()
        return Sentence(
            "tick", opening + ("credited the same day." if same_day else "credited straight after.")
        )
    if days < 0:
        return Sentence("tick", opening + f"{_working_days(-days)} after the bank had it.")
    kind: Literal["tick", "look"] = "tick" if days <= 5 else "look"
    return Sentence(kind, opening + f"credited {_working_days(days)} later.")


def _about_alternatives(
    stage: str, alternatives: dict[str, Any], evidence: Evidence, say: Say
) -> list[Sentence]:
    count, over = alternatives["count"], alternatives["over"]
    if stage == SLIP:
        if count == 0:
            pile = (
                f"the {over} open receipts" if over > len(evidence["amounts"]["book"]) else "these receipts"
            )
            return [Sentence("tick", f"No other set of {pile} adds up to this amount.")]
        others = "Another set" if count == 1 else f"{in_words(count).capitalize()} other sets"
        verb = "adds" if count == 1 else "add"
        return [Sentence("look", f"{others} of the {over} open receipts also {verb} up to this amount.")]
    if stage == EXACT and count:
        return [
            Sentence(
                "look",
                f"{in_words(count + 1).capitalize()} lines and {in_words(count + 1)} receipts look the same; "
                "they are paired in order of date.",
            )
        ]
    if stage == EXACT:
        return [Sentence("tick", "No other open line or receipt has this reference and amount.")]
    if stage == AMOUNT:
        lines = plural(alternatives["lines"], "open line")
        return [
            Sentence(
                "tick",
                f"{say(evidence['amounts']['bank'])} stands once among the {lines} and once among the "
                f"{plural(over, 'open receipt')}.",
            )
        ]
    return []


def _working_days(days: int) -> str:
    return f"{in_words(days)} working day{'' if days == 1 else 's'}"


def _as_written(key: str, line: OpenLine, receipts: Sequence[OpenReceipt]) -> str:
    """Return a key as the book writes it (PO-7731), else as the bank does, else as it is."""
    for text in (*(r.reference for r in receipts), *(r.narrative for r in receipts), line.words):
        if written := as_written(key, text):
            return written
    return key


def _method(stage: str, receipts: Sequence[OpenReceipt]) -> str:
    if stage == PAYOUT or all(receipt.is_card for receipt in receipts):
        return "payout"
    return "slip" if all(receipt.mop in _PAID_IN_METHODS for receipt in receipts) else "reference"
