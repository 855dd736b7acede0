"""`income gl`: the general ledger batch written to a file, or one that was written checked again."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from sqlalchemy import select

from app.errors import HoldallError
from app.income.commands.read import read_bytes
from app.income.exports import gl
from app.told import Told, open_context
from models.income import Fund

_KINDS = {".csv": gl.as_csv, ".xlsx": gl.as_xlsx}


def run(options: argparse.Namespace) -> Told:
    """Export the batch of a period, or check a file; the document says what was found."""
    return _export(options) if options.act == "export" else _check(options)


def _export(options: argparse.Namespace) -> Told:
    path: Path = options.file
    write = _KINDS.get(path.suffix.lower())
    if write is None:
        raise HoldallError(f"“{path.name}” is neither .csv nor .xlsx.", "Name the file one of the two.")
    start, end = _day(options.start, "--from"), _day(options.end, "--to")
    context = open_context(options)
    try:
        batch = context.read(lambda session: gl.export(session, start, end, context.council.name))
    finally:
        context.store.close()
    try:
        path.write_bytes(write(batch))
    except OSError as error:
        raise HoldallError(
            f"“{path}” cannot be written.", "Choose a folder that is there, and close the file elsewhere."
        ) from error
    document = {
        "file": str(path),
        "from": start.isoformat(),
        "to": end.isoformat(),
        "rows": [row._asdict() for row in batch.rows],
        "postings": batch.postings,
        "control_total_minor": batch.total,
        "vat_total_minor": batch.vat,
        "sha256": batch.sha256,
        "remarks": list(batch.remarks),
    }
    return Told(document, [f"Written to {path}.", *gl.in_words(batch)])


def _check(options: argparse.Namespace) -> Told:
    path: Path = options.file
    data = read_bytes(path)
    context = open_context(options)
    try:
        funds = context.read(
            lambda session: set(session.scalars(select(Fund.code).where(Fund.deleted.is_(False))))
        )
    finally:
        context.store.close()
    findings = gl.check(data, path.name, funds or None)
    document = {
        "file": str(path),
        "ok": not findings,
        "findings": [{"row": finding.row, "words": finding.words} for finding in findings],
        "funds_checked": bool(funds),
    }
    words = [_sentence(finding) for finding in findings]
    return Told(document, words or ["The batch is as it was exported."])


def _sentence(finding: gl.Finding) -> str:
    told = f"Row {finding.row}: {finding.words}" if finding.row else finding.words
    return f"{told[:1].upper()}{told[1:]}."


def _day(text: str | None, option: str) -> date:
    if not text:
        raise HoldallError(f"The period needs {option}.", "Give both days, as 2026-11-01.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HoldallError(f"“{text}” is not a day for {option}.", "Write it as 2026-11-01.") from None
