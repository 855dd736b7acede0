"""What an officer does with a repair. Each function takes a write session and returns what changed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs import flow, people, rules, words
from app.repairs.dated_tables import tables_at
from app.repairs.people import household_at, months_later
from app.repairs.places import new_reference, place_key, tidy_email, tidy_postcode, tidy_telephone
from app.repairs.promises import deadlines_of, meet_all, situation_of, write_clocks
from app.repairs.records import author_of, now_of, repair_of
from app.repairs.text.checking import must_be_settled
from app.repairs.tree import TreeExit, Way, heard_exit
from app.repairs.trees import active_tree, exit_of, tree_of
from app.repairs.visits import withdraw_visit
from models.base import mark_deleted
from models.changes import Changed
from models.repairs import (
    EXITS,
    Disclosure,
    Emergency,
    Kind,
    Outcome,
    Property,
    Repair,
    State,
)

__all__ = ["deadlines_of", "household_at", "months_later", "situation_of"]  # the same face as ever
AUTOSAVED = frozenset(
    {
        "description",
        "tenant_name",
        "address",
        "postcode",
        "telephone",
        "text_allowed",
        "email",
        "email_allowed",
    }
)
SIDE_STATES = {"emergency": State.EMERGENCY_DIVERTED, "not_eligible": State.NOT_ELIGIBLE}


@dataclass(frozen=True)
class Begun:
    """A repair that was just begun."""

    repair_id: str
    changed: Changed


def begin(session: Session, property_id: str | None = None) -> Begun:
    """A new repair that is asked about from now on; the clocks start at this moment."""
    author, now = author_of(session), now_of(session)
    repair = Repair(
        reference=new_reference(secrets.randbelow),
        officer_id=author.user_id,
        officer_name=author.name,
        tree_version=active_tree(session).version,
        reported_at=now,
        aware_at=now,
        answers={},
        done_steps=[],
        risks=[],
        kind=Kind.TENANT,
    )
    session.add(repair)
    home = session.get(Property, property_id) if property_id else None
    if home is not None:
        _take_home(repair, home)
    return Begun(repair.id, Changed.of(repair))


def discard_empty(session: Session, repair_id: str) -> Changed:
    """Takes away a repair that was begun and left before anything was said; any other one stays."""
    repair = repair_of(session, repair_id)
    if repair.state is not State.DRAFT or repair.answers or repair.address or repair.description:
        return Changed()
    mark_deleted(repair)
    return Changed.of(repair)


def answer(session: Session, repair_id: str, question_id: str, value: str) -> Changed:
    """Gives an answer to a question of the tree; later answers that no longer fit are kept aside.

    An answer that leaves triage moves the repair to the exit's state and, in an emergency, leaves a record
    of the moment. Raises HoldallError for a repair that is saved already.
    """
    repair = repair_of(session, repair_id)
    question = tree_of(session, repair).questions.get(question_id)
    if question is None or question.answer(value) is None:
        raise NotFound(f"The question “{question_id}” has no answer “{value}”.", "Choose one of the list.")
    _must_be_draft(repair)
    repair.answers = {**repair.answers, question_id: value}
    if question_id == "kind" and value in set(Kind):
        repair.kind = Kind(value)
    return Changed.of(repair) | _derive(session, repair)


def answer_all(session: Session, repair_id: str, answers: Mapping[str, str]) -> Changed:
    """Gives several answers at once, as a leaf chosen from somebody's words settles them."""
    repair = repair_of(session, repair_id)
    questions = tree_of(session, repair).questions
    _must_be_draft(repair)
    known = {q: v for q, v in answers.items() if q in questions and questions[q].answer(v) is not None}
    repair.answers = {**repair.answers, **known}
    return Changed.of(repair) | _derive(session, repair)


def leave_by(session: Session, repair: Repair, heard: str) -> Changed:
    """Leaves triage by an exit that was heard in somebody's words ("heard:gas")."""
    _must_be_draft(repair)
    repair.answers = {**repair.answers, tree_of(session, repair).start: heard}
    return Changed.of(repair) | _derive(session, repair)


def take_back_answer(session: Session, repair_id: str, question_id: str) -> Changed:
    """Takes one answer back, as after a danger that was none; an emergency it led to stays on record.

    In place of an exit that was heard in their words stands the answer that was given before.
    """
    repair = repair_of(session, repair_id)
    _must_be_draft(repair)
    answers = {key: value for key, value in repair.answers.items() if key != question_id}
    before = (repair.heard or {}).get("before", "") if heard_exit(repair.answers.get(question_id, "")) else ""
    repair.answers = {**answers, question_id: before} if before else answers
    return Changed.of(repair) | _derive(session, repair)


def _must_be_draft(repair: Repair) -> None:
    if repair.state not in (State.DRAFT, *EXITS):
        raise HoldallError(
            f"Repair {repair.reference} is saved.",
            "Open it for changes first: its dates are worked out anew.",
        )


