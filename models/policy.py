"""What a slice declares about its records: how fields merge, which moves are legal, what is limited.

The same declaration is read by capture and undo on the laptop, by the screens, by the client's merge and
by the server, so a rule is written once and holds everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from models.errors import MoveRefused
from models.roles import OFFICE, PEOPLE, Role


class Merge(StrEnum):
    """How a field that two laptops changed apart comes together."""

    LWW = "lww"  # the later writer wins, the other value stays visible as a settled conflict
    ASK = "ask"  # the server's value stays until a person decides
    GUARD = "guard"  # a rule decides: the later change is refused with a reason
    SET = "set"  # a list of elements: additions and removals by element
    DELTA = "delta"  # a number: the changes are added up
    MAX = "max"  # a number or moment that only grows
    MIN = "min"  # a number or moment that only shrinks
    APPEND = "append"  # written once with a child record, never changed
    TEXT = "text"  # running text, merged by block and sentence
    ONCE = "once"  # written once; a second, different value is refused
    SEALED = "sealed"  # ciphertext; replaced as a whole by its owner


ANY_ROLE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Step:
    """One legal move of a state, the roles that may make it (none named: everybody), and the column that
    names a person who must not be the mover, for two pairs of eyes; `names` is the column that the mover
    signs with their own id."""

    before: str
    after: str
    roles: frozenset[str] = ANY_ROLE
    distinct_from: str | None = None
    names: str | None = None

    def __init__(
        self,
        before: str,
        after: str,
        roles: Iterable[str] = (),
        distinct_from: str | None = None,
        names: str | None = None,
    ) -> None:
        object.__setattr__(self, "before", str(before))
        object.__setattr__(self, "after", str(after))
        object.__setattr__(self, "roles", frozenset(roles))
        object.__setattr__(self, "distinct_from", distinct_from)
        object.__setattr__(self, "names", names)


@dataclass(frozen=True)
class Moves:
    """The state machine of a record: the field, the states it may start in, the steps."""

    field: str
    start: tuple[str, ...]
    steps: tuple[Step, ...]

    def step(self, before: str, after: str) -> Step | None:
        """The declared step between two states, or None."""
        return next((s for s in self.steps if s.before == before and s.after == after), None)

    def signed(self, state: str) -> frozenset[str]:
        """The columns that say, in this state, whom the next mover must differ from: nobody writes another's
        id into one."""
        return frozenset(
            step.distinct_from
            for step in self.steps
            if step.before == state and step.distinct_from is not None
        )

    def after(self, before: str) -> tuple[str, ...]:
        """The states that can follow this one."""
        return tuple(s.after for s in self.steps if s.before == before)


@dataclass(frozen=True)
class Instead:
    """What may be taken in place of a resource that is used up: the next ones by the columns `order`, called
    by the columns `words`."""

    order: tuple[str, ...]
    words: tuple[str, ...]


MOST_CHOICES = 3  # of the resources that a taker names in order of wish, this many count


@dataclass(frozen=True)
class Ranked:
    """A taker that names several resources in order of wish, and is never refused for want of one.

    `choices` is the JSON column with the ids, first wish first. While the record's state is one of `wishing`,
    the server writes the first choice that has room in place of one that has none; later states mean that
    somebody agreed to the very one named. When no choice has room it writes the state `lost`, and why in the
    column `why`. The states `gives_back` let go of what is held, whatever the record became meanwhile.
    """

    choices: str
    wishing: tuple[str, ...]
    lost: str
    why: str
    gives_back: tuple[str, ...] = ()


@dataclass(frozen=True)
class Allocation:
    """A record of this type takes `amount` from the `limit` of a resource record, while it is active.

    `resource` is the resource's type, `resource_id` the column here that names it, `amount` a column here
    (None: always 1), `limit` a column of the resource, `active` the values of columns here that count.
    Amounts and limits are compared by size, so that a negative bank line's pence can be taken too.
    `instead` says which other resources are offered when this one is used up; None: no other would do.
    `within` names a column of the resource and one here that it may not lie after (a slot's day, the last day
    that was promised); nothing there: no bound. With `ranked` both are settled by the next wish.
    """

    resource: str
    resource_id: str
    limit: str
    amount: str | None = None
    active: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    instead: Instead | None = None
    within: tuple[str, str] | None = None
    ranked: Ranked | None = None

    def holds(self, body: Mapping[str, Any]) -> bool:
        """Whether a record with this body takes its amount now."""
        if body.get("deleted") or not body.get(self.resource_id):
            return False
        return all(str(body.get(key)) in values for key, values in self.active.items())

    def takes(self, body: Mapping[str, Any]) -> int:
        """How much a record with this body takes, in the resource's unit."""
        return 1 if self.amount is None else abs(int(body.get(self.amount) or 0))

    def wishes(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """The resources that a record names, first wish first, each once."""
        listed = body.get(self.ranked.choices) if self.ranked is not None else None
        named = [x for x in listed or () if isinstance(x, str)] if isinstance(listed, list) else []
        return tuple(dict.fromkeys(named[:MOST_CHOICES]))

    def is_wish(self, moves: Moves | None, body: Mapping[str, Any]) -> bool:
        """Whether the record only wishes for what it names, so that the next choice would do as well."""
        if self.ranked is None or moves is None:
            return False
        return str(body.get(moves.field)) in self.ranked.wishing

    def bounded(self, moves: Moves | None, body: Mapping[str, Any]) -> bool:
        """Whether what this record takes may not lie after `within`: what somebody agreed to may."""
        return self.within is not None and (self.ranked is None or self.is_wish(moves, body))

    def too_late(self, resource: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
        """Whether the resource lies after what the record allows; both as wire values or both as stored."""
        if self.within is None:
            return False
        lies, last = resource.get(self.within[0]), body.get(self.within[1])
        return lies is not None and last is not None and bool(lies > last)


@dataclass(frozen=True)
class FrozenBy:
    """A record cannot change while the named field of its parent holds one of the values."""

    parent: str
    parent_id: str
    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class SearchFields:
    """What Find shows and reads of a record: its title column, columns to search, columns to show."""

    title: str
    body: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """Everything the rest of Holdall needs to know about one type of record."""

    title: str
    scope: Literal["tenant", "team", "user", "site"] = "team"
    merge: Mapping[str, Merge] = field(default_factory=dict)
    moves: Moves | None = None
    allocation: Allocation | None = None
    frozen_by: FrozenBy | None = None
    sealed: bool = False
    search: SearchFields | None = None
    write_roles: frozenset[str] = ANY_ROLE  # none named: the office, or for what is private everybody
    move_roles: frozenset[str] = frozenset({Role.LEAD})  # who may move a record to another scope
    settle_roles: frozenset[str] = ANY_ROLE  # who may settle a conflict; none named: whoever may write
    files: tuple[str, ...] = ()  # columns that name files: a SHA-256, or JSON with members `sha256`

    @property
    def writers(self) -> frozenset[str]:
        """The roles that may write records of this type, of which a person needs one."""
        return self.write_roles or (PEOPLE if self.scope == "user" else OFFICE)

    def merge_of(self, name: str) -> Merge:
        """The merge class of a field; the later writer wins where nothing is declared."""
        if self.sealed:
            return Merge.SEALED
        if self.moves is not None and name == self.moves.field:
            return Merge.GUARD
        return self.merge.get(name, Merge.LWW)


def check_start(policy: Policy, body: Mapping[str, Any]) -> None:
    """Raises MoveRefused when a new record would begin in a state that only a move may reach."""
    moves = policy.moves
    if moves is None:
        return
    state = str(body.get(moves.field))
    if state not in moves.start:
        raise MoveRefused(
            f"A new {policy.title} cannot begin as “{state}”.",
            f"It begins as {' or '.join(moves.start)}.",
        )


def check_move(
    policy: Policy,
    body: Mapping[str, Any],
    after: str,
    actor_id: str,
    roles: frozenset[str],
    written: Mapping[str, Any] | None = None,
) -> None:
    """Raises MoveRefused when this person may not move a record with this body (before the change) to
    the state `after`; `written` is what they change beside it. Bodies hold wire values."""
    moves = policy.moves
    if moves is None:
        return
    before = str(body.get(moves.field))
    if before == after:
        return
    step = moves.step(before, after)
    if step is None:
        choices = ", ".join(moves.after(before)) or "nothing else"
        raise MoveRefused(
            f"This {policy.title} is “{before}” and cannot become “{after}”.",
            f"From here it can become: {choices}.",
        )
    if step.roles and not step.roles & roles:
        raise MoveRefused(
            f"Making a {policy.title} “{after}” needs the role {' or '.join(sorted(step.roles))}.",
            "Ask somebody who has it; your work is kept.",
        )
    if step.distinct_from is not None and body.get(step.distinct_from) in (None, "", actor_id):
        raise MoveRefused(
            f"Somebody else has to make this {policy.title} “{after}”: two people look at it.",
            "Ask a colleague to do it on their laptop.",
        )
    if step.names is not None and {**body, **(written or {})}.get(step.names) != actor_id:
        raise MoveRefused(
            f"This {policy.title} cannot become “{after}” in somebody else’s name.",
            "Do it anew in your own name instead of taking it back.",
        )
