"""The slip a tenant takes home: what happens next, by when and why, and what to ring."""

from __future__ import annotations

from datetime import datetime

from app.context import Context
from app.errors import HoldallError
from app.repairs import words
from app.repairs.papers.common import boxes_note, find_repair, paper
from app.repairs.papers.visit_words import ASKED, booked_words, wishes_words
from app.repairs.tenant_words import missed_date
from app.repairs.views import RepairView, repair_view
from app.report import Block, Bullets, Code, Document, Facts, Heading, KeyFigure, KeyFigures, Note, Text
from app.wording import clock_time, date_year, day_month, local_date, plural


def slip(context: Context, options: dict[str, str]) -> Document:
    """The tenant's slip for one repair: `repair` is its id or reference; the newest promised one without.

    Raises NotFound when there is none.
    """
    wanted = options.get("repair", "")
    found = context.read(lambda s: repair_view(s, find_repair(s, wanted, "slip"), context.today()))
    return slip_of(found, context)


def slip_of(repair: RepairView, context: Context) -> Document:
    """The slip of a repair that was read; says "asked for" until a visit is confirmed."""
    council = context.council
    if repair.first is None and repair.path.way.exit is None:
        raise HoldallError("This repair has no date yet.", "Answer the questions, then print the slip.")
    blocks = (
        _emergency_slip(repair, council.repairs_telephone)
        if repair.emergency
        else _promise_slip(repair, council.repairs_telephone, context.now())
    )
    code = Code(
        f"{repair.reference}\n{council.repairs_telephone}",
        repair.reference,
        [f"Repairs, {council.name}: {council.repairs_telephone}", "Say this reference when you ring."],
    )
    blocks = [*blocks, _slip_facts(repair), *boxes_note(repair.description), code]
    return paper(context, "Your repair", repair.title, repair.reference, blocks)


def _promise_slip(repair: RepairView, telephone: str, now: datetime) -> list[Block]:
    first = repair.first
    if first is None:
        return [Text(words.exit_words(repair.path.way.exit, telephone))] if repair.path.way.exit else []
    blocks: list[Block] = [
        KeyFigures(
            [
                KeyFigure(day_month(first.due_on), first.rule.promise, words.due_words(first)),
                KeyFigure(repair.reference, "your reference", "say it when you ring"),
            ]
        ),
        Heading("What happens next"),
        Bullets(_next_steps(repair, telephone, now), numbered=True),
        Heading("Why this date"),
        Text(f"{words.how_counted(first)[0].upper()}{words.how_counted(first)[1:]}."),
    ]
    if first.count is not None:
        blocks.append(Text(words.skipped_sentence(first.count, repair.tables.calendar)))
    blocks.append(Text(first.source_line, tone="muted", small=True))
    if first.warning:
        blocks.append(Note("This date may move", first.warning))
    return [
        *blocks,
        Note("If it gets worse", f"Ring {telephone}, day or night. If you smell gas, ring 0800 111 999."),
    ]


def _next_steps(repair: RepairView, telephone: str, now: datetime) -> list[str]:
    first, missed = repair.first, missed_date(repair, now)
    steps = [words.reason_text(first, repair.trade, "You")] if first else []
    visit = repair.visit
    tell = f"a text to {repair.telephone}" if repair.text_allowed and repair.telephone else "a call"
    if visit is None:
        steps.append("We ring you to agree a day.")
    elif visit.booked:
        steps.append(f"A visit is booked: {booked_words(visit)}.")
    elif visit.state in ASKED:
        steps.append(f"You asked for: {wishes_words(visit)}. This is not booked yet: it is requested.")
        steps.append(f"You get {tell} once a visit is booked.")
    else:
        steps.append("The day you asked for has gone. Nothing is booked: we ring you to agree another.")
    if missed is not None:
        late = (
            f"We promised to {missed.rule.duty} by {words.due_short(missed)}, and we have not. We are sorry."
        )
        return [*steps, f"{late} Ring {telephone}, say your reference and ask when we come."]
    by = f"by {words.due_short(first)}" if first else "in time"
    steps.append(f"If nobody has come {by}, ring {telephone} and say your reference.")
    return steps


def _emergency_slip(repair: RepairView, telephone: str) -> list[Block]:
    exit_ = repair.path.way.exit
    emergency = repair.emergency
    if exit_ is None or emergency is None:
        return []
    number = emergency.number or exit_.number.replace("{council}", telephone)
    blocks: list[Block] = [
        KeyFigures([KeyFigure(number, f"ring this now: {exit_.who}", "ring 999 if somebody is hurt")]),
        Heading("Do this"),
        Bullets(list(exit_.do)),
    ]
    if exit_.do_not:
        blocks += [Heading("Do not do this"), Bullets(list(exit_.do_not))]
    if repair.first is not None:
        blocks.append(Text(f"We make it safe by {words.due_words(repair.first)}."))
    return blocks


def _slip_facts(repair: RepairView) -> Facts:
    pairs = [
        ("Reference", repair.reference),
        ("Address", repair.where or "Not given"),
        ("Told us", f"{date_year(local_date(repair.reported_at))} at {clock_time(repair.reported_at)}"),
        ("Taken by", repair.officer),
    ]
    if repair.description:
        pairs.append(("What you told us", repair.description))
    if repair.photos:
        pairs.append(("Photos", f"{plural(len(repair.photos), 'photo')}, with the place data taken out"))
    return Facts(pairs)