def _derive(session: Session, repair: Repair) -> Changed:
    """Works out title, outcome, exit and dates from the answers."""
    way = tree_of(session, repair).way(repair.answers)
    repair.title = words.title_of(way)
    repair.exit = way.exit.id if way.exit else None
    repair.outcome = way.outcome.id if way.outcome else None
    repair.code = way.outcome.code if way.outcome else None
    repair.trade = way.outcome.trade if way.outcome else None
    changed = _leave(session, repair, way)
    dates = deadlines_of(session, repair)
    first = rules.earliest(dates)
    repair.target_at = first.due_at if first else None
    repair.target_rule = first.rule.id if first else None
    repair.hazard = way.exit.hazard or None if way.exit else None
    repair.band = "emergency" if way.exit and way.exit.emergency else None
    if way.outcome is not None:
        promised = rules.promise(situation_of(session, repair), tables_at(session))
        repair.band, repair.hazard = promised.band, promised.hazard or None
    return changed


def _leave(session: Session, repair: Repair, way: Way) -> Changed:
    """Moves the repair in or out of a side exit, and records an emergency when one was just noticed."""
    wanted = State.DRAFT if way.exit is None else SIDE_STATES.get(way.exit.kind, State.CONTACT_US)
    if repair.state != wanted and repair.state != State.DRAFT:
        repair.state = State.DRAFT
        session.flush()
    repair.state = wanted
    open_one = open_emergency(session, repair.id)
    changed = Changed()
    if open_one is not None and (way.exit is None or open_one.exit != way.exit.id):
        changed = _settle(session, open_one, Outcome.RETRACTED)
        open_one = None
    if way.exit is not None and way.exit.emergency and open_one is None:
        changed |= record_emergency(session, repair, way.exit)
    return changed


def record_emergency(session: Session, repair: Repair, exit_: TreeExit) -> Changed:
    """Leaves a record that an emergency was noticed now, with the number to give and its clocks."""
    author, now = author_of(session), now_of(session)
    record = Emergency(
        repair_id=repair.id,
        exit=exit_.id,
        title=exit_.title,
        noticed_at=now,
        noticed_by=author.user_id,
        noticed_by_name=author.name,
    )
    session.add(record)
    dates = rules.emergency_deadlines(repair.aware_at, exit_.hazard, repair.kind, tables_at(session))
    return Changed.of(record) | write_clocks(session, repair, dates)


def open_emergency(session: Session, repair_id: str) -> Emergency | None:
    """The emergency of a repair that nobody has settled yet, or None."""
    session.flush()
    statement = select(Emergency).where(
        Emergency.repair_id == repair_id, Emergency.outcome.is_(None), Emergency.deleted.is_(False)
    )
    return session.scalars(statement.order_by(Emergency.noticed_at.desc()).limit(1)).first()


def settle_emergency(session: Session, repair_id: str, outcome: Outcome, number: str = "") -> Changed:
    """Records what came of the emergency call: the number was given, or the call was cut off.

    `number` is the number as it was read out; it is kept only when it was. Raises NotFound when no emergency
    is open.
    """
    record = open_emergency(session, repair_id)
    if record is None:
        raise NotFound("This repair has no emergency that is still open.", "Its record stands already.")
    if outcome is Outcome.GIVEN:
        exit_ = exit_of(active_tree(session), record.exit)
        record.number = number or (exit_.number if exit_ else None)
    return _settle(session, record, outcome) | Changed.of(repair_of(session, repair_id))


def _settle(session: Session, record: Emergency, outcome: Outcome) -> Changed:
    author = author_of(session)
    record.outcome = outcome
    record.given_at = now_of(session)
    record.given_by = author.user_id
    record.given_by_name = author.name
    return Changed.of(record)


# -- the steps beside the tree ---------------------------------------------------------------------


def note(session: Session, repair_id: str, fields: Mapping[str, Any]) -> Changed:
    """Keeps what is being typed, as it stands: nothing is checked but that it can be kept."""
    repair = repair_of(session, repair_id)
    for name, value in fields.items():
        if name not in AUTOSAVED:
            raise KeyError(name)
        setattr(repair, name, value)
    if fields.keys() & {"address", "postcode"}:
        repair.place_key = place_key(repair.address, repair.postcode)
    return Changed.of(repair)


def choose_home(session: Session, repair_id: str, property_id: str) -> Changed:
    """Takes address, name and telephone from the council's own list."""
    repair, home = repair_of(session, repair_id), session.get(Property, property_id)
    if home is None:
        raise NotFound("This home is not in the list any more.", "Type the address instead.")
    _take_home(repair, home)
    return Changed.of(repair) | people.keep(session, repair)


def _take_home(repair: Repair, home: Property) -> None:
    repair.property_id = home.id
    repair.address, repair.postcode, repair.place_key = home.address, home.postcode, home.place_key
    if repair.kind != Kind.COMMUNAL:
        repair.tenant_name, repair.telephone = home.tenant_name, home.telephone


