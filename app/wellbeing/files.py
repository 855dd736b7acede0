"""What a person takes out of their vault for themselves: everything, as JSON or as a table."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

from app.wellbeing.entries import Check, PrivateLife
from app.wellbeing.instrument import Instrument
from app.wellbeing.rules import SKIPPED, Answer, figure, scores
from app.wording import cell, date_year, local_date


def as_json(life: PrivateLife, instrument: Instrument) -> bytes:
    """Everything as JSON: checks with answers and figures, and notes; UTC times."""
    document = {
        "holdall": "private vault",
        "checks": [
            {
                "id": check.id,
                "questionnaire": check.instrument,
                "edition": check.edition,
                "started": _time(check.started),
                "finished": _time(check.finished),
                "answers": [
                    {"question": item.number, "text": item.text, "answer": check.answers.get(item.number)}
                    for item in instrument.items
                ],
                "figures": {key: figure(score) for key, score in scores(instrument, check.answers).items()},
            }
            for check in life.checks
        ],
        "notes": [
            {"id": note.id, "written": _time(note.at), "about": note.about, "text": note.text}
            for note in life.notes
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8")


def as_csv(life: PrivateLife, instrument: Instrument) -> bytes:
    """Every answer as a table: one row per statement, one column per check, newest first. UTF-8 with a
    mark in front, which spreadsheets look for."""
    out = io.StringIO()
    writer = csv.writer(out)
    heads = [date_year(local_date(check.at)) for check in life.checks]
    writer.writerow(["Number", "Statement", *heads])
    for item in instrument.items:
        given = [_words(instrument, check, item.number) for check in life.checks]
        writer.writerow([str(item.number), cell(item.text), *given])
    for scale in instrument.scales:
        figures = [figure(scores(instrument, check.answers)[scale.key]) for check in life.checks]
        writer.writerow(["", cell(scale.label), *figures])
    for note in life.notes:
        writer.writerow(["Note", cell(note.text), date_year(local_date(note.at))])
    return out.getvalue().encode("utf-8-sig")


def _words(instrument: Instrument, check: Check, number: int) -> str:
    code: Answer | None = check.answers.get(number)
    if code is None:
        return ""
    return "rather not say" if code == SKIPPED else instrument.answer_words(number, int(code))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
