"""The words a council's income is kept in: funds, methods of payment, VAT codes, offices, account holders,
how account references are checked, stop messages, and the rules that incoming rows go through.

Codes are the council's own and short; a record names another by its code, so that files and screens agree.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Record
from models.policy import Merge, Moves, Policy, SearchFields, Step
from models.types import Choice, Json, LongText, Pence, ShortText, UtcDateTime

_KEEPERS = frozenset({"lead", "finance"})  # who may change the codes that everybody else works with


class Validator(Record):
    """How the account references of a fund are checked: lengths, characters, mask and check digit.

    `character_type` is the number of app.income.validators.CharacterType; `check_digit` is None or
    {"type": 1 | 2, "modulus", "source_substitutions", "weightings", "result_substitutions",
    "apply_subtraction"}, as app.income.validators reads it.
    """

    __tablename__ = "income_validator"
    __policy__ = Policy(title="reference check", write_roles=_KEEPERS)

    name: Mapped[str] = mapped_column(ShortText(30), index=True)
    min_length: Mapped[int] = mapped_column(default=1)
    max_length: Mapped[int] = mapped_column(default=30)
    regex: Mapped[str] = mapped_column(ShortText(60), default="")
    mask: Mapped[str] = mapped_column(ShortText(30), default="")
    character_type: Mapped[int | None]
    check_digit: Mapped[Any] = mapped_column(Json, nullable=True)


class VatCode(Record):
    """A VAT code and its rate in basis points: 2000 is 20 per cent."""

    __tablename__ = "income_vat_code"
    __policy__ = Policy(title="VAT code", write_roles=_KEEPERS)

    code: Mapped[str] = mapped_column(ShortText(2), index=True)
    rate: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(ShortText(50), default="")
    disabled: Mapped[bool] = mapped_column(default=False)


class Fund(Record):
    """What money was paid for, with the account in the general ledger that it goes to."""

    __tablename__ = "income_fund"
    __policy__ = Policy(title="fund", write_roles=_KEEPERS, search=SearchFields("name", ("code",), ("code",)))

    code: Mapped[str] = mapped_column(ShortText(5), index=True)
    name: Mapped[str] = mapped_column(ShortText(50))
    validator: Mapped[str] = mapped_column(ShortText(30), default="")  # the name of a Validator, "" for none
    vat_code: Mapped[str] = mapped_column(ShortText(2), default="")
    vat_override: Mapped[bool] = mapped_column(default=False)  # whether a line's own VAT code counts
    maximum_pence: Mapped[int] = mapped_column(Pence, default=0)  # 0: no limit
    account_must_exist: Mapped[bool] = mapped_column(default=False)
    is_suspense: Mapped[bool] = mapped_column(default=False)
    credit_notes: Mapped[bool] = mapped_column(default=False)
    gl_code: Mapped[str] = mapped_column(ShortText(30), default="")
    disabled: Mapped[bool] = mapped_column(default=False)


class Method(Record):
    """A method of payment (MOP): cash, cheque, card, journal."""

    __tablename__ = "income_method"
    __policy__ = Policy(title="method of payment", write_roles=_KEEPERS)

    code: Mapped[str] = mapped_column(ShortText(5), index=True)
    name: Mapped[str] = mapped_column(ShortText(50))
    kind: Mapped[str] = mapped_column(ShortText(20), default="")  # cash, cheque, card, fee, journal, transfer
    minimum_pence: Mapped[int] = mapped_column(Pence, default=0)
    maximum_pence: Mapped[int] = mapped_column(Pence, default=0)  # 0: no limit
    refundable: Mapped[bool] = mapped_column(default=False)
    incurs_fee: Mapped[bool] = mapped_column(default=False)
    fee_fund: Mapped[str] = mapped_column(ShortText(5), default="")
    disabled: Mapped[bool] = mapped_column(default=False)


class Office(Record):
    """Where money was taken: a cash office, the post room, a batch import."""

    __tablename__ = "income_office"
    __policy__ = Policy(title="office", write_roles=_KEEPERS)

    code: Mapped[str] = mapped_column(ShortText(2), index=True)
    name: Mapped[str] = mapped_column(ShortText(50))
    disabled: Mapped[bool] = mapped_column(default=False)


class StopMessage(Record):
    """A message that stops payments to an account, for everybody but finance."""

    __tablename__ = "income_stop_message"
    __policy__ = Policy(title="stop message", write_roles=_KEEPERS)

    code: Mapped[str] = mapped_column(ShortText(10), index=True)
    fund: Mapped[str] = mapped_column(ShortText(5))
    message: Mapped[str] = mapped_column(ShortText(100))
    disabled: Mapped[bool] = mapped_column(default=False)


class AccountHolder(Record):
    """Whose account a reference is, so that a payment without a good reference can be placed."""

    __tablename__ = "income_account_holder"
    __policy__ = Policy(
        title="account holder", search=SearchFields("name", ("reference", "postcode"), ("reference",))
    )
    __table_args__ = (Index("ix_income_account_holder_reference", "reference", "fund"),)

    reference: Mapped[str] = mapped_column(ShortText(30))
    fund: Mapped[str] = mapped_column(ShortText(5))
    name: Mapped[str] = mapped_column(ShortText(120), default="")
    address: Mapped[str] = mapped_column(ShortText(200), default="")
    postcode: Mapped[str] = mapped_column(ShortText(10), default="")
    balance_pence: Mapped[int] = mapped_column(Pence, default=0)
    stop_message: Mapped[str] = mapped_column(ShortText(10), default="")  # the code of a StopMessage


class RuleUse(StrEnum):
    """What a rule works on."""

    IMPORT = "import"  # rows of a ledger or payment file, before they are posted
    BANK = "bank"  # lines of a statement, before they are matched


class RuleState(StrEnum):
    """Whether a rule runs."""

    PROPOSED = "proposed"  # learned from matches; it waits for a person, and never runs by itself
    RUNNING = "running"
    OFF = "off"


class Rule(Record):
    """A rule in an order: when a row answers to its conditions, its actions set fields of the row.

    `conditions`: [{"group", "field", "operator", "value", "logical": null | "AND" | "OR"}]; `actions`:
    [{"field", "value"}], both as app.income.row_rules reads them. `back_test`: how it would have done.
    """

    __tablename__ = "income_rule"
    __policy__ = Policy(
        title="rule",
        merge={"conditions": Merge.ASK, "actions": Merge.ASK},
        moves=Moves(
            start=(RuleState.PROPOSED, RuleState.OFF, RuleState.RUNNING),
            field="state",
            steps=(
                Step(RuleState.PROPOSED, RuleState.RUNNING),
                Step(RuleState.PROPOSED, RuleState.OFF),
                Step(RuleState.RUNNING, RuleState.OFF),
                Step(RuleState.OFF, RuleState.RUNNING),
            ),
        ),
    )

    name: Mapped[str] = mapped_column(ShortText(50))
    description: Mapped[str] = mapped_column(ShortText(500), default="")
    use: Mapped[RuleUse] = mapped_column(Choice(RuleUse), default=RuleUse.IMPORT)
    place: Mapped[int] = mapped_column(default=0)  # lower runs first; later rules see what earlier ones set
    state: Mapped[RuleState] = mapped_column(Choice(RuleState), default=RuleState.RUNNING)
    conditions: Mapped[Any] = mapped_column(Json)
    actions: Mapped[Any] = mapped_column(Json)
    learned: Mapped[bool] = mapped_column(default=False)
    back_test: Mapped[Any] = mapped_column(Json, nullable=True)  # {"right", "wrong", "of", "tested_at"}
    decided_by_name: Mapped[str | None] = mapped_column(ShortText(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(LongText(4_000), default="")
