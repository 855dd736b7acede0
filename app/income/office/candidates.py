"""Candidates: whose money a suspense item could be, each with the sentences that say why.

Four clues: a reference in the words, a reference one slip away from one in the words, a name, and payments
of the same amount before. A posting that is still open for the same amount is a candidate of its own.
Nothing is decided here: the scores (per cent) only put the likeliest first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.income.references import keys_in, reference_key, shared_words
from app.income.repair import repairs_shaped
from app.wording import date_year, money, plural
from models.income import (
    ACTIVE,
    AccountHolder,
    BankLine,
    Match,
    MatchReceipt,
    Receipt,
    Suspense,
    SuspenseState,
)

BY_REFERENCE, BY_POSTING, BY_REPAIR, BY_WHOLE_NAME, BY_WORDS = 95, 90, 80, 70, 65
BY_AMOUNT_OPEN, BY_SURNAME, BY_PAST = 60, 50, 45
SHORTEST_REPAIRED = 6  # a shorter run of digits is one slip away from too many references
NEAR = timedelta(days=31)
MOST_PAST = 200
_ALIKE = 88  # per cent; two surnames with one wrong letter in eight
_TOKEN = re.compile(r"[^\W\d_]+")
_TITLES = frozenset({"mr", "mrs", "miss", "ms", "mx", "dr", "rev", "sir", "dame", "lord", "lady", "the"})


@dataclass(frozen=True)
class Candidate:
    """An account, or an open posting, that a suspense item could belong to; `score` in per cent."""

    kind: str  # "account" or "posting"
    fund: str
    account_reference: str
    name: str
    score: int
    why: str
    receipt_id: str = ""
    pence: int = 0


@dataclass(frozen=True)
class _Source:
    """What is known of the money: its words, its references, when it came and how much."""

    account_id: str
    receipt_id: str
    day: date
    pence: int
    words: str
    keys: frozenset[str]


class _Holder(NamedTuple):
    reference: str
    fund: str
    name: str
    key: str


@dataclass
class _Found:
    """One candidate on the way, with the clues that speak for it."""

    kind: str
    fund: str
    reference: str
    name: str
    receipt_id: str = ""
    pence: int = 0
    clues: list[tuple[int, str]] = field(default_factory=list)

    def told(self) -> Candidate:
        clues = sorted(self.clues, key=lambda clue: -clue[0])
        score = min(99, clues[0][0] + 5 * (len(clues) - 1))
        why = " ".join(words for _, words in clues)
        return Candidate(
            self.kind, self.fund, self.reference, self.name, score, why, self.receipt_id, self.pence
        )


def candidates(session: Session, item_id: str, limit: int = 5) -> list[Candidate]:
    """Return whose a suspense item could be, the likeliest first. Raises NotFound."""
    source = _source(session, item_id)
    holders = [
        _Holder(reference, fund, name, reference if reference.isdigit() else reference_key(reference))
        for reference, fund, name in session.execute(
            select(AccountHolder.reference, AccountHolder.fund, AccountHolder.name)
            .where(AccountHolder.deleted.is_(False))
            .order_by(AccountHolder.reference, AccountHolder.id)
        )
    ]
    found: dict[tuple[str, str, str], _Found] = {}
    by_key: dict[str, list[_Holder]] = defaultdict(list)
    for holder in holders:
        by_key[holder.key].append(holder)
    clues = [*_by_reference(source, by_key), *_by_name(source, holders)]
    for holder, score, words in [*clues, *_by_past(session, source, by_key)]:
        key = ("account", holder.fund, holder.reference)
        one = found.setdefault(key, _Found("account", holder.fund, holder.reference, holder.name))
        one.clues.append((score, words))
    for posting in _by_posting(session, source):
        found["posting", posting.receipt_id, ""] = posting
    told = [one.told() for one in found.values()]
    return sorted(told, key=lambda c: (-c.score, c.account_reference, c.fund, c.receipt_id))[:limit]


def _source(session: Session, item_id: str) -> _Source:
    item = session.get(Suspense, item_id)
    if item is None or item.deleted or item.state != SuspenseState.HELD:
        raise NotFound("This suspense item is not here any more.", "Look at the fresh list.")
    texts, references = [item.narrative], [item.reference]
    if item.match_id:
        line = session.execute(
            select(BankLine.words, BankLine.customer_reference, BankLine.bank_reference)
            .join(Match, Match.bank_line_id == BankLine.id)
            .where(Match.id == item.match_id)
        ).first()
        if line is not None:
            texts, references = [line[0]], [*references, line[1], line[2]]
    words = " ".join(texts)
    keys = keys_in(words) | {key for text in references if (key := reference_key(text))}
    return _Source(
        item.account_id, item.receipt_id or "", item.held_on, item.amount_pence, words, frozenset(keys)
    )


def _by_reference(source: _Source, by_key: dict[str, list[_Holder]]) -> Iterator[tuple[_Holder, int, str]]:
    """Yield the holders whose reference stands in the words, or is one slip away from one that does."""
    for key in sorted(source.keys):
        for holder in by_key.get(key, ()):
            yield holder, BY_REFERENCE, f"The words give the account {holder.reference}."
        if key in by_key or len(key) < SHORTEST_REPAIRED:
            continue
        for repaired in repairs_shaped(key, by_key.keys()):
            for holder in by_key.get(repaired, ()):
                yield holder, BY_REPAIR, f"“{key}” is one slip away from the account {holder.reference}."


def _by_name(source: _Source, holders: Sequence[_Holder]) -> Iterator[tuple[_Holder, int, str]]:
    """Yield the holders whose surname stands in the words, more surely with a first name or initial."""
    tokens = [token.casefold() for token in _TOKEN.findall(source.words)]
    long = sorted({token for token in tokens if len(token) > 3})
    if not long:
        return
    by_surname: dict[str, list[_Holder]] = defaultdict(list)
    for holder in holders:
        surname = holder.name.rpartition(" ")[2].casefold()
        if not surname.isalpha():  # O'Neill, Smith-Jones
            surname = (_TOKEN.findall(surname) or [""])[-1]
        if len(surname) > 3:
            by_surname[surname].append(holder)
    surnames = sorted(by_surname)
    for token in long:
        for surname, alike, _ in process.extract(
            token, surnames, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=5
        ):
            exact = alike == 100
            for holder in by_surname[surname]:
                firsts = [one.casefold() for one in _TOKEN.findall(holder.name)[:-1]]
                whole = any(
                    first in tokens or first[:1] in tokens for first in firsts if first not in _TITLES
                )
                name = holder.name if whole else surname.title()
                kind = "name" if whole else "surname"
                said = f"The words hold the {kind} {name}."
                if not exact:
                    said = f"The words hold {token.title()}, close to the {kind} {name}."
                yield holder, (BY_WHOLE_NAME if whole else BY_SURNAME) - (0 if exact else 5), said


def _by_past(
    session: Session, source: _Source, by_key: dict[str, list[_Holder]]
) -> Iterator[tuple[_Holder, int, str]]:
    """Yield the accounts that were paid the same amount before, more surely when the bank's words agree."""
    rows = session.execute(
        select(
            Receipt.reference, Receipt.fund, Receipt.narrative, Receipt.posted_on, func.min(BankLine.words)
        )
        .outerjoin(MatchReceipt, (MatchReceipt.receipt_id == Receipt.id) & MatchReceipt.state.in_(ACTIVE))
        .outerjoin(Match, (Match.id == MatchReceipt.match_id) & Match.deleted.is_(False))
        .outerjoin(BankLine, BankLine.id == Match.bank_line_id)
        .where(
            Receipt.amount_pence == source.pence,
            Receipt.posted_on < source.day,
            Receipt.id != source.receipt_id,
            Receipt.deleted.is_(False),
        )
        .group_by(Receipt.id)
        .order_by(Receipt.posted_on.desc(), Receipt.id)
        .limit(MOST_PAST)
    )
    times: dict[_Holder, list[date]] = defaultdict(list)
    alike: dict[_Holder, str] = {}
    for reference, fund, narrative, posted_on, bank_words in rows:
        for holder in _paid(reference, fund, narrative, by_key):
            times[holder].append(posted_on)
            shared = shared_words(source.words, bank_words or "")
            if shared:
                alike.setdefault(holder, shared[0].upper())
    for holder, days in times.items():
        last = date_year(max(days))
        said = f"{money(source.pence)} was paid {plural(len(days), 'time')} before, last on {last}."
        yield holder, BY_PAST + 2 * min(len(days), 5), said
        if holder in alike:
            yield holder, BY_WORDS, f"The bank's words for it were like these: {alike[holder]}."


