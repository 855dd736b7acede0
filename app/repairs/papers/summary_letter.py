"""The written summary of a look on paper: what the law asks it to say, in plain words."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError, NotFound
from app.repairs.cases.letters import Letter, letter_of
from app.repairs.cases.reading import find_case
from app.repairs.cases.views import CaseView, case_view
from app.repairs.papers.common import paper
from app.report import Block, Bullets, Column, Document, Facts, Heading, Note, Table, Text
from app.wording import date_year
from models.repairs import Investigation


def summary_letter(context: Context, options: dict[str, str]) -> Document:
    """The findings of a look: `case` is an id or a reference, `look` an id; without, the newest look of the
    case due first. Raises HoldallError, naming what is missing, while a required part is."""

    def read(session: Session) -> CaseView:
        return case_view(session, find_case(session, options.get("case", "")), context.now())

    view = context.read(read)
    look = _look(view, options.get("look", ""))
    letter = letter_of(view, look, context.council, context.today())
    return paper(
        context,
        "What we found in your home",
        f"Written on {date_year(letter.written_on)}",
        letter.reference,
        blocks(letter),
    )


def _look(view: CaseView, wanted: str) -> Investigation:
    ended = [one for one in view.ended if wanted in ("", one.id)]
    if not ended and wanted:
        raise NotFound(f"There is no look “{wanted[:40]}” in this case.", "Leave it out for the newest.")
    if not ended:
        raise HoldallError(
            f"No look of case {view.report.reference} has ended, so there are no findings.",
            "Write down what the look found first.",
        )
    return ended[-1]


def blocks(letter: Letter) -> list[Block]:
    """The letter as blocks of a paper."""
    made: list[Block] = [
        Facts([("To", letter.name), ("Home", letter.address), ("Our reference", letter.reference)]),
        Text(f"Dear {letter.name},"),
        Text(letter.looked),
        Heading("What we found"),
        Text(letter.finding, lead=""),
    ]
    if letter.findings:
        made.append(Bullets(letter.findings))
    if letter.surveyor:
        made.append(Text(letter.surveyor, lead="The surveyor wrote:"))
    if letter.steps:
        made += [
            Heading("What we do, and by when"),
            Table(
                (Column("What we do", width=2.6), Column("Why", width=1.6), Column("By", width=1.8)),
                [(one.what, one.kind, one.by) for one in letter.steps],
            ),
        ]
    else:
        made += [Heading("Why no work follows"), Text(letter.why_none)]
    made += [
        Heading("What happens next"),
        Bullets(letter.next),
        Heading("How to reach us"),
        Text(letter.contact),
        Note("Why you get this letter", letter.law),
    ]
    return made
