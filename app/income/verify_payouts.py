"""Verification of providers’ payouts: each added up again from its lines, and held against its match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.income import Settlement, SettlementLine

_FIGURES = ("gross", "fees", "refunds", "disputes", "other", "net")
Told = tuple[str, str, str]  # type and id of a record, and what about it does not agree


def payouts_changed(session: Session) -> tuple[dict[str, Settlement], list[Told]]:
    """Return the payouts by id, and every one whose figures no longer follow from its lines."""
    reports = {one.id: one for one in session.scalars(select(Settlement).where(~Settlement.deleted))}
    lines: dict[str, list[SettlementLine]] = defaultdict(list)
    for line in session.scalars(select(SettlementLine).where(~SettlementLine.deleted)):
        lines[line.settlement_id].append(line)
    told: list[Told] = []
    for one_id, report in reports.items():
        told += [
            ("income_settlement_line", line.id, f"A line of payout {_named(report)} no longer adds up.")
            for line in lines[one_id]
            if line.net_pence != line.gross_pence - line.fee_pence
        ]
        if _added_up(lines[one_id]) != _stated(report) or len(lines[one_id]) != report.line_count:
            words = f"Payout {_named(report)} is not what its lines add up to."
            told.append(("income_settlement", one_id, words))
    return reports, told


def settlement_changed(evidence: Mapping[str, Any], reports: Mapping[str, Settlement]) -> list[str]:
    """Return in words what about the payout of a match is not what its report says."""
    kept = evidence.get("settlement")
    if kept is None:
        return []
    terms = kept["gross"] - kept["fees"] - kept["refunds"] - kept["disputes"] + kept["other"]
    if terms != kept["net"] or kept["net"] != evidence["amounts"]["bank"]:
        return ["The payout that this match stands on does not make what the bank paid."]
    report = reports.get(str(kept["id"]).partition(":")[0])
    if report is None:
        return ["The payment provider’s report of this match is not here."]
    grouped = ":" in str(kept["id"])  # a list that names no payout: its part was told by days and amounts
    if not grouped and tuple(kept[name] for name in _FIGURES) != _stated(report):
        return ["The payment provider’s report says something else than the evidence of this match."]
    return []


def _named(report: Settlement) -> str:
    return report.payout_id or f"of {report.provider}"


def _stated(report: Settlement) -> tuple[int, ...]:
    return (
        report.gross_pence,
        report.fees_pence,
        report.refunds_pence,
        report.disputes_pence,
        report.other_pence,
        report.net_pence,
    )


def _added_up(lines: Iterable[SettlementLine]) -> tuple[int, ...]:
    """Return gross, fees, refunds, disputes, other and net of lines, as app.income.formats.settling does."""
    sums: dict[str, int] = defaultdict(int)
    fees = net = 0
    for line in lines:
        sums[line.kind] += line.gross_pence
        fees += line.fee_pence
        net += line.net_pence
    return (sums["charge"], fees, -sums["refund"], -sums["dispute"], sums["other"] + sums["fee"], net)
