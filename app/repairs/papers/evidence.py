"""The evidence pack of a hazard case: what the law asked, what was done, every clock with its reasons.

For an Ombudsman, a court or an audit. It is sealed as every paper is; inside stands a table of digests, so
that what is printed can be held against what is kept. Nothing in it weighs how people live in their home.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.context import Context
from app.repairs.cases import words
from app.repairs.cases.reading import find_case
from app.repairs.cases.timeline import found_words
from app.repairs.cases.views import CaseView, DutyView, case_view
from app.repairs.days import Unit
from app.repairs.papers.common import paper
from app.repairs.papers.evidence_reading import MOST_CHANGES, Change, Digest, changes, digests
from app.repairs.photos.keeping import clean_bytes
from app.repairs.rules import ClockState
from app.repairs.words import skipped_sentence, unit_words
from app.report import (
    Block,
    Column,
    Document,
    Facts,
    Heading,
    KeyFigure,
    KeyFigures,
    Note,
    Picture,
    Table,
    Text,
)
from app.wording import date_year, file_words, local_date, money, plural, size
from models.repairs import WorkKind

STARTS = {
    "aware": "the moment we knew",
    "asked": "the tenant’s request",
    "concluded": "the end of the look",
}
MOST_WORDS = 240  # characters of a row in the timeline
NOT_KEPT = "The picture is not on this laptop"
Pictures = dict[str, bytes | None]  # by the id of the photo


def evidence(context: Context, options: dict[str, str]) -> Document:
    """The evidence pack: `case` is its id or reference; without, the open case due first. Raises NotFound."""

    def read(session: Session) -> tuple[CaseView, Pictures, list[Change], list[Digest], str]:
        view = case_view(session, find_case(session, options.get("case", "")), context.now())
        pictures = {one.id: clean_bytes(session, one.thumb_sha256) for one in view.photos}
        return view, pictures, changes(session, view), *digests(session, view)

    view, pictures, made, parts, whole = context.read(read)
    report = view.report
    blocks: list[Block] = [
        _figures(view),
        _facts(view),
        Heading("What the law asked, and what became of it"),
        *_duties(view),
        Heading("Why each date"),
        *_reasons(view),
        Heading("What happened, in order"),
        _timeline(view),
        *_looks(view),
        *_works(view),
        *_attempts(view),
        *_notices(view),
        *_escalations(view),
        *_photos(view, pictures),
        Heading("Who changed what"),
        *_changes(made),
        Heading("Digests"),
        *_digests(parts, whole),
    ]
    closed = f" Closed on {date_year(local_date(report.closed_at))}." if report.closed_at else ""
    return paper(
        context,
        f"Evidence: case {report.reference}",
        f"{words.hazard_title(report.hazard)}, {view.where}. {words.STATES[view.state]}.{closed}",
        report.reference,
        blocks,
    )


def _figures(view: CaseView) -> KeyFigures:
    asked = [one for one in view.duties if one.state is not ClockState.NOT_REQUIRED and not one.duty.outer]
    counts = Counter(one.state for one in asked)
    met = counts[ClockState.MET] + counts[ClockState.MET_LATE]
    late = len(view.breaches)
    return KeyFigures(
        (
            KeyFigure(f"{met} of {len(asked)}", "duties met", "those that fell away are not counted"),
            KeyFigure(str(late), "late", "overdue, or met after their date"),
            KeyFigure(str(len(view.records.attempts)), "attempts", "to get in or find a specialist"),
            KeyFigure(str(len(view.photos)), "photos", "each with its SHA-256"),
        )
    )


def _facts(view: CaseView) -> Facts:
    report = view.report
    pairs = [
        ("Case", report.reference),
        ("Home", view.where),
        ("UPRN", report.uprn or "Not known"),
        ("Tenant", report.tenant_name or "Not known"),
        ("Hazard reported", words.hazard_title(report.hazard)),
        ("How we came to know", words.TRIGGERS[report.trigger]),
        ("Reported", words.moment(report.reported_at)),
        ("We knew of it", f"{words.moment(report.aware_at)}: the clocks start here"),
        ("Taken by", report.officer_name),
        ("What was told", report.description or "Nothing was written down"),
    ]
    if report.tenancy_ref:
        pairs.insert(4, ("Tenancy", report.tenancy_ref))
    if view.repair_reference:
        pairs.insert(1, ("Repair", view.repair_reference))
    if report.location_details:
        pairs.append(("Where in the home", report.location_details))
    if report.made_safe_at:
        pairs.append(("Made safe", words.moment(report.made_safe_at)))
    if report.closed_at:
        pairs.append(("Closed", f"{words.moment(report.closed_at)} by {report.closed_by_name}"))
        pairs.append(("How it ended", report.closing_note))
    return Facts(pairs)


def _duties(view: CaseView) -> list[Block]:
    if not view.duties:
        day = date_year(local_date(view.report.aware_at))
        return [Text(f"No clock of the law runs for this hazard and home on {day}.")]
    rows = []
    for one in view.duties:
        done = words.moment(one.duty.met_at) if one.duty.met_at else one.duty.not_required or "Not done"
        if one.state is ClockState.WAITING:
            done = "Asked only if the safety work is missed"
        rows.append(
            (one.title, one.duty.rule_id, words.due(one.duty.deadline), done, words.DUTY_STATES[one.state])
        )
    made: list[Block] = [
        Table(
            (
                Column("Duty", width=2.0),
                Column("Rule", width=1.5),
                Column("Due", width=1.5),
                Column("Done", width=2.0),
                Column("Stands", width=1.1),
            ),
            rows,
        )
    ]
    unmet = view.report.unmet
    for one in view.duties:
        if one.delay_reason:
            made.append(Text(one.delay_reason, lead=f"Delay of {one.duty.rule_id}: the date did not move."))
        if one.duty.key in unmet:
            made.append(Text(unmet[one.duty.key], lead=f"{one.duty.rule_id} was not met, because:"))
    return made


def _reasons(view: CaseView) -> list[Block]:
    if not view.duties:
        return [Text("There is no date to explain.", tone="muted")]
    made: list[Block] = []
    for one in view.duties:
        deadline = one.duty.deadline
        made.append(Heading(f"{one.title} ({one.duty.rule_id}): {words.due(deadline)}", level=3))
        counted = unit_words(deadline.rule.amount, deadline.rule.unit)
        start = STARTS.get(deadline.rule.starts, "its start")
        day0 = f"{counted} from {start}, {words.moment(deadline.starts_at)}."
        if one.duty.waits:
            day0 = f"It has the date of the safety work: {counted} from {words.moment(deadline.starts_at)}."
        if deadline.rule.unit is Unit.HOURS or deadline.count is None:
            made.append(Text(f"{day0} Hours run through nights, weekends and bank holidays."))
        else:
            skipped = skipped_sentence(deadline.count, view.records.known.calendar)
            made.append(Text(f"{day0} That day is day 0; the due day counts to its end. {skipped}"))
        made.append(Text(deadline.source_line, tone="muted", small=True))
        if deadline.warning:
            made.append(Note("This date may move.", deadline.warning))
    return made


def _timeline(view: CaseView) -> Table:
    rows = [(words.moment(one.at), one.what, _short(one.more), one.by) for one in view.happenings]
    return Table(
        (
            Column("When", width=1.3),
            Column("What", width=1.8),
            Column("In words", width=2.8),
            Column("By", width=1.1),
        ),
        rows,
    )


def _short(text: str) -> str:
    """Words for a row; a whole letter stands further down."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_WORDS else f"{line[: MOST_WORDS - 1]}…"


