"""What an officer makes of somebody's words: a leaf chosen, an emergency recorded, a danger that is none.

Every act leaves what was heard in `Repair.heard`, so that rules and ranking can be tuned on it later.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.errors import HoldallError, NotFound
from app.repairs import flow, service
from app.repairs.records import author_of, now_of, repair_of
from app.repairs.text.checking import heard_in, must_be_settled, settled_of
from app.repairs.text.normalise import read_words
from app.repairs.text.ranking import index_of
from app.repairs.text.tripwires import Reason
from app.repairs.tree import HEARD, heard_exit
from app.repairs.trees import tree_of
from models.changes import Changed
from models.repairs import Repair

NONE_OF_THESE = ""
_MOST_WORDS = 200  # characters, as models.repairs.Emergency keeps them


def choose(session: Session, repair_id: str, outcome: str = NONE_OF_THESE) -> Changed:
    """Finishes the page of their words: the leaf that was chosen fills in the answers it settles.

    With "" none of the leaves was meant and the questions are asked. Raises WordsUnsettled while a danger in
    the words is not answered, NotFound for a leaf that the words do not offer.
    """
    repair = repair_of(session, repair_id)
    must_be_settled(session, repair)
    tree = tree_of(session, repair)
    leaves = index_of(tree).rank(read_words(repair.description), repair.answers)
    chosen = next((leaf for leaf in leaves if leaf.outcome == outcome), None)
    if outcome and chosen is None:
        raise NotFound("Their words do not point to this repair any more.", "Choose another, or ask on.")
    repair.heard = {
        **(repair.heard or {}),
        "words": repair.description,
        "rules": [_kept(reason) for reason in heard_in(repair)],
        "offered": [{"outcome": leaf.outcome, "score": round(100 * leaf.score)} for leaf in leaves],
        "chosen": outcome,
        "answers": dict(chosen.answers) if chosen else {},
    }
    changed = Changed.of(repair)
    if chosen is not None:
        changed |= service.answer_all(session, repair_id, chosen.answers)
    return changed | service.finish_step(session, repair_id, flow.DESCRIPTION)


def record(session: Session, repair_id: str, rule: str) -> Changed:
    """Records the emergency that a rule heard in the description, as one that was noticed now.

    Raises NotFound when the words tell of it no more.
    """
    repair = repair_of(session, repair_id)
    reason = _heard(repair, rule)
    tree = tree_of(session, repair)
    before = repair.answers.get(tree.start, "")
    plain = before if not heard_exit(before) else (repair.heard or {}).get("before", "")
    repair.heard = {
        **(repair.heard or {}),
        "words": repair.description,
        "rules": [_kept(each) for each in heard_in(repair)],
        "before": plain,
    }
    changed = service.leave_by(session, repair, f"{HEARD}{reason.exit}")
    emergency = service.open_emergency(session, repair_id)
    if emergency is not None:
        emergency.heard_rule, emergency.heard_words = reason.rule, reason.words[:_MOST_WORDS]
        changed |= Changed.of(emergency)
    return changed


def settle(session: Session, repair_id: str, rule: str, why: str) -> Changed:
    """Keeps why what a rule heard is no emergency, with who says so and when.

    Raises HoldallError without a reason, NotFound when the words tell of it no more.
    """
    repair = repair_of(session, repair_id)
    why = " ".join(why.split())
    if not why:
        raise HoldallError("There is no reason yet.", "Say in a few words why it is no emergency.")
    reason = _heard(repair, rule)
    entry = {
        "rule": reason.rule,
        "words": reason.words,
        "why": why[:_MOST_WORDS],
        "by": author_of(session).name,
        "at": now_of(session).isoformat(),
    }
    repair.heard = {**(repair.heard or {}), "settled": [*settled_of(repair), entry]}
    return Changed.of(repair)


def _heard(repair: Repair, rule: str) -> Reason:
    reason = next((each for each in heard_in(repair) if each.rule == rule), None)
    if reason is None:
        raise NotFound("Their words do not tell of this any more.", "Read them once more.")
    return reason


def _kept(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "level": reason.level.value,
        "words": reason.words,
        "lowered": reason.lowered,
    }
