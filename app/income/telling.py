"""Evidence told in sentences: what agrees, what wants a look, and who else is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from app.income.amounts import figure
from app.income.matching import (
    AMOUNT,
    EXACT,
    FUZZY,
    PARTS,
    PAYOUT,
    RULE,
    SLIP,
    SUM,
    TYPO,
    OpenLine,
    OpenReceipt,
)
from app.income.references import as_written
from app.wording import plural, weekday_day

Say = Callable[[int], str]
Kept = dict[str, Any]  # evidence, as app.income.evidence makes it
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Sentence:
    """One sentence of evidence: a tick for what agrees, a look for what does not, people for who must act."""

    kind: Literal["tick", "look", "people"]
    text: str


def in_words(count: int) -> str:
    """Return a small count as a word: three; 12 stays 12."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def sentences(evidence: Kept, currency: str = "GBP") -> tuple[Sentence, ...]:
    """Return the evidence as full sentences, what agrees first, who else is needed last."""

    def say(pence: int) -> str:
        return figure(pence, currency)

    stage = evidence["stage"]
    told: list[Sentence] = []
    by_name = {field["field"]: field for field in evidence["fields"]}
    if "reference" in by_name:
        told.append(
            _about_reference(by_name["reference"], evidence["method"], len(evidence["amounts"]["book"]))
        )
    if "parts" in by_name:
        told.append(_about_parts(by_name["parts"]))
    if "repair" in by_name:
        told.append(_about_repair(by_name["repair"]))
    if "likeness" in by_name:
        told.append(_about_likeness(by_name["likeness"]))
    if "rule" in by_name:
        told.append(_about_rules(by_name["rule"]))
    told += _about_amounts(stage, evidence, say)
    if "words" in by_name and by_name["words"]["value"]:
        words = " ".join(by_name["words"]["value"])
        told.append(Sentence("tick", f"“{words.capitalize()}” is in the words on both sides."))
    told.append(_about_dates(by_name["date"], evidence["method"]))
    told += _about_alternatives(stage, evidence["alternatives"], evidence, say)
    if stage == AMOUNT and not by_name["words"]["value"]:
        told.append(Sentence("look", "Only the amount joins them, so read the words on both sides."))
    if evidence["second_officer"]["needed"]:
        above = say(evidence["second_officer"]["above"]).removesuffix(".00")
        told.append(Sentence("people", f"Over {above}, so a second officer will confirm it."))
    return tuple(told)


def why_none(line: OpenLine, receipts: Sequence[OpenReceipt], currency: str = "GBP") -> tuple[Sentence, ...]:
    """Return in sentences why nothing is proposed for a line: what was looked for, and what was found."""
    told: list[Sentence] = []
    keys = line.keys
    same_key = [receipt for receipt in receipts if not keys.isdisjoint(receipt.key_list)] if keys else []
    same_pence = [receipt for receipt in receipts if receipt.pence == line.pence]
    amount = figure(line.pence, currency)
    if same_key:
        key = max(same_key[0].keys & keys, key=len)
        written = _written(key, same_key, line)
        found = figure(sum(receipt.pence for receipt in same_key), currency)
        held = "one open receipt" if len(same_key) == 1 else f"{in_words(len(same_key))} open receipts"
        told.append(Sentence("look", f"Reference {written} is on {held} for {found}, not for {amount}."))
    elif keys:
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


def _written(key: str, receipts: Sequence[OpenReceipt], line: OpenLine) -> str:
    for text in (*(r.reference for r in receipts), *(r.narrative for r in receipts), line.words):
        if found := as_written(key, text):
            return found
    return key


def _about_reference(field: Kept, method: str, count: int) -> Sentence:
    name = {"slip": "Paying-in slip", "payout": "Payout"}.get(method, "Reference")
    book = "the receipt" if count == 1 else f"{'both' if count == 2 else 'all ' + in_words(count)} receipts"
    if not field["agrees"]:
        return Sentence("look", f"{name} {field['value']} is not on both sides.")
    return Sentence("tick", f"{name} {field['value']} is on the bank line and on {book}.")


def _about_parts(field: Kept) -> Sentence:
    count = in_words(field["value"])
    if not field["agrees"]:
        return Sentence("look", f"The bank names {count} payments in this line, and not all are here.")
    return Sentence(
        "tick", f"The bank names {count} payments in this line, and each is here by reference and amount."
    )


def _about_repair(field: Kept) -> Sentence:
    passes = "passes its check digit, exists" if field["checks"] else "exists in the book"
    joined = f"{passes} and {field['slip']}" if field["checks"] else f"{passes}, and {field['slip']}"
    kind: Literal["tick", "look"] = "tick" if field["checks"] else "look"
    return Sentence(kind, f"The bank wrote {field['bank']}; {field['value']} {joined}.")


