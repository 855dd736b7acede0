"""`repairs triage`: an emergency or not with its reasons, the likeliest leaves, the band, the law's clock.

Works by the tables this Holdall came with and opens no store.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from app.errors import HoldallError
from app.repairs.moments import moment_of
from app.repairs.tables import tables
from app.repairs.text.normalise import LONGEST
from app.repairs.text.triage import Triage, triage
from app.repairs.text.tripwires import Level
from app.repairs.text.word_tables import word_tables
from app.told import Told
from app.wording import listed

LEVEL_WORDS = {
    Level.YES: "An emergency.",
    Level.ASK: "Ask before going on.",
    Level.NO: "No words of danger.",
}


def run(options: argparse.Namespace) -> Told:
    """Reads what they said; raises HoldallError in one sentence for odd input."""
    if not options.text.strip():
        raise HoldallError("--text is empty.", "Give what they said, in their own words.")
    if len(options.text) > LONGEST:
        raise HoldallError(
            f"--text is {len(options.text):,} characters long; {LONGEST:,} are read at most.",
            "Give what they said of one repair: a danger behind that would not be heard.",
        )
    moment = moment_of(options.reported, "--reported") if options.reported else None
    risks = risks_of(options.risk)
    at = moment.at if moment else datetime.now(UTC)
    found = triage(options.text, at, tables().tree, tables(), risks)
    return Told(document(found), _in_words(found), [moment.note] if moment and moment.note else [])


def risks_of(text: str) -> frozenset[str] | None:
    """The risks of "baby,oxygen"; None for none named. Raises HoldallError for one that is not listed."""
    known, others = tables().risks, word_tables().words["risk_aliases"]
    found: set[str] = set()
    for part in text.replace(";", ",").split(","):
        name = part.strip().lower().replace(" ", "_").replace("-", "_")
        if not name:
            continue
        code = name if name in known else others.get(name)
        if code is None:
            raise HoldallError(
                f"--risk “{part.strip()[:40]}” is not in the list of people at risk.",
                f"Choose from {', '.join(known)}.",
            )
        found.add(code)
    return frozenset(found) or None


def document(found: Triage) -> dict[str, Any]:
    """What words come to, as the command prints it."""
    statutory = found.statutory
    return {
        "emergency": found.emergency.value,
        "reasons": [
            {
                "rule": r.rule,
                "words": r.words,
                "level": r.level.value,
                "exit": r.exit,
                "hazard": r.hazard,
                "lowered": r.lowered,
                "ask": r.ask,
            }
            for r in found.reasons
        ],
        "band": found.band,
        "hazard": found.hazard or None,
        "statutory": {"rule": statutory.rule, "days": statutory.days, "unit": statutory.unit}
        if statutory
        else None,
        "leaves": [
            {
                "path": leaf.path,
                "sor_code": leaf.sor_code,
                "score": leaf.score,
                "words": list(leaf.words),
                "outcome": leaf.outcome,
                "label": leaf.label,
                "answers": dict(leaf.answers),
            }
            for leaf in found.leaves
        ],
        "risks": dict(found.risks),
    }


def _in_words(found: Triage) -> list[str]:
    lines = [LEVEL_WORDS[found.emergency]]
    for reason in found.reasons:
        sure = reason.level is Level.YES
        lines.append(f"  {reason.title}: “{reason.words}”." if sure else f"  {reason.ask} (“{reason.words}”)")
    for number, leaf in enumerate(found.leaves, 1):
        lines.append(f"{number}. {leaf.label} ({leaf.sor_code}): {listed([f'“{w}”' for w in leaf.words])}")
    return lines
