"""The past as it stood: what a moment shows, and that nothing done after it changes a byte of it."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError
from app.income import service
from app.income.board import board
from app.income.commands import as_at as command
from app.income.office import journals, periods, suspense
from app.income.office.as_at import AccountThen, as_at, canonical, document, sha256
from app.income.office.journals import JournalRow
from models.base import mark_deleted
from models.income import (
    Match,
    MatchReceipt,
    MatchState,
    Note,
    PeriodState,
    Receipt,
    Standing,
    Statement,
)
from models.undo import undo_label
from tests.app.income.conftest import ledger, mt940
from tests.app.income.office.busy import ACTS, do
from tests.app.income.office.conftest import Act
from tests.app.income.office.test_suspense import hold, listed, put

Bring = Callable[..., str]


def then(context: Context, moment: datetime) -> AccountThen:
    """The one account as it stood."""
    (account,) = context.read(lambda s: as_at(s, moment)).accounts
    assert account.left_pence is None or account.left_pence == (
        sum(line.left_pence for line in account.open_lines) + account.gap_pence
    )
    return account


def test_every_moment_shows_what_had_happened_by_then_and_nothing_after(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    moments = [context.now()]
    seen = context.read(lambda s: board(s, statement_id))
    slip = next(one for one in seen.proposals if one.stage == "slip")

    def then_look(act: Act, work: Callable[..., object]) -> None:
        act(work)
        moments.append(context.now())

    then_look(mine, lambda s: service.accept(s, statement_id, slip))
    match_id = context.read(lambda s: s.scalars(select(Match.id)).one())
    then_look(hers, lambda s: service.confirm(s, match_id))
    then_look(hers, lambda s: service.reverse(s, match_id, "Wrong slip."))
    first, accepted, confirmed, reversed_ = (then(context, moment) for moment in moments)
    assert (first.bank_pence, first.book_pence, first.on_its_way_pence) == (1_198_80, 1_222_00, 1_122_00)
    assert (first.left_pence, first.gap_pence, len(first.open_lines)) == (1_098_80, 0, 4)
    assert first.matches == ()
    (made,) = accepted.matches
    assert (made.state, made.waits, made.confirmed_by) == (MatchState.ACCEPTED, True, "")
    assert (accepted.on_its_way_pence, len(accepted.open_lines)) == (222_00, 3)
    (made,) = confirmed.matches
    assert (made.state, made.waits, made.confirmed_by) == (MatchState.CONFIRMED, False, "Priya Senn")
    assert reversed_ == first
    kept = context.read(lambda s: s.get_one(Match, match_id))
    assert (kept.reversed_by_name, kept.reversed_reason) == ("Priya Senn", "Wrong slip.")
    assert kept.confirmed_at is not None
    assert kept.reversed_at is not None
    assert moments[1] < kept.confirmed_at < moments[2] < kept.reversed_at < moments[3]


def test_what_was_removed_later_was_there_before(
    context: Context, account_id: str, statement_id: str, mine: Act
) -> None:
    seen = context.read(lambda s: board(s, statement_id))
    mine(lambda s: service.accept(s, statement_id, seen.proposals[0]))
    mine(lambda s: service.add_note(s, account_id, seen.lines[-1].id, "asked"))
    mine(lambda s: hold(s, account_id, 5_00, date(2026, 12, 10)))
    moment = context.now()
    before = then(context, moment)

    def remove(session: Session) -> None:
        for model in (Match, MatchReceipt, Note, Receipt):
            for record in session.scalars(select(model)):
                mark_deleted(record)

    mine(remove)
    assert then(context, moment) == before
    after = then(context, context.now())
    assert (after.matches, after.open_receipts, after.suspense) == ((), (), ())
    assert [line.notes for line in after.open_lines] == [()] * 4


def test_an_item_that_was_cancelled_later_was_held_before(
    context: Context, account_id: str, mine: Act
) -> None:
    mine(lambda s: hold(s, account_id, 5_00, date(2026, 12, 10)))
    moments = [context.now()]
    (item,) = listed(context)
    mine(lambda s: suspense.cancel_of_receipt(s, item.receipt_id))
    moments.append(context.now())
    assert [[one.id for one in then(context, m).suspense] for m in moments] == [[item.id], []]


def test_suspense_and_its_journals_stand_as_they_stood(
    context: Context, account_id: str, statement_id: str, mine: Act, hers: Act
) -> None:
    item_id = put(context, statement_id, "FPI NO REFERENCE", "Rang.")
    mine(lambda s: suspense.note(s, item_id, "A note."))
    moments = [context.now()]
    steps: list[tuple[Act, Callable[..., object]]] = [
        (mine, lambda s: journals.from_suspense(s, [item_id], [JournalRow("23", "", 50_00, "x")], "Known.")),
        (hers, lambda s: journals.approve(s, journals.journals(s)[0].id)),
        (mine, lambda s: journals.undo(s, journals.journals(s)[0].id, "No.")),
        (hers, lambda s: journals.approve(s, journals.journals(s, "proposed")[0].id)),
        (mine, lambda s: service.reverse(s, suspense.item_of(s, item_id, context.today()).match_id, "x")),
    ]
    for act, work in steps:
        act(work)
        moments.append(context.now())
    seen = [then(context, moment) for moment in moments]
    told = [[(one.remaining_pence, one.waiting_pence) for one in account.suspense] for account in seen]
    assert told == [[(75_00, 0)], [(25_00, 50_00)], [(25_00, 0)], [(25_00, 0)], [(75_00, 0)], []]
    assert [account.suspense_pence for account in seen] == [75_00] * 5 + [0]
    assert seen[0].suspense[0].notes == ("A note.",)


def test_periods_statements_and_postings_stand_as_they_stood(
    context: Context, account_id: str, bring: Bring, mine: Act
) -> None:
    moments = [context.now()]
    statement_id = bring(mt940([("1209", "C75,00", "FPI")], closing="180,00"))
    moments.append(context.now())
    mine(lambda s: service.take_unproved(s, statement_id, "The bank lost a line."))
    moments.append(context.now())
    mine(lambda s: service.import_ledger(s, ledger("1,09/12/2026,80.00,,23,28,Late\n"), account_id))
    moments.append(context.now())
    line_id = context.read(lambda s: board(s, statement_id)).lines[0].id
    mine(lambda s: service.add_note(s, account_id, line_id, "asked"))
    moments.append(context.now())
    mine(lambda s: hold(s, account_id, 5_00, date(2026, 12, 10)))
    moments.append(context.now())
    seen = [then(context, moment) for moment in moments]
    assert [one.bank_pence for one in seen] == [None, None, 180_00, 180_00, 180_00, 180_00]
    assert [one.book_pence for one in seen] == [100_00, 100_00, 100_00, 180_00, 180_00, 185_00]
    assert [one.apart for one in seen] == [(), (statement_id,), (), (), (), ()]
    assert [one.statement and one.statement.standing for one in seen[2:]] == [Standing.UNPROVED] * 4
    assert [one.open_lines[0].notes if one.open_lines else None for one in seen] == [
        None,
        None,
        (),
        (),
        ("asked",),
        ("asked",),
    ]
    assert [len(one.suspense) for one in seen] == [0, 0, 0, 0, 0, 1]
    assert [one.gap_pence for one in seen] == [0, 0, 5_00, 5_00, 5_00, 5_00]


def test_a_period_shows_the_state_its_last_step_by_then_gave_it(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    seen = context.read(lambda s: board(s, statement_id))
    for part in seen.parts:
        mine(lambda s, one=part: service.add_note(s, seen.head.account_id, one.subject_id, "known"))
    moments = [context.now()]
    for act, work in (
        (mine, lambda s: periods.prepare(s, statement_id)),
        (hers, lambda s: periods.review(s, statement_id)),
        (hers, lambda s: periods.close(s, statement_id)),
        (hers, lambda s: periods.reopen(s, statement_id, "A refund.")),
    ):
        act(work)
        moments.append(context.now())
    states = [then(context, moment).periods[0].state for moment in moments]
    assert states == [
        PeriodState.OPEN,
        PeriodState.PREPARED,
        PeriodState.REVIEWED,
        PeriodState.CLOSED,
        PeriodState.REOPENED,
    ]


SOME = st.lists(st.sampled_from(ACTS), max_size=8)


@given(SOME, SOME, st.integers())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_after_a_moment_its_bytes_stay_the_same(
    context: Context, statement_id: str, mine: Act, hers: Act, before: list[str], after: list[str], seed: int
) -> None:
    source = random.Random(seed)
    for name in before:
        do(context, statement_id, name, source, mine, hers)
    moment = context.now()
    view = canonical(context.read(lambda s: as_at(s, moment)))
    label = f"After {moment.isoformat()}"

    def later(work: Callable[..., object]) -> object:
        return context.write(label, work)

    for name in after:
        if name == "undo" and context.read(lambda s: undo_label(s, context.author)) == label:
            context.undo()
        else:
            do(context, statement_id, name, source, later, hers)
    assert canonical(context.read(lambda s: as_at(s, moment))) == view
    then(context, moment)


def test_two_runs_give_the_same_bytes_and_another_moment_gives_others(
    context: Context, statement_id: str, mine: Act
) -> None:
    moment = context.now()
    put(context, statement_id, "FPI NO REFERENCE", "Rang.")
    first, again = (context.read(lambda s: as_at(s, moment)) for _ in range(2))
    assert canonical(first) == canonical(again)
    later = replace(context.read(lambda s: as_at(s, context.now())), moment=moment)
    assert sha256(later) != sha256(first)
    assert document(first)["moment"].startswith("2026-12-17T14:2")


def test_an_account_that_was_not_there_yet_is_refused(context: Context, account_id: str) -> None:
    early = datetime(2026, 1, 1, tzinfo=UTC)
    assert context.read(lambda s: as_at(s, early)).accounts == ()
    with pytest.raises(HoldallError, match="not known at that moment"):
        context.read(lambda s: as_at(s, early, account_id))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-30T17:00", datetime(2026, 11, 30, 17, tzinfo=UTC)),
        ("2026-07-30T17:00", datetime(2026, 7, 30, 16, tzinfo=UTC)),
        ("2026-07-30T17:00+00:00", datetime(2026, 7, 30, 17, tzinfo=UTC)),
        ("2026-11-30", datetime(2026, 12, 1, tzinfo=UTC) - timedelta(microseconds=1)),
        (" 2026-07-30 ", datetime(2026, 7, 30, 23, tzinfo=UTC) - timedelta(microseconds=1)),
    ],
)
def test_a_moment_is_london_time_unless_it_says_otherwise(text: str, moment: datetime) -> None:
    assert command.moment_of(text) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "30/11/2026", "2026-11-31T10:00", "x" * 500])
def test_what_is_no_moment_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(HoldallError, match="is not a moment") as caught:
        command.moment_of(text)
    assert len(caught.value.title) < 80


def test_the_command_tells_the_moment_the_hash_and_the_accounts(
    context: Context, statement_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = context.now()
    expected = context.read(lambda s: sha256(as_at(s, moment)))
    monkeypatch.setattr(command, "open_context", lambda options: context)
    monkeypatch.setattr(context.store, "close", lambda: None)
    asked = argparse.Namespace(moment=moment.isoformat(), account="60-11-11 12345678")
    told = command.run(asked)
    assert told.document["sha256"] == expected
    assert [one["key"] for one in told.document["accounts"]] == ["60111112345678"]
    assert "left to explain £1,098.80; 4 open lines, 0 items in suspense." in told.words[1]
    for options, words in (
        (argparse.Namespace(moment="2999-01-01", account=None), "has not come yet"),
        (argparse.Namespace(moment="2026-12-01", account="99"), "no account 99"),
    ):
        with pytest.raises(HoldallError, match=words):
            command.run(options)


def test_a_match_of_an_older_store_counts_from_its_last_change(
    context: Context, statement_id: str, mine: Act, hers: Act
) -> None:
    seen = context.read(lambda s: board(s, statement_id))
    mine(lambda s: service.accept(s, statement_id, seen.proposals[0]))
    between = context.now()
    match_id = context.read(lambda s: s.scalars(select(Match.id)).one())
    hers(lambda s: service.confirm(s, match_id))
    with context.store.connect(write=True) as connection:
        connection.exec_driver_sql("UPDATE income_match SET confirmed_at = NULL")
    assert then(context, between).matches[0].state == MatchState.ACCEPTED
    assert then(context, context.now()).matches[0].state == MatchState.CONFIRMED
    assert context.read(lambda s: s.get_one(Statement, statement_id)).standing == Standing.PROVED