def _looks(view: CaseView) -> list[Block]:
    made: list[Block] = [Heading("Looks")]
    if not view.records.looks:
        return [*made, Text("No look is planned or done.", tone="muted")]
    for look in view.records.looks:
        ended = look.concluded_at
        title = words.LOOKS[look.kind]
        pairs = [("Planned", words.moment(look.scheduled_at) if look.scheduled_at else "Not planned")]
        if look.asked_at:
            pairs.append(("Asked for", words.moment(look.asked_at)))
        pairs.append(("Ended", words.moment(ended) if ended else "Not yet"))
        pairs.append(("By", look.investigator_name or "Not named"))
        pairs.append(("How", "In person" if look.in_person else "Not in person"))
        if ended:
            told = found_words(view.records, look)
            pairs.append(("Found", f"{told[0].upper()}{told[1:]}"))
            pairs += [
                (words.hazard_title(one.hazard), one.notes) for one in view.hazards_of(look) if one.notes
            ]
            pairs.append(("Surveyor’s words", look.notes or "None"))
            sent = look.summary_sent_at
            pairs.append(("Findings sent", words.moment(sent) if sent else "Not sent"))
        made += [Heading(f"{title}, {words.moment(ended)}" if ended else title, level=3), Facts(pairs)]
    return made


def _works(view: CaseView) -> list[Block]:
    rows = []
    for one in view.records.works:
        kind = "Safety" if one.kind is WorkKind.SAFETY else "Lasting"
        planned = date_year(one.planned_on) if one.planned_on else ""
        steps = one.steps_at or one.begun_at
        done = words.moment(one.done_at) if one.done_at else "Not done"
        rows.append((kind, one.words, planned, words.moment(steps) if steps else "Not begun", done))
    columns = (
        Column("Kind", width=0.8),
        Column("Work", width=2.6),
        Column("Planned", width=1.2),
        Column("Begun", width=1.4),
        Column("Done", width=1.4),
    )
    return [Heading("Works"), Table(columns, rows, empty="No work was asked for.")]


