"""`income check-reference`: account references checked, each wrong one with what it may have been."""

from __future__ import annotations

import argparse

from app.errors import NotFound
from app.income.commands.rules import read_text
from app.income.repair import repairs
from app.income.validator_files import read_validators
from app.income.validators import SAMPLE, check
from app.told import Told

_ADVICE = "Give the validators as a JSON file."


def run(options: argparse.Namespace) -> Told:
    """Check references by a validator of the sample, or of the file given."""
    validators = dict(SAMPLE)
    if options.config is not None:
        validators |= read_validators(options.config.name, read_text(options.config, _ADVICE))
    validator = validators.get(options.validator)
    if validator is None:
        raise NotFound(
            f"There is no validator “{options.validator}”.", f"There are {', '.join(sorted(validators))}."
        )
    document, words = [], []
    for reference in options.references:
        verdict = check(validator, reference)
        found = () if verdict.ok else repairs(validator, reference)
        document.append(
            {"reference": reference, "ok": verdict.ok, "reason": verdict.reason, "repairs": list(found)}
        )
        words.append(f"{reference}: {'right' if verdict.ok else 'wrong'}. {verdict.reason}")
        if found:
            words.append(f"  Perhaps {', '.join(found)}.")
    return Told(document, words)
