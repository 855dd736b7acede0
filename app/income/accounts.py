"""The council's bank accounts and funds as choices: id or code, and name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.income import rules
from models.income import Account, Fund


def accounts(session: Session) -> list[tuple[str, str]]:
    """Return (id, name) of every account that is kept here."""
    rows = session.execute(
        select(Account.id, Account.name).where(Account.deleted.is_(False)).order_by(Account.name, Account.id)
    )
    return [(row[0], row[1]) for row in rows]


def funds(session: Session, with_suspense: bool = False) -> list[tuple[str, str]]:
    """Return (code, name) of the funds in use, by code; those of suspense only where they are asked for."""
    wanted = select(Fund.code, Fund.name).where(Fund.deleted.is_(False), Fund.disabled.is_(False))
    if not with_suspense:
        wanted = wanted.where(Fund.is_suspense.is_(False))
    return [(row[0], row[1]) for row in session.execute(wanted.order_by(Fund.code))]


def remembered_layout(session: Session, identifier: str, account_id: str | None) -> dict[str, Any] | None:
    """Return which column is what in the files of an account, as it was said before.

    The account is the one a file names (`identifier`), else the one given. None where nothing was said yet.
    """
    key = rules.account_key(identifier)
    account = None
    if key:
        account = session.scalars(
            select(Account).where(Account.key == key, Account.deleted.is_(False))
        ).first()
    if account is None and account_id:
        account = session.get(Account, account_id)
    found: dict[str, Any] | None = account.columns if account is not None else None
    return dict(found) if found else None