def _attempts(view: CaseView) -> list[Block]:
    rows = [
        (words.moment(one.at), words.ATTEMPTS.get(one.outcome, one.outcome), one.words, one.by_name)
        for one in view.records.attempts
    ]
    columns = (
        Column("When", width=1.4),
        Column("What came of it", width=1.6),
        Column("In words", width=2.6),
        Column("By", width=1.1),
    )
    return [
        Heading("Attempts to get in, and to find a specialist"),
        Table(columns, rows, empty="No attempt failed, or none was written down."),
    ]


def _notices(view: CaseView) -> list[Block]:
    made: list[Block] = [Heading("What the tenant was told")]
    if not view.records.notices:
        return [*made, Text("Nothing was sent.", tone="muted")]
    for one in view.records.notices:
        title = f"{words.NOTICES[one.kind]}, by {words.METHODS[one.method]}"
        made.append(Heading(f"{title}: {words.moment(one.sent_at)}", level=3))
        made.append(Text(one.words))
        made.append(Text(f"Recorded by {one.sent_by_name}.", tone="muted", small=True))
    return made


def _escalations(view: CaseView) -> list[Block]:
    rows = []
    for one in view.records.escalations:
        what = one.accommodation or one.action_taken
        if one.compensation_pence:
            what = f"{money(one.compensation_pence)}. {what}"
        stage = words.STAGES[one.stage]
        if one.accepted is not None:
            stage = "accepted by the tenant" if one.accepted else "not accepted by the tenant"
        opened = one.opened_on
        rows.append((words.ESCALATIONS[one.kind], one.escalated_to, date_year(opened), what, stage))
    columns = (
        Column("What", width=1.4),
        Column("To", width=1.2),
        Column("Opened", width=1.2),
        Column("In words", width=2.4),
        Column("Stands", width=1.2),
    )
    return [Heading("Taken further"), Table(columns, rows, empty="It was not taken further.")]


def _photos(view: CaseView, pictures: Pictures) -> list[Block]:
    made: list[Block] = [Heading("Photos")]
    if not view.photos:
        return [*made, Text("No photo was taken.", tone="muted")]
    for one in view.photos:
        thumb = pictures.get(one.id)
        facts = f"{one.width} × {one.height}, {size(one.size)}. SHA-256 of the picture as kept: {one.sha256}"
        if thumb is None:
            made.append(Text(f"{file_words(one.where) or NOT_KEPT}. {facts}", lead=f"{one.name}."))
            continue
        made.append(Picture(thumb, one.name, f"{one.name}. {facts}", 0.3))
    return made


def _changes(made: Sequence[Change]) -> list[Block]:
    shown = made[:MOST_CHANGES]
    rows = [(words.moment(one.at), one.who, one.part, one.what) for one in shown]
    columns = (
        Column("When", width=1.4),
        Column("Who", width=1.1),
        Column("Which record", width=1.8),
        Column("What", width=2.6),
    )
    left = len(made) - len(shown)
    told: list[Block] = [
        Table(columns, rows, empty="This laptop knows of no change."),
        Text(
            "What this laptop knows of every change, whoever made it. State, target and dates that follow "
            "from other changes are left out.",
            tone="muted",
            small=True,
        ),
    ]
    return [*told, Text(f"{plural(left, 'later change')} left out here.")] if left else told


def _digests(parts: Sequence[Digest], whole: str) -> list[Block]:
    columns = (Column("Part", width=0.8), Column("What", width=1.8), Column("SHA-256", width=3.6))
    rows = [(one.part, one.what, one.sha256) for one in parts]
    return [
        Text(
            "Each line is the SHA-256 of a record’s fields as they are kept (canonical JSON, UTF-8); the "
            "last is that of the lines above it, one under the other. A change of any record changes both."
        ),
        Table(columns, rows, total=("Case", plural(len(parts), "part"), whole)),
        Note(
            "Sealed.",
            "A laptop that has joined the council seals this file: “holdall-cli verify FILE” says whether "
            "a byte of it was changed, and whose laptop made it.",
        ),
    ]


def breach_words(view: CaseView) -> list[str]:
    """Each duty that is late or was met late, in a sentence; worked out, never typed."""
    return [f"{one.title}: {one.line}" for one in _late(view.breaches)]


def _late(found: Sequence[DutyView]) -> list[DutyView]:
    return sorted(found, key=lambda one: one.duty.due_at)
