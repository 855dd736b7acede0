"""What a person is told about an operation that the server refused: a sentence, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.base import fields_of, policy_of, record_types
from models.taking import said
from models.types import Pence
from sync.wire import Code

WHOLE, TRASH = "*", "deleted"  # what a conflict over a whole sealed record, over a removal, names as field


@dataclass(frozen=True)
class Sentence:
    """A refusal in words: what happened, what to do."""

    title: str
    advice: str


def refusal(code: str | None, detail: Mapping[str, Any] | None, type_name: str) -> Sentence:
    """The words for a rejection code on a record of a type; a code of a newer server gets words too."""
    given = detail or {}
    thing = title_of(type_name)
    if code == Code.TAKEN:
        return _taken(given, thing)
    if code == Code.TOO_LATE:
        return _too_late(given, thing)
    if code == Code.FROZEN:
        parent = title_of(str(given.get("parent", "")))
        return Sentence(
            f"This {thing} belongs to a {parent} that is {given.get('state', 'closed')}.",
            f"Have the {parent} reopened, then send this again; or give it up.",
        )
    if code == Code.STALE_STATE:
        return _stale(given, thing)
    if code == Code.FORBIDDEN:
        return _forbidden(given, thing)
    if code == Code.DEPENDENCY_REJECTED and "missing" in given:
        return Sentence(
            f"This {thing} rests on a {title_of(str(given['missing']))} that the server does not have yet.",
            "It is sent again by itself once another laptop has brought that; or let it go.",
        )
    words = _FIXED.get(str(code))
    if words is None:
        return Sentence(
            f"The server did not take this {thing} ({code}).",
            "Your words are kept here. Try again, or export them.",
        )
    return Sentence(
        words[0].format(thing=thing, field=_field(given)), words[1].format(thing=thing, field=_field(given))
    )


def lost(resource: str, late: bool, last: Any = None) -> str:
    """Why a wish is lost, as it stands in the record: nothing that was asked for had room, or (`late`) what
    had lies after the last day that was allowed."""
    name = title_of(resource)
    if late:
        return f"No {name} that was asked for has a place left by {said(last)}."
    return f"Every {name} that was asked for was taken by somebody else first."


def title_of(type_name: str) -> str:
    """What a person calls a record of this type."""
    return policy_of(type_name).title if type_name in record_types() else "record"


def _taken(given: Mapping[str, Any], thing: str) -> Sentence:
    resource = str(given.get("resource", ""))
    left = int(given.get("left") or 0)
    amount = f"{left:,}"
    if resource in record_types():
        column = fields_of(resource).get(str(given.get("field")))
        if column is not None and isinstance(column.type, Pence):
            amount = f"£{left // 100:,}.{left % 100:02d}"
    name = title_of(resource)
    if given.get("field") == "deleted":
        return Sentence(
            f"A colleague has taken from this {name} since, so it cannot be removed.",
            "Have that taken back first, then send this again; or give it up.",
        )
    if left == 0:
        return Sentence(
            f"A colleague was there first: nothing is left of this {name}.",
            f"Choose another {name} for this {thing}, or give it up.",
        )
    return Sentence(
        f"A colleague was there first: {amount} is left of this {name}, and this {thing} asks for more.",
        f"Ask for {amount} or less, choose another {name}, or give it up.",
    )


def _too_late(given: Mapping[str, Any], thing: str) -> Sentence:
    name = title_of(str(given.get("resource", "")))
    return Sentence(
        f"This {name} lies after the last day for this {thing}: {said(given.get('latest'))}.",
        f"Choose an earlier {name}, or have a later day agreed first.",
    )


def _stale(given: Mapping[str, Any], thing: str) -> Sentence:
    state, wanted = given.get("state"), given.get("wanted")
    if state is None:
        return Sentence(
            f"A new {thing} cannot begin as “{wanted}”.", "Begin at the first step, then send it again."
        )
    return Sentence(
        f"This {thing} is “{state}” by now, so it cannot become “{wanted}”.",
        "Look at what a colleague did, and do the next step from there; or give yours up.",
    )


def _forbidden(given: Mapping[str, Any], thing: str) -> Sentence:
    needs = given.get("needs")
    if isinstance(needs, list):
        return Sentence(
            f"Your account may not change this {thing}: it needs the role {' or '.join(map(str, needs))}.",
            "Ask a colleague who has it, or your lead; your words are kept here.",
        )
    return Sentence(
        f"Your account may not write this {thing} any more.",
        "Ask your lead to restore your access, then send it again; your words are kept here.",
    )


def field_words(name: str) -> str:
    """A column's name as words: "due_at" reads "due at"; the whole record and its removal by name."""
    if name == WHOLE:
        return "record"
    if name == TRASH:
        return "removal"
    return name.removesuffix("_id").removesuffix("_pence").removesuffix("_json").replace("_", " ")


def _field(given: Mapping[str, Any]) -> str:
    return field_words(str(given.get("field", "value")))


_FIXED: Mapping[str, tuple[str, str]] = {
    Code.SECOND_PERSON: (
        "Two people look at this {thing}, and both steps came from you.",
        "Leave it to a colleague: it stays as it is until they make the step on their laptop.",
    ),
    Code.WRITTEN_ONCE: (
        "The {field} of this {thing} is written once, and a colleague has written it.",
        "Keep theirs, or add a new {thing} that puts it right.",
    ),
    Code.RECORD_DELETED: (
        "This {thing} has gone to the trash meanwhile.",
        "Bring it back from the trash and send yours again, or give yours up.",
    ),
    Code.SCOPE_LEFT: (
        "This {thing} belongs to another team by now.",
        "Ask that team to make the change; your words are kept here.",
    ),
    Code.VALIDATION: (
        "The server could not read the {field} of this {thing}.",
        "Put it right here, then send it again.",
    ),
    Code.UNKNOWN_TYPE: (
        "The server is older than this laptop and does not know what a {thing} is.",
        "It is kept here. Ask IT to update the server, then send it again.",
    ),
    Code.SCHEMA_TOO_NEW: (
        "The server is older than this laptop and does not know the {field} of a {thing}.",
        "It is kept here. Ask IT to update the server, then send it again.",
    ),
    Code.PAYLOAD_TOO_LARGE: (
        "This {thing} is too large to send.",
        "Shorten it or split it into two, then send it again.",
    ),
    Code.DEPENDENCY_REJECTED: (
        "This {thing} hangs on another change that was refused.",
        "Put that one right first; the two are sent again together.",
    ),
    Code.QUOTA: (
        "Your council's room on the server is used up.",
        "It is kept here. Ask IT for more room, then send it again.",
    ),
    Code.BLOB_MISSING: (
        "A photo that this {thing} names never reached the server.",
        "Add the photo again, then send it again.",
    ),
}
