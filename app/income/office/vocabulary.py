"""The council's codes: funds, methods of payment, VAT codes, offices, reference checks, account holders.

They are read once into `Codes`, by which 100,000 rows can be checked, and changed by who keeps them.
A code is never renamed, because records name each other by it; one that is no longer used is disabled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import BadFile, HoldallError, NotFound
from app.income.amounts import figure
from app.income.learning import switch_rule
from app.income.office.kept_rules import (
    add_rule,
    change_rule,
    dry_run,
    move_rule,
    reorder,
    rules,
)
from app.income.validator_files import as_config, from_config
from app.income.validators import ReferenceCheck, check
from models.base import Record
from models.changes import Author, Changed
from models.income import AccountHolder, Fund, Method, Office, StopMessage, Validator, VatCode
from models.roles import Role

__all__ = [
    "Codes",
    "FundRow",
    "HolderRow",
    "MethodRow",
    "OfficeRow",
    "StopRow",
    "VatRow",
    "account_holders",
    "add",
    "add_rule",
    "add_validator",
    "change",
    "change_rule",
    "change_validator",
    "check_row",
    "codes",
    "dry_run",
    "funds",
    "methods",
    "move_rule",
    "offices",
    "reorder",
    "rules",
    "stop_messages",
    "switch_rule",
    "validators",
    "vat_codes",
]

MOST_HOLDERS = 200  # that a list shows
HIGHEST_RATE = 10_000  # basis points

Row = TypeVar("Row")
Kept = TypeVar("Kept", bound=Record)


@dataclass(frozen=True)
class FundRow:
    """A fund as lists and checks see it; `maximum_pence` 0 is no limit."""

    id: str
    code: str
    name: str
    validator: str = ""
    vat_code: str = ""
    vat_override: bool = False
    maximum_pence: int = 0
    account_must_exist: bool = False
    is_suspense: bool = False
    credit_notes: bool = False
    gl_code: str = ""
    disabled: bool = False


@dataclass(frozen=True)
class MethodRow:
    """A method of payment as lists and checks see it; a limit of 0 is none."""

    id: str
    code: str
    name: str
    kind: str = ""
    minimum_pence: int = 0
    maximum_pence: int = 0
    refundable: bool = False
    incurs_fee: bool = False
    fee_fund: str = ""
    disabled: bool = False


@dataclass(frozen=True)
class VatRow:
    """A VAT code; its rate in basis points, 2000 for 20 per cent."""

    id: str
    code: str
    rate: int = 0
    name: str = ""
    disabled: bool = False


@dataclass(frozen=True)
class OfficeRow:
    """Where money is taken."""

    id: str
    code: str
    name: str
    disabled: bool = False


@dataclass(frozen=True)
class StopRow:
    """What is told to who takes money for an account that is stopped."""

    id: str
    code: str
    fund: str
    message: str
    disabled: bool = False


@dataclass(frozen=True)
class HolderRow:
    """Whose account a reference is."""

    id: str
    reference: str
    fund: str
    name: str = ""
    address: str = ""
    postcode: str = ""
    balance_pence: int = 0
    stop_message: str = ""


@dataclass(frozen=True)
class Codes:
    """All codes as they were at one moment.

    `accounts` gives the code of a stop message ("" for none) by fund and reference in capitals; `broken` why
    a stored validator cannot be used, by its name.
    """

    funds: Mapping[str, FundRow]
    methods: Mapping[str, MethodRow]
    vat_codes: Mapping[str, VatRow]
    offices: Mapping[str, OfficeRow]
    validators: Mapping[str, ReferenceCheck]
    stops: Mapping[str, StopRow]
    accounts: Mapping[tuple[str, str], str]
    broken: Mapping[str, str]


def codes(session: Session, references: Collection[str] | None = None) -> Codes:
    """Return the codes as they are now, read once; of the accounts only these `references`, None for all."""
    good, broken = _validators(session)
    wanted = select(AccountHolder.fund, AccountHolder.reference, AccountHolder.stop_message)
    if references is not None:
        written = {*references, *(one.upper() for one in references)}
        wanted = wanted.where(AccountHolder.reference.in_(written))
    accounts = session.execute(wanted.where(AccountHolder.deleted.is_(False)))
    return Codes(
        {one.code: one for one in funds(session)},
        {one.code: one for one in methods(session)},
        {one.code: one for one in vat_codes(session)},
        {one.code: one for one in offices(session)},
        good,
        {one.code: one for one in stop_messages(session)},
        {(fund, reference.upper()): stop for fund, reference, stop in accounts},
        broken,
    )


def _rows(session: Session, model: type[Record], shape: type[Row], order: str = "code") -> list[Row]:
    names = [one.name for one in fields(shape)]  # type: ignore[arg-type]  # every Row here is a dataclass
    wanted = select(*(getattr(model, name) for name in names)).where(model.deleted.is_(False))
    return [shape(*row) for row in session.execute(wanted.order_by(getattr(model, order), model.id))]


def funds(session: Session) -> list[FundRow]:
    """Return the funds by code, also those no longer used."""
    return _rows(session, Fund, FundRow)


def methods(session: Session) -> list[MethodRow]:
    """Return the methods of payment by code, also those no longer used."""
    return _rows(session, Method, MethodRow)


def vat_codes(session: Session) -> list[VatRow]:
    """Return the VAT codes by code, also those no longer used."""
    return _rows(session, VatCode, VatRow)


def offices(session: Session) -> list[OfficeRow]:
    """Return the offices by code, also those no longer used."""
    return _rows(session, Office, OfficeRow)


def stop_messages(session: Session) -> list[StopRow]:
    """Return the stop messages by code, also those no longer used."""
    return _rows(session, StopMessage, StopRow)


def validators(session: Session) -> dict[str, ReferenceCheck]:
    """Return the reference checks by name; one that cannot be used is left out."""
    return _validators(session)[0]


def _validators(session: Session) -> tuple[dict[str, ReferenceCheck], dict[str, str]]:
    good: dict[str, ReferenceCheck] = {}
    broken: dict[str, str] = {}
    wanted = select(Validator).where(Validator.deleted.is_(False)).order_by(Validator.name, Validator.id)
    for record in session.scalars(wanted):
        try:
            good[record.name] = _as_check(record)
        except BadFile as error:
            broken[record.name] = error.title
    return good, broken


def _as_check(record: Validator) -> ReferenceCheck:
    names = ("name", "min_length", "max_length", "regex", "mask", "character_type", "check_digit")
    return from_config({name: getattr(record, name) for name in names})


def account_holders(session: Session, search: str = "", limit: int = MOST_HOLDERS) -> list[HolderRow]:
    """Return account holders by reference, those whose reference, name or postcode holds the words sought."""
    names = [one.name for one in fields(HolderRow)]
    wanted = select(*(getattr(AccountHolder, name) for name in names)).where(AccountHolder.deleted.is_(False))
    for word in search.split():
        within = (AccountHolder.reference, AccountHolder.name, AccountHolder.postcode)
        wanted = wanted.where(or_(*(column.icontains(word, autoescape=True) for column in within)))
    found = session.execute(wanted.order_by(AccountHolder.reference, AccountHolder.id).limit(limit))
    return [HolderRow(*row) for row in found]


def check_row(
    source: Session | Codes,
    fund: str,
    mop: str,
    reference: str,
    pence: int,
    roles: Collection[str] = frozenset(),
) -> list[str]:
    """Return what is wrong with a row about to be posted, a sentence each; [] when it may be.

    Amount limits of fund and method come first, then the reference's check, whether its account exists where
    the fund says it must, and its stop message, which does not hold finance back. Sizes count, so a refund
    has the limits of a payment. A store without funds, or without methods, knows none and lets each pass.
    """
    known = source if isinstance(source, Codes) else codes(source)
    found = [*_wrong_amounts(known, fund, mop, abs(pence))]
    kept = known.funds.get(fund)
    if kept is None:
        return found
    text = reference.strip()
    if kept.validator:
        found += _wrong_reference(known, kept, text)
    stop = known.accounts.get((fund, text.upper()))
    if stop is None and kept.account_must_exist:
        found.append(f"There is no account “{text}” in fund {fund}.")
    told = known.stops.get(stop or "")
    if told is not None and told.fund == fund and not told.disabled and Role.FINANCE not in roles:
        found.append(f"Account {text} is stopped: {told.message}")
    return found


def _wrong_amounts(known: Codes, fund: str, mop: str, size: int) -> list[str]:
    found = []
    kept, method = known.funds.get(fund), known.methods.get(mop)
    if known.funds and kept is None:
        found.append(f"There is no fund “{fund}”.")
    if kept is not None and kept.disabled:
        found.append(f"Fund {fund} is no longer used.")
    if kept is not None and 0 < kept.maximum_pence < size:
        found.append(f"Fund {fund} takes at most {figure(kept.maximum_pence)}.")
    if mop and known.methods and method is None:
        found.append(f"There is no method of payment “{mop}”.")
    if method is not None and method.disabled:
        found.append(f"Method {mop} is no longer used.")
    if method is not None and size < method.minimum_pence:
        found.append(f"Method {mop} takes at least {figure(method.minimum_pence)}.")
    if method is not None and 0 < method.maximum_pence < size:
        found.append(f"Method {mop} takes at most {figure(method.maximum_pence)}.")
    return found


def _wrong_reference(known: Codes, fund: FundRow, reference: str) -> list[str]:
    validator = known.validators.get(fund.validator)
    if validator is None:
        why = known.broken.get(fund.validator, "It is not among the reference checks.")
        return [f"The check “{fund.validator}” of fund {fund.code} cannot be used. {why}"]
    verdict = check(validator, reference)
    return [] if verdict.ok else [f"Reference “{reference}” of fund {fund.code}: {verdict.reason}"]


def add(session: Session, record: Record) -> Changed:
    """Add a fund, method, VAT code, office, stop message or account holder.

    Raises HoldallError in words for one that may not be, or for a person who does not keep the codes.
    """
    _may_change(session, type(record))
    session.flush()
    with session.no_autoflush:
        _check(session, record)
    session.add(record)
    return Changed.of(record)


def change(session: Session, model: type[Kept], record_id: str, **values: Any) -> Changed:
    """Change columns of a code that is kept, such as its name or `disabled`; its code stays."""
    _may_change(session, model)
    session.flush()
    record = session.get(model, record_id)
    if record is None or record.deleted:
        raise NotFound(f"This {model.__policy__.title} is not here any more.", "Look at the fresh list.")
    for name, value in values.items():
        if name in ("code", "reference", "name") and _key(model) == name and value != getattr(record, name):
            raise HoldallError(
                f"The {name} of a {model.__policy__.title} stays, because other records carry it.",
                "Add a new one, and disable this one.",
            )
        setattr(record, name, value)
    with session.no_autoflush:
        _check(session, record)
    return Changed.of(record)


def add_validator(session: Session, validator: ReferenceCheck) -> Changed:
    """Add a reference check."""
    return add(session, Validator(**_columns(validator)))


def change_validator(session: Session, record_id: str, validator: ReferenceCheck) -> Changed:
    """Change what a reference check looks at; its name stays."""
    return change(session, Validator, record_id, **_columns(validator))


def _columns(validator: ReferenceCheck) -> dict[str, Any]:
    return {
        "name": validator.name,
        "min_length": validator.min_length,
        "max_length": validator.max_length,
        "regex": validator.regex,
        "mask": validator.mask,
        "character_type": None if validator.character_type is None else int(validator.character_type),
        "check_digit": as_config(validator),
    }


def _may_change(session: Session, model: type[Record]) -> None:
    author: Author = session.info["author"]
    writers = model.__policy__.writers
    if not writers & author.roles:
        raise HoldallError(
            f"Changing a {model.__policy__.title} needs the role {' or '.join(sorted(writers))}.",
            "Ask somebody who has it.",
        )


def _key(model: type[Record]) -> str:
    """Return the column that other records name a code by."""
    return {Validator: "name", AccountHolder: "reference"}.get(model, "code")


def _check(session: Session, record: Record) -> None:
    """Raise HoldallError for a record that is empty, there already, or names what is not there."""
    model, title, key = type(record), record.__policy__.title, _key(type(record))
    found = str(getattr(record, key) or "").strip()
    if not found:
        raise HoldallError(f"The {title} has no {key}.", "Give it one.")
    if found != getattr(record, key):
        setattr(record, key, found)
    same = select(model.id).where(getattr(model, key) == found, model.id != record.id)
    if isinstance(record, AccountHolder):
        same = same.where(AccountHolder.fund == record.fund)
    if session.scalars(same.where(model.deleted.is_(False)).limit(1)).first() is not None:
        article = "an" if title[0] in "aeiou" else "a"
        raise HoldallError(f"There is {article} {title} “{found}” already.", "Change it, or use another.")
    special = _SPECIAL.get(model)
    if special is not None:
        special(session, record)


def _check_fund(session: Session, fund: Any) -> None:
    _not_negative(fund.maximum_pence, f"Fund {fund.code}")
    _exists(session, Validator.name, fund.validator, f"Fund {fund.code} names a reference check")
    _exists(session, VatCode.code, fund.vat_code, f"Fund {fund.code} names a VAT code")


def _check_method(session: Session, method: Any) -> None:
    least, most = method.minimum_pence or 0, method.maximum_pence or 0
    _not_negative(least, f"Method {method.code}")
    _not_negative(most, f"Method {method.code}")
    if 0 < most < least:
        raise HoldallError(f"Method {method.code} takes at least more than it takes at most.", "Mend one.")
    _exists(session, Fund.code, method.fee_fund, f"Method {method.code} names a fund for its fee")


def _check_vat(session: Session, code: Any) -> None:
    if not 0 <= (code.rate or 0) < HIGHEST_RATE:
        raise HoldallError(f"VAT code {code.code} has an odd rate.", "Write 2000 for 20 per cent.")


def _check_stop(session: Session, stop: Any) -> None:
    if not (stop.message or "").strip():
        raise HoldallError("A stop message needs words.", "Say what the person at the counter should do.")
    _exists(session, Fund.code, stop.fund or "?", f"Stop message {stop.code} names a fund")


def _check_holder(session: Session, holder: Any) -> None:
    _exists(session, Fund.code, holder.fund or "?", f"Account {holder.reference} names a fund")
    wanted = select(Fund.validator).where(Fund.code == holder.fund, Fund.deleted.is_(False))
    name = session.scalars(wanted).first()
    validator = validators(session).get(name) if name else None
    if validator is not None and not (verdict := check(validator, holder.reference)).ok:
        raise HoldallError(f"Account “{holder.reference}” cannot be right. {verdict.reason}", "Look again.")
    if holder.stop_message:
        fund = select(StopMessage.fund).where(
            StopMessage.code == holder.stop_message, StopMessage.deleted.is_(False)
        )
        if session.scalars(fund).first() != holder.fund:
            raise HoldallError(
                f"Stop message “{holder.stop_message}” is not one of fund {holder.fund}.",
                "Choose a message of the same fund.",
            )


def _check_validator(session: Session, record: Any) -> None:
    _as_check(record)


def _not_negative(pence: int | None, what: str) -> None:
    if (pence or 0) < 0:
        raise HoldallError(f"{what} has a limit below nothing.", "Write 0 for no limit.")


def _exists(session: Session, column: Any, code: str, what: str) -> None:
    wanted = select(column).where(column == code, column.class_.deleted.is_(False)).limit(1)
    if code and session.scalars(wanted).first() is None:
        raise HoldallError(f"{what} that is not there: “{code}”.", "Choose one from the list, or add it.")


_SPECIAL: Mapping[type[Record], Callable[[Session, Any], None]] = {
    Fund: _check_fund,
    Method: _check_method,
    VatCode: _check_vat,
    StopMessage: _check_stop,
    AccountHolder: _check_holder,
    Validator: _check_validator,
}
