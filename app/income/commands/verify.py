"""`income verify`: every stored match, statement and payout worked out again."""

from __future__ import annotations

import argparse

from app.income.verify import verify
from app.told import Told, open_context
from app.wording import plural


def run(options: argparse.Namespace) -> Told:
    """Verify the store; any difference is named with its record."""
    context = open_context(options)
    try:
        found = context.read(verify)
    finally:
        context.store.close()
    document = {
        "matches": found.matches,
        "statements": found.statements,
        "differences": [{"type": d.type, "id": d.id, "words": d.words} for d in found.differences],
    }
    words = [
        f"{plural(found.matches, 'match', 'matches')} and {plural(found.statements, 'statement')} verified."
    ]
    words += [d.words for d in found.differences] or ["No difference."]
    return Told(document, words)