def _about_likeness(field: Kept) -> Sentence:
    kind: Literal["tick", "look"] = "tick" if field["agrees"] else "look"
    if not field["value"]:
        return Sentence(kind, f"Reference {field['bank']} is not like the book’s {field['book'][0]}.")
    return Sentence(
        kind, f"The bank wrote {field['bank']}, the book {field['book'][0]}: {field['value']} % alike."
    )


def _about_rules(field: Kept) -> Sentence:
    named = " and ".join(f"“{name}”" for name in field["value"])
    word = "Rule" if len(field["value"]) == 1 else "Rules"
    verb = "says" if len(field["value"]) == 1 else "say"
    return Sentence("tick", f"{word} {named} {verb} it is fund {field['book'][0]}, as the receipt is.")


def _about_amounts(stage: str, evidence: Kept, say: Say) -> list[Sentence]:
    amounts = evidence["amounts"]
    bank, book = amounts["bank"], amounts["book"]
    left_in_book = sum(book) - sum(amounts["taken"])
    if "settlement" in evidence:
        return _about_settlement(evidence["settlement"], book, evidence.get("write_offs", []), say)
    if evidence.get("write_offs"):
        return _about_write_offs(bank, sum(book), evidence["write_offs"], say)
    if stage == PAYOUT and left_in_book:
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


def _about_settlement(
    settlement: Kept, book: Sequence[int], write_offs: Sequence[Sequence[Any]], say: Say
) -> list[Sentence]:
    """Tell gross less costs is net, as the provider's report has it, and how the book holds it."""
    terms = f"{say(settlement['gross'])} gross"
    for name in ("fees", "refunds", "disputes"):
        if settlement[name]:
            terms += f" less {say(settlement[name])} {name}"
    if settlement["other"]:
        terms += f" and {say(settlement['other'])} of corrections"
    named = f" {settlement['payout_id']}" if settlement["payout_id"] else ""
    told = [
        Sentence("tick", f"{terms} is {say(settlement['net'])}, the payout’s net."),
        Sentence("tick", f"{settlement['provider']}’s report{named} says so, and the bank paid just that."),
    ]
    held = "The receipt is" if len(book) == 1 else f"The {in_words(len(book))} receipts are"
    told.append(Sentence("tick", f"{held} its payments in the book, {say(sum(book))}."))
    fees = -sum(pence for pence, kind, _ in write_offs if kind == "fee")
    if fees:
        fund = next(fund for _, kind, fund in write_offs if kind == "fee")
        charged = f"charged to fund {fund}" if fund else "written off"
        told.append(Sentence("look", f"The book holds no fees for it; {say(fees)} is {charged}."))
    return told


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


def _about_dates(field: Kept, method: str) -> Sentence:
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


def _about_alternatives(stage: str, alternatives: Kept, evidence: Kept, say: Say) -> list[Sentence]:
    count, over = alternatives["count"], alternatives["over"]
    if stage in {SLIP, SUM}:
        return _about_sets(stage, count, over, len(evidence["amounts"]["book"]))
    if stage == EXACT and count and alternatives["alike"] > 1:
        return [
            Sentence(
                "look",
                f"{in_words(count + 1).capitalize()} lines and {in_words(count + 1)} receipts look the same; "
                "they are paired in order of date.",
            )
        ]
    if stage == EXACT and count:
        return [Sentence("look", f"{_others(count)} this reference and amount; the nearest was chosen.")]
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
    if stage in {PARTS, TYPO, FUZZY, RULE} and count:
        return [Sentence("look", f"{_could_be(count)}; this is the likeliest.")]
    if stage == TYPO:
        return [Sentence("tick", "No other open line or receipt could be meant.")]
    return []


def _about_sets(stage: str, count: int, over: int, chosen: int) -> list[Sentence]:
    told = []
    if stage == SUM:
        told.append(
            Sentence("look", "No reference joins them; receipts of one method often add up by chance.")
        )
    if count == 0:
        pile = f"the {over} open receipts" if over > chosen else "these receipts"
        if stage == SUM and over > chosen:
            pile += " of this method"
        return [*told, Sentence("tick", f"No other set of {pile} adds up to this amount.")]
    others = "Another set" if count == 1 else f"{in_words(count).capitalize()} other sets"
    verb = "adds" if count == 1 else "add"
    return [*told, Sentence("look", f"{others} of the {over} open receipts also {verb} up to this amount.")]


def _others(count: int) -> str:
    if count == 1:
        return "One other way fits"
    return f"{in_words(count).capitalize()} other ways fit"


def _could_be(count: int) -> str:
    if count == 1:
        return "Another open line or receipt could be meant"
    return f"{in_words(count).capitalize()} other open lines or receipts could be meant"


def _working_days(days: int) -> str:
    return f"{in_words(days)} working day{'' if days == 1 else 's'}"
