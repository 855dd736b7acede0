"""Evidence: why a match is right, kept as plain data that `verify` can work out again and people can read.

Shape (JSON): {"stage", "key", "method", "score", "receipts": [id], "fields": [{"field", "value", "bank",
"book", "agrees"}], "amounts": {"bank", "book", "taken", "left"}, "alternatives": {"count", "of":
[[id, pence]], "over", "lines", "alike"}, "second_officer": {"above", "needed"}}, and where there are such:
"write_offs": [[pence, kind, fund]], "settlement": {…}. Amounts are pence as they were open then; "score"
is per cent; "count" is how many other ways fit. Fields: reference, repair, likeness, rule, date, words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from app.income.days import working_days_between
from app.income.matching import (
    AMOUNT,
    FUZZY,
    HAND,
    MOST_COUNTED,
    PARTS,
    PAYOUT,
    SLIP,
    SUM,
    TYPO,
    OpenLine,
    OpenReceipt,
    Payout,
    Proposal,
    WriteOffPart,
    count_sets,
)
from app.income.references import as_written, shared_words
from app.income.rules import needs_second_officer
from app.income.telling import Sentence, in_words, sentences, why_none

__all__ = [
    "Around",
    "Evidence",
    "Extras",
    "Sentence",
    "extras_of",
    "in_words",
    "rebuild",
    "sentences",
    "settlement_of",
    "taken_from",
    "weigh",
    "why_none",
]

Evidence = dict[str, Any]
_PAID_IN_METHODS = frozenset({"1", "2", "24"})  # cash and cheques, which have a paying-in slip
_WITH_WORDS = frozenset({AMOUNT, HAND, FUZZY, SUM})
DAYS_BEFORE, DAYS_AFTER = 1, 5  # working days among which the receipts of one method are counted


class Extras(NamedTuple):
    """What a match stands on besides its line and receipts."""

    write_offs: tuple[WriteOffPart, ...] = ()
    meant: str = ""  # the reference that a mistyped one was mended to
    rules: tuple[str, ...] = ()
    settlement: dict[str, Any] | None = None


_NONE = Extras()
_FEW = 2_000  # open receipts, beyond which more than 25 are near any line of a working account


class Around:
    """Everything that is open around a match, looked up quickly: by key, by method and day."""

    def __init__(self, receipts: Sequence[OpenReceipt]) -> None:
        self.receipts = receipts

    @cached_property
    def _by_key(self) -> dict[str, list[OpenReceipt]]:
        found: dict[str, list[OpenReceipt]] = {}
        for receipt in self.receipts:
            for key in receipt.key_list:
                found.setdefault(key, []).append(receipt)
        return found

    @cached_property
    def _by_method(self) -> dict[str, list[OpenReceipt]]:
        found: dict[str, list[OpenReceipt]] = {}
        for receipt in self.receipts:
            found.setdefault(receipt.mop, []).append(receipt)
        return found

    def under(self, key: str) -> list[OpenReceipt]:
        """Return the open receipts with a key."""
        return self._by_key.get(key, [])

    def block(self, line: OpenLine, chosen: Sequence[OpenReceipt]) -> list[OpenReceipt]:
        """Return the open receipts among which sets are counted: all that are near the line; past 25
        those of the chosen ones' method, past 25 again those of their day, and then they alone."""
        if len(self.receipts) <= _FEW:
            near = _near(line, self.receipts)
            if len(near) <= MOST_COUNTED:
                return near
        same = _near(line, self._by_method.get(chosen[0].mop, []))
        if len(same) <= MOST_COUNTED:
            return same
        day = [one for one in same if one.posted_on == chosen[0].posted_on]
        return day if len(day) <= MOST_COUNTED else list(chosen)


def _near(line: OpenLine, receipts: Sequence[OpenReceipt]) -> list[OpenReceipt]:
    return [
        one
        for one in receipts
        if abs((line.booked_on - one.posted_on).days) <= 20
        and -DAYS_BEFORE <= working_days_between(one.posted_on, line.booked_on) <= DAYS_AFTER
    ]


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
    open_receipts: Sequence[OpenReceipt] | Around,
    open_lines: int,
    second_officer_above: int,
    reports: Sequence[Payout] = (),
) -> Evidence:
    """Return the evidence for giving these receipts to the line, over everything that is open now."""
    around = open_receipts if isinstance(open_receipts, Around) else Around(open_receipts)
    report = next((one for one in reports if proposal.payout_id and one.id == proposal.payout_id), None)
    extras = Extras(
        proposal.write_offs, proposal.meant, proposal.rules, settlement_of(report) if report else None
    )
    evidence = rebuild(proposal.stage, proposal.key, line, receipts, second_officer_above, extras)
    evidence["score"] = proposal.score
    evidence["alternatives"] = _alternatives(proposal, line, receipts, around, open_lines)
    return evidence


def settlement_of(report: Payout) -> dict[str, Any]:
    """Return the figures of a provider's payout as evidence keeps them."""
    return {
        "id": report.id,
        "provider": report.provider,
        "payout_id": report.payout_id,
        "gross": report.gross,
        "fees": report.fees,
        "refunds": report.refunds,
        "disputes": report.disputes,
        "other": report.other,
        "net": report.net,
    }


