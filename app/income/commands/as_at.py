"""`income as-at`: the reconciliation as it stood at a past moment, with the SHA-256 of its bytes."""

from __future__ import annotations

import argparse
from datetime import datetime, time, timedelta

from app.errors import HoldallError
from app.income.importing import find_account
from app.income.office.as_at import AccountThen, as_at, document, sha256
from app.told import Told, open_context
from app.wording import LONDON, clock_time, date_year, local_date, money, plural

_FIRST_YEAR, _LAST_YEAR = 1900, 9998  # beyond them the end of a day, or its hour in London, is no date


def run(options: argparse.Namespace) -> Told:
    """Show a past moment; the hash is that of the document without it, as canonical JSON."""
    moment = moment_of(options.moment)
    context = open_context(options)
    try:
        if moment > context.now():
            raise HoldallError(
                f"{options.moment} has not come yet, so nothing stands still at it.",
                "Give a moment that has passed.",
            )
        account_id = None
        if options.account:
            account = context.read(lambda session: find_account(session, options.account))
            if account is None:
                raise HoldallError(
                    f"There is no account {options.account} here.",
                    "Give its sort code and number, as on the statement.",
                )
            account_id = account.id
        view = context.read(lambda session: as_at(session, moment, account_id))
    finally:
        context.store.close()
    told = {**document(view), "sha256": sha256(view)}
    when = f"{date_year(local_date(moment))} at {clock_time(moment)}"
    accounts = [_in_words(one) for one in view.accounts] or ["No account was known then."]
    words = [f"As at {when}, London time:", *accounts]
    return Told(told, [*words, f"SHA-256 {told['sha256']}"])


def moment_of(text: str) -> datetime:
    """Return a moment from ISO text: London time unless it says its own offset; a day alone is its end.

    Raises HoldallError in one sentence for anything else.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise HoldallError(
            f"“{text[:40]}” is not a moment.", "Write it as 2026-11-30T17:00, or as 2026-11-30 for its end."
        ) from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise HoldallError(
            f"“{text[:40]}” is not a moment that a council has books of.",
            f"Give a year from {_FIRST_YEAR} to {_LAST_YEAR}.",
        )
    if "T" not in text and ":" not in text:
        moment = datetime.combine(moment.date() + timedelta(days=1), time()) - timedelta(microseconds=1)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=LONDON)


def _in_words(account: AccountThen) -> str:
    """One account in one line."""
    if account.bank_pence is None or account.left_pence is None:
        return f"{account.name}: no trusted statement yet; the book stood at {money(account.book_pence)}."
    return (
        f"{account.name}: bank {money(account.bank_pence)}, book {money(account.book_pence)}, "
        f"on its way {money(account.on_its_way_pence)}, left to explain {money(account.left_pence)}; "
        f"{plural(len(account.open_lines), 'open line')}, "
        f"{plural(len(account.suspense), 'item')} in suspense."
    )
