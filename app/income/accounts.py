"""The council's bank accounts and funds as choices: id or code, and name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

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