def _paid(reference: str, fund: str, narrative: str, by_key: dict[str, list[_Holder]]) -> Iterable[_Holder]:
    """Return the accounts a posting was for; one that no holder is known of is named by its reference."""
    own = reference_key(reference)
    known = [h for key in {own, *keys_in(narrative)} for h in by_key.get(key, ()) if h.fund == fund]
    if known or not own or not fund:
        return known
    return [_Holder(reference, fund, "", own)]


def _by_posting(session: Session, source: _Source) -> Iterator[_Found]:
    """Yield open postings of the same amount within a month: the item may be their bank line."""
    if source.receipt_id:
        return
    taken = select(MatchReceipt.receipt_id).where(
        MatchReceipt.state.in_(ACTIVE), MatchReceipt.deleted.is_(False)
    )
    rows = session.scalars(
        select(Receipt)
        .where(
            Receipt.account_id == source.account_id,
            Receipt.amount_pence == source.pence,
            Receipt.posted_on.between(source.day - NEAR, source.day + NEAR),
            Receipt.deleted.is_(False),
            Receipt.id.not_in(taken),
        )
        .order_by(Receipt.posted_on, Receipt.id)
        .limit(20)
    )
    for receipt in rows:
        found = _Found(
            "posting", receipt.fund, receipt.reference, receipt.narrative, receipt.id, receipt.amount_pence
        )
        said = f"A posting of the same amount is open since {date_year(receipt.posted_on)}."
        found.clues.append((BY_AMOUNT_OPEN, said))
        shared = source.keys & ({reference_key(receipt.reference)} | keys_in(receipt.narrative))
        if shared:
            found.clues.append((BY_POSTING, f"Both name {min(shared)}."))
        elif words := shared_words(source.words, receipt.narrative):
            found.clues.append((BY_WORDS, f"Both say {words[0].upper()}."))
        yield found
