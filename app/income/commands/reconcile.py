"""`income reconcile`: bank files matched with a ledger; nothing is stored."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

from app.income.amounts import figure
from app.income.commands.read import read_bytes
from app.income.matching import Proposal
from app.income.reconciling import Reconciled, reconcile
from app.told import Told
from app.wording import plural

_SAID = 10  # remarks told one by one to people


def run(options: argparse.Namespace) -> Told:
    """Read, match, and write what was found; raises BadFile in one sentence.

    `alternatives` of a match is how many ways fit in all: 1 is the only one. `score` is 0 to 1.
    `difference_minor` is bank less ledger: what is unmatched there less what is unmatched here, plus what
    the matches write off. Lines in `suspense` are among `unmatched_bank` too.
    """
    start = time.perf_counter()
    banks = [(path.name, read_bytes(path)) for path in options.bank]
    ledger = (options.ledger.name, read_bytes(options.ledger))
    found = reconcile(banks, ledger, clock=time.perf_counter)
    seconds = time.perf_counter() - start
    document = as_document(found, seconds)
    if options.out is not None:
        from app.income.commands.reconcile_files import write

        write(options.out, found, document)
    return Told(document, _words(found, document))


def as_document(found: Reconciled, seconds: float) -> dict[str, Any]:
    """Return what the command prints as JSON."""
    names = dict(zip(found.lines.ids, found.names, strict=True))
    pence = dict(zip(found.lines.ids, found.lines.pence, strict=True))
    proposals = found.outcome.proposals
    taken_lines = {proposal.line_id for proposal in proposals}
    taken = {receipt_id for proposal in proposals for receipt_id in proposal.receipt_ids}
    return {
        "matches": [_match(proposal, names, pence) for proposal in proposals],
        "suspense": [
            {"bank": names[one.line_id], "amount_minor": pence[one.line_id], "why": one.why}
            for one in found.outcome.unplaced
        ],
        "unmatched_bank": [names[one] for one in found.lines.ids if one not in taken_lines],
        "unmatched_ledger": [one for one in found.receipts.ids if one not in taken],
        "difference_minor": found.difference,
        "seconds": round(seconds, 3),
        "stages": [{**log._asdict(), "seconds": round(log.seconds, 3)} for log in found.outcome.log],
        "remarks": list(found.remarks),
    }


def _match(proposal: Proposal, names: dict[str, int | str], pence: dict[str, int]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "stage": proposal.stage,
        "bank": [names[proposal.line_id]],
        "ledger": list(proposal.receipt_ids),
        "amount_minor": pence[proposal.line_id],
        "score": proposal.score / 100,
        "alternatives": proposal.alternatives + 1,
        "auto": proposal.auto,
    }
    if proposal.key:
        made["reference"] = proposal.key
    if proposal.meant:
        made["mended"] = proposal.meant
    if proposal.write_offs:
        made["write_offs"] = [
            {"amount_minor": part.pence, "kind": part.kind, "fund": part.fund} for part in proposal.write_offs
        ]
    return made


def _words(found: Reconciled, document: dict[str, Any]) -> Sequence[str]:
    proposals = found.outcome.proposals
    certain = sum(proposal.auto for proposal in proposals)
    bank, book = len(document["unmatched_bank"]), len(document["unmatched_ledger"])
    left = f"{plural(bank, 'bank line')} and {plural(book, 'ledger row')} without a match"
    told = [
        f"{plural(len(found.lines), 'bank line')}, {plural(len(found.receipts), 'ledger row')}.",
        f"{plural(len(proposals), 'match', 'matches')} proposed, {certain:,} of them certain.",
        f"{left}; {len(document['suspense']):,} proposed for suspense.",
        f"Bank less ledger: {figure(found.difference)}.",
    ]
    told += [
        f"{log.stage:<12}{log.proposed:>9,} proposed {log.auto:>9,} certain"
        for log in found.outcome.log
        if log.proposed
    ]
    told += found.remarks[:_SAID]
    if len(found.remarks) > _SAID:
        told.append(f"And {len(found.remarks) - _SAID:,} more remarks; --json tells all.")
    return told