def extras_of(evidence: Evidence) -> Extras:
    """Return what kept evidence says it stands on besides line and receipts."""
    by_name = {field["field"]: field for field in evidence["fields"]}
    return Extras(
        tuple(WriteOffPart(*part) for part in evidence.get("write_offs", [])),
        by_name["repair"]["value"] if "repair" in by_name else "",
        tuple(by_name["rule"]["value"]) if "rule" in by_name else (),
        evidence.get("settlement"),
    )


def rebuild(
    stage: str,
    key: str,
    line: OpenLine,
    receipts: Sequence[OpenReceipt],
    second_officer_above: int,
    extras: Extras = _NONE,
) -> Evidence:
    """Return the part of the evidence that follows from line, receipts and extras, for `verify`."""
    parts = taken_from(line, receipts, extras.write_offs)
    total = sum(parts) + sum(part.pence for part in extras.write_offs)
    evidence: Evidence = {
        "stage": stage,
        "key": key,
        "receipts": [receipt.id for receipt in receipts],
        "fields": _fields(stage, key, line, receipts, extras),
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
    if extras.write_offs:
        evidence["write_offs"] = [[part.pence, part.kind, part.fund] for part in extras.write_offs]
    if extras.settlement:
        evidence["settlement"] = extras.settlement
    return evidence


def _fields(
    stage: str, key: str, line: OpenLine, receipts: Sequence[OpenReceipt], extras: Extras
) -> list[dict[str, Any]]:
    """Return what was compared, in the order it is told."""
    fields: list[dict[str, Any]] = []
    if stage == TYPO:
        fields.append(_repair(key, extras.meant, line, receipts))
    elif key:
        fields.append(
            {
                "field": "reference",
                "value": _as_written(key, line, receipts),
                "bank": line.words,
                "book": [receipt.reference or receipt.narrative for receipt in receipts],
                "agrees": key in line.key_list and all(key in receipt.key_list for receipt in receipts),
            }
        )
    if stage == PARTS:
        fields.append(_named_parts(line, receipts))
    if stage == FUZZY and (likeness := _likeness(line, receipts)):
        fields.append(likeness)
    if extras.rules:
        funds = [receipt.fund for receipt in receipts]
        fields.append(
            {
                "field": "rule",
                "value": list(extras.rules),
                "bank": line.words,
                "book": funds,
                "agrees": len(set(funds)) == 1,
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
    if stage in _WITH_WORDS:
        fields.append(
            {"field": "words", "value": list(words), "bank": line.words, "book": [], "agrees": bool(words)}
        )
    return fields


def _repair(said: str, meant: str, line: OpenLine, receipts: Sequence[OpenReceipt]) -> dict[str, Any]:
    """Return how one side's reference was mended to the other's; `checks`: only the mended one passes."""
    from app.income.matching.neighbours import check_of
    from app.income.matching.typos import slip_words
    from app.income.validators import passes

    check = check_of(meant)
    return {
        "field": "repair",
        "value": meant,
        "bank": said,
        "book": [receipt.reference or receipt.narrative for receipt in receipts],
        "slip": slip_words(said, meant),
        "checks": bool(check and passes(check, meant) and not passes(check, said)),
        "agrees": said in line.key_list and all(meant in receipt.key_list for receipt in receipts),
    }


def _named_parts(line: OpenLine, receipts: Sequence[OpenReceipt]) -> dict[str, Any]:
    """Return whether each receipt is one of the payments that the bank names in the line."""
    left = line.part_keys()
    for receipt in receipts:
        found = next(
            (p for p in left if p[0] == receipt.pence and not p[1].isdisjoint(receipt.key_list)), None
        )
        if found is None:
            break
        left.remove(found)
    return {
        "field": "parts",
        "value": len(line.parts),
        "bank": line.words,
        "book": [receipt.reference or receipt.narrative for receipt in receipts],
        "agrees": not left and len(receipts) == len(line.parts),
    }


def _likeness(line: OpenLine, receipts: Sequence[OpenReceipt]) -> dict[str, Any] | None:
    """Return the two references that are most alike, with how many per cent, None where a side has none."""
    from app.income.matching.fuzzy import most_alike

    found = most_alike(line, receipts[0])
    if found is None:
        return None
    per_cent, said, kept = found
    return {"field": "likeness", "value": per_cent, "bank": said, "book": [kept], "agrees": per_cent >= 75}


def _alternatives(
    proposal: Proposal, line: OpenLine, receipts: Sequence[OpenReceipt], around: Around, open_lines: int
) -> dict[str, Any]:
    """Count what else would fit. For sets: among all open receipts, or past 25 among those of the key."""
    if proposal.stage not in {SLIP, SUM}:
        return {
            "count": proposal.alternatives,
            "of": [],
            "over": len(around.receipts),
            "lines": open_lines,
            "alike": proposal.alike,
        }
    if proposal.stage == SUM:
        among = around.block(line, receipts)
    else:
        among = list(around.receipts)
        if len(among) > MOST_COUNTED:
            among = around.under(proposal.key)
        if len(among) > MOST_COUNTED:
            among = list(receipts)
    among = sorted(among, key=lambda receipt: receipt.id)
    others = count_sets([receipt.pence for receipt in among], line.pence) - 1
    return {
        "count": others,
        "of": [[receipt.id, receipt.pence] for receipt in among],
        "over": len(among),
        "lines": open_lines,
        "alike": 1,
    }


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