def address_problems(
    address: str, postcode: str, tenant_name: str, telephone: str, email: str = ""
) -> dict[str, str]:
    """What to put right on the address page, by field; empty when it can go on."""
    problems: dict[str, str] = {}
    if not tenant_name.strip():
        problems["tenant_name"] = "Write who told us"
    if not address.strip():
        problems["address"] = "Write the house number and street"
    for field, check, value in (
        ("postcode", tidy_postcode, postcode),
        ("telephone", tidy_telephone, telephone),
        ("email", tidy_email, email),
    ):
        try:
            check(value)
        except HoldallError as error:
            problems[field] = error.advice.rstrip(".")
    return problems


def finish_address(session: Session, repair_id: str) -> Changed:
    """Marks the address page done, with postcode, telephone and e-mail in their one shape.

    Raises HoldallError with the first thing to put right; what was typed stays.
    """
    repair = repair_of(session, repair_id)
    problems = address_problems(
        repair.address, repair.postcode, repair.tenant_name, repair.telephone, repair.email
    )
    if problems:
        raise HoldallError("The address is not complete.", ". ".join(problems.values()) + ".")
    repair.postcode, repair.telephone = tidy_postcode(repair.postcode), tidy_telephone(repair.telephone)
    repair.email = tidy_email(repair.email)
    repair.email_allowed = repair.email_allowed and bool(repair.email)
    repair.place_key = place_key(repair.address, repair.postcode)
    return finish_step(session, repair_id, flow.ADDRESS) | people.keep(session, repair)


def finish_step(session: Session, repair_id: str, step: str) -> Changed:
    """Marks a page beside the tree as done."""
    repair = repair_of(session, repair_id)
    if step not in repair.done_steps:
        repair.done_steps = [*repair.done_steps, step]
    return Changed.of(repair)


def set_household(
    session: Session,
    repair_id: str,
    disclosure: Disclosure,
    risks: Sequence[str] = (),
    in_words: str = "",
    consent: bool = False,
    finish: bool = True,
) -> Changed:
    """Records who lives there (app.repairs.people) and works the dates out anew.

    `finish` is False while boxes are still being ticked.
    """
    repair = repair_of(session, repair_id)
    changed = people.record(session, repair, disclosure, risks, in_words, consent)
    if finish:
        finish_step(session, repair_id, flow.HOUSEHOLD)
    return changed | _derive(session, repair)


def take_kept_household(session: Session, repair_id: str) -> Changed:
    """What an earlier call was told about who lives there is still so."""
    repair = repair_of(session, repair_id)
    return (
        people.take_kept(session, repair)
        | finish_step(session, repair_id, flow.HOUSEHOLD)
        | _derive(session, repair)
    )


def end_kept_household(session: Session, repair_id: str) -> Changed:
    """What an earlier call was told about who lives there is not so any more: it is not kept."""
    repair = repair_of(session, repair_id)
    return Changed.of(repair) | people.end_kept(session, repair)


# -- the promise -----------------------------------------------------------------------------------


def save_repair(session: Session, repair_id: str) -> Changed:
    """Makes the promise: the repair is ready for the people who mend, its clocks are written down.

    Raises WordsUnsettled while their words tell of a danger that is neither on record nor settled.
    """
    repair = repair_of(session, repair_id)
    if repair.state is not State.DRAFT:
        raise HoldallError(
            f"Repair {repair.reference} is saved already.", "There is nothing left to do here."
        )
    if not repair.address.strip():
        raise HoldallError("This repair has no address yet.", "Choose the home, then save the repair.")
    dates = deadlines_of(session, repair)
    if not dates:
        raise HoldallError("The questions are not answered yet.", "Go on asking: the date follows.")
    must_be_settled(session, repair)
    changed = write_clocks(session, repair, dates)
    repair.target_at, repair.target_rule = dates[0].due_at, dates[0].rule.id
    repair.state = State.READY
    return changed | Changed.of(repair)


def reopen(session: Session, repair_id: str) -> Changed:
    """Opens a saved repair for changes; it is promised anew when it is saved."""
    repair = repair_of(session, repair_id)
    repair.state = State.DRAFT
    return Changed.of(repair)


def complete(session: Session, repair_id: str, closing_note: str = "") -> Changed:
    """The repair is done; its clocks are met now."""
    repair, now = repair_of(session, repair_id), now_of(session)
    repair.state, repair.completed_at, repair.closing_note = State.COMPLETED, now, closing_note.strip()
    return meet_all(session, repair, now)


def cancel(session: Session, repair_id: str, reason: str = "") -> Changed:
    """The repair is not wanted any more; its visit is taken back."""
    repair = repair_of(session, repair_id)
    changed = withdraw_visit(session, repair_id)
    repair.state, repair.closing_note = State.CANCELLED, reason.strip()
    return changed | Changed.of(repair)
