"""Seals for the papers of this laptop, and what can be said of a paper that somebody brings.

The one place where paper (app) and log (sync) meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.context import Context
from app.report.seal import Broken, Seal, opened
from app.wording import plural
from models.changes import get_meta, set_meta
from models.outbox import ChainMark, OpState, OutboxOp, ScopeState
from models.store import Store

if TYPE_CHECKING:
    from sync.witness import Witness

KEYS = "sync.device_keys"  # what the server said of the council's laptops when it was last asked
UNSENT = (OpState.QUEUED.value, OpState.SENDING.value)


@dataclass(frozen=True)
class Verdict:
    """What can be said of a paper: genuine, altered, log_rewritten or unknown, and why, in words."""

    verdict: str
    reason: str
    heads: Mapping[str, Any]
    signed_by: Mapping[str, str] | None = None

    def document(self) -> dict[str, Any]:
        """The same for the command line."""
        heads = {scope: {"seq": seq, "chain": chain} for scope, (seq, chain) in self.heads.items()}
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "heads": heads,
            "signed_by": dict(self.signed_by) if self.signed_by else None,
        }


def sealing(context: Context) -> Context:
    """The context, whose papers are sealed from now on where the laptop has joined and synced."""
    context.seal = lambda: seal_of(context.store, context.author.team_id)
    return context


def seal_of(store: Store, team: str) -> Seal | None:
    """What this laptop can put its name to now; None before it has joined a council and read its log.

    A person's own scope is left out: its number would say how much they write down for themselves.
    """
    from sync import account as accounts

    account = accounts.load(store)
    if account is None or not account.seed:
        return None
    with store.connect() as connection:
        rows = connection.execute(
            select(ScopeState.scope, ScopeState.cursor, ScopeState.chain_hash)
            .where(ScopeState.cursor > 0, ScopeState.chain_hash != "", ScopeState.scope.notlike("user:%"))
            .order_by(ScopeState.scope != f"team:{team}", ScopeState.scope)
        ).all()
        waiting = connection.execute(
            select(func.count()).where(OutboxOp.state.in_(UNSENT), OutboxOp.scope.notlike("user:%"))
        ).scalar_one()
    if not rows:
        return None
    heads = {scope: (int(seq), str(chain)) for scope, seq, chain in rows}
    return Seal(account.tenant, account.device, account.key, heads, int(waiting), account.sign)


def verify(data: bytes, context: Context | None) -> Verdict:
    """What can be said of a paper here; the server is asked for what this laptop does not know."""
    try:
        told = opened(data)
    except Broken as error:
        return Verdict("altered", str(error), {})
    if told is None:
        return Verdict("unknown", "This paper carries no seal: it was made before its laptop joined.", {})
    heads = told["heads"]
    if context is None:
        words = "The seal fits the paper. Whether a laptop of the council made it, only one of them can say."
        return Verdict("unknown", f"{words} Run this where Holdall has joined.", heads)
    return _Judge(context.store, told).verdict()


class _Judge:
    """Looks at a seal that fits its paper, with what this laptop and its server know."""

    def __init__(self, store: Store, told: Mapping[str, Any]) -> None:
        from sync import account as accounts

        self.store, self.told = store, told
        self.heads: dict[str, tuple[int, str]] = {s: (h[0], h[1]) for s, h in told["heads"].items()}
        self.account = accounts.load(store)

    def verdict(self) -> Verdict:
        """The verdict."""
        if self.account is None or self.account.tenant != self.told["tenant"]:
            return self._unknown("The paper was sealed in another council than this laptop's.")
        laptop, asked = self._laptop()
        if laptop is None and not asked:
            return self._unknown("The key of the seal is not known here, and the server did not answer.")
        if laptop is None or laptop["key"] != self.told["key"]:
            return Verdict("altered", "The key of the seal is that of no laptop of this council.", self.heads)
        same, other = self._compared()
        if other:
            number = f"{self.heads[other[0]][0]:,}"
            words = f"The seal fits, but the log {other[0]} is not what it was at number {number}."
            return Verdict("log_rewritten", words, self.heads, laptop)
        if not same:
            return self._unknown("The seal fits, but none of its logs can be read from here now.", laptop)
        logs = f"the log {same[0]} says" if len(same) == 1 else f"the logs {', '.join(same)} say"
        words = f"Sealed by {laptop['name']} and unchanged; {logs} the same."
        if self.told["waiting"]:
            words += f" {plural(self.told['waiting'], 'change')} on it had not been sent."
        return Verdict("genuine", words, self.heads, laptop)

    def _unknown(self, words: str, laptop: Mapping[str, str] | None = None) -> Verdict:
        return Verdict("unknown", f"{words} Try again where the server can be reached.", self.heads, laptop)

    def _laptop(self) -> tuple[dict[str, str] | None, bool]:
        """The laptop that the seal names, and whether anybody who knows was asked."""
        device = self.told["device"]
        if own := self._own(device):
            return own, True
        with self.store.connect() as connection:
            kept: dict[str, Any] = get_meta(connection, KEYS) or {}
        if device in kept:
            return kept[device], True
        rows = self._asked(lambda witness: witness.device_keys())
        if rows is None:
            return None, False
        kept = {
            row.device: {"device": row.device, "name": row.name, "user": row.user, "key": row.key}
            for row in rows
        }
        with self.store.connect(write=True) as connection:
            set_meta(connection, KEYS, kept)
        return kept.get(device), True

    def _own(self, device: str) -> dict[str, str] | None:
        own = self.account
        if own is None or own.device != device:
            return None
        return {"device": device, "name": "this laptop", "user": own.user, "key": own.key}

    def _compared(self) -> tuple[list[str], list[str]]:
        """The logs that have the chain value of the seal at its number, and those that have not; others
        cannot be looked at from here."""
        known = {scope: self._known(scope, seq) for scope, (seq, _) in self.heads.items()}
        missing = {scope: self.heads[scope][0] for scope, value in known.items() if value is None}
        answer = self._asked(lambda witness: witness.chains(missing)) if missing else None
        known |= answer or {}
        same = [scope for scope, value in known.items() if value == self.heads[scope][1]]
        return same, [scope for scope, value in known.items() if value is not None and scope not in same]

    def _known(self, scope: str, seq: int) -> str | None:
        """The chain value of a log at a number, as this laptop read it."""
        here = select(ScopeState.chain_hash).where(ScopeState.scope == scope, ScopeState.cursor == seq)
        mark = select(ChainMark.chain).where(ChainMark.scope == scope, ChainMark.seq == seq)
        with self.store.connect() as connection:
            found = connection.execute(here).scalar() or connection.execute(mark).scalar()
        return str(found) if found else None

    def _asked(self, work: Callable[[Witness], Any]) -> Any:
        """What the server answers; None when it cannot be reached or does not know the question."""
        from sync import account as accounts
        from sync.errors import SyncError
        from sync.witness import Witness

        if self.account is None:
            return None
        witness = Witness(self.account, lambda fresh: accounts.save(self.store, fresh))
        try:
            return work(witness)
        except SyncError:
            return None
        finally:
            witness.close()
