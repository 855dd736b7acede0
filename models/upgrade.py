"""Numbered steps from any older store to this one, keyed on PRAGMA user_version (major << 16 | minor).

A newer minor is opened as it is (it only added things); a newer major is refused and never written.
Each step runs in one transaction with its version number, after a copy of the file was put aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from models import search
from models.base import Base
from models.errors import StoreTooNew
from models.repairs.homes import HOUSE_NUMBER

APPLICATION_ID = 0x484F4C44  # "HOLD", so that tools recognise the file once it is unlocked


@dataclass(frozen=True, order=True)
class SchemaVersion:
    """The version of a store's tables."""

    major: int
    minor: int

    @classmethod
    def of(cls, number: int) -> SchemaVersion:
        """The version that a user_version number stands for."""
        return cls(number >> 16, number & 0xFFFF)

    @property
    def number(self) -> int:
        """The user_version number."""
        return self.major << 16 | self.minor

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


@dataclass(frozen=True)
class UpgradeStep:
    """One step: the version it leads to, and what it does to the tables."""

    version: SchemaVersion
    run: Callable[[Connection], None]


def _to_1_1(connection: Connection) -> None:
    """Courier files, chain marks, files that travel, Find that catches up."""
    import models  # noqa: F401  so that every table is known

    for line in (
        "ALTER TABLE scope_state ADD COLUMN safe INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE scope_state ADD COLUMN snapshot TEXT",
        "ALTER TABLE outbox ADD COLUMN server_scope TEXT",
        "UPDATE outbox SET server_scope = scope WHERE server_seq IS NOT NULL",
        "ALTER TABLE shadow ADD COLUMN left BOOLEAN NOT NULL DEFAULT 0",
        "ALTER TABLE blob ADD COLUMN done INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE blob ADD COLUMN problem TEXT",
        "ALTER TABLE blob ADD COLUMN asked BOOLEAN NOT NULL DEFAULT 0",
        "ALTER TABLE blob ADD COLUMN from_name TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX ix_blob_state ON blob (state)",
        "CREATE INDEX ix_outbox_acked ON outbox (server_scope, server_seq) WHERE state = 'acked'",
        "ALTER TABLE history RENAME TO history_1_0",
    ):
        connection.exec_driver_sql(line)
    Base.metadata.create_all(connection)
    names = "type, record_id, op_id, kind, fields, version, author_name, at"
    connection.exec_driver_sql(f"INSERT INTO history ({names}) SELECT {names} FROM history_1_0")  # noqa: S608
    connection.exec_driver_sql("DROP TABLE history_1_0")


def _to_1_2(connection: Connection) -> None:
    """Income: the office around the statements, and what new columns say of rows that are here."""
    import models  # noqa: F401  so that every table is known

    for table, column in (
        ("income_account", "accepts_alone_to BIGINT NOT NULL DEFAULT 500000"),
        ("income_account", "suspense_fund TEXT NOT NULL DEFAULT 'SP'"),
        ("income_account", "gl_code TEXT NOT NULL DEFAULT ''"),
        ("income_account", "columns TEXT"),
        ("income_bank_line", "parts TEXT"),
        ("income_receipt", "psp_reference TEXT NOT NULL DEFAULT ''"),
        ("income_receipt", "internal_reference TEXT NOT NULL DEFAULT ''"),
        ("income_receipt", "office TEXT NOT NULL DEFAULT ''"),
        ("income_receipt", "vat_code TEXT NOT NULL DEFAULT ''"),
        ("income_receipt", "vat_pence BIGINT NOT NULL DEFAULT 0"),
        ("income_receipt", "rules TEXT NOT NULL DEFAULT ''"),
        ("income_receipt", "given TEXT NOT NULL DEFAULT ''"),
        ("income_match", "confirmed_at TEXT"),
        ("income_match", "reversed_at TEXT"),
        ("income_match", "reversed_by_name TEXT"),
    ):
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
    Base.metadata.create_all(connection)


_REPAIRS_OF_1_3 = (
    ("repairs_repair", "heard TEXT"),
    ("repairs_repair", "email TEXT NOT NULL DEFAULT ''"),
    ("repairs_repair", "email_allowed BOOLEAN NOT NULL DEFAULT 0"),
    ("repairs_repair", "location_words TEXT NOT NULL DEFAULT ''"),
    ("repairs_repair", "follows_id TEXT"),
    ("repairs_repair", "second_asked_at TEXT"),
    ("repairs_repair", "access_refused_at TEXT"),
    ("repairs_clock", "case_id TEXT"),
    ("repairs_clock", "not_required TEXT NOT NULL DEFAULT ''"),
    ("repairs_clock", "delay_reason TEXT NOT NULL DEFAULT ''"),
    ("repairs_photo", "case_id TEXT"),
    ("repairs_photo", "look_hash TEXT NOT NULL DEFAULT ''"),
    ("repairs_photo", "hint TEXT NOT NULL DEFAULT ''"),
    ("repairs_emergency", "heard_rule TEXT NOT NULL DEFAULT ''"),
    ("repairs_emergency", "heard_words TEXT NOT NULL DEFAULT ''"),
    ("repairs_property", "property_ref TEXT NOT NULL DEFAULT ''"),
    ("repairs_property", "stack TEXT NOT NULL DEFAULT ''"),
    ("repairs_property", "ward TEXT NOT NULL DEFAULT ''"),
    ("repairs_property", "no_repair_reason TEXT NOT NULL DEFAULT ''"),
    ("repairs_property", "contractor TEXT NOT NULL DEFAULT ''"),
    ("repairs_property", "warranty_until TEXT"),
    ("repairs_property", "legal_disrepair BOOLEAN NOT NULL DEFAULT 0"),
    ("repairs_property", "gas_supply BOOLEAN"),
    ("repairs_property", "build_year INTEGER"),
    ("repairs_slot", "expires_at TEXT"),
    ("repairs_slot", "trade TEXT NOT NULL DEFAULT ''"),
    ("repairs_slot", "best BOOLEAN NOT NULL DEFAULT 0"),
    ("repairs_slot", "source TEXT NOT NULL DEFAULT 'built-in'"),
    ("repairs_slot", "external_ref TEXT NOT NULL DEFAULT ''"),
    ("repairs_visit", "latest_on TEXT"),
    ("repairs_visit", "call_by TEXT"),
    ("repairs_visit", "lost_why TEXT NOT NULL DEFAULT ''"),
    ("repairs_visit", "hold_ref TEXT NOT NULL DEFAULT ''"),
    ("repairs_visit", "granted_at TEXT"),
    ("repairs_visit", "confirmed_at TEXT"),
    ("repairs_visit", "sequence INTEGER NOT NULL DEFAULT 0"),
)
_INDEXES_OF_1_3 = (
    "CREATE INDEX ix_repairs_property_ref ON repairs_property (property_ref)",
    "CREATE INDEX ix_repairs_property_uprn ON repairs_property (uprn)",
    "CREATE INDEX ix_repairs_property_block ON repairs_property (block, stack)",
    f"CREATE INDEX ix_repairs_property_order ON repairs_property (postcode, {HOUSE_NUMBER}, address, id)",
)


def _to_1_3(connection: Connection) -> None:
    """Repairs: mappings, hazard cases, messages, contacts, and what new columns say of rows that are here."""
    import models  # noqa: F401  so that every table is known

    for table, column in _REPAIRS_OF_1_3:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
    for line in _INDEXES_OF_1_3:
        connection.exec_driver_sql(line)
    Base.metadata.create_all(connection)


CURRENT = SchemaVersion(1, 3)
STEPS: tuple[UpgradeStep, ...] = (
    UpgradeStep(SchemaVersion(1, 1), _to_1_1),
    UpgradeStep(SchemaVersion(1, 2), _to_1_2),
    UpgradeStep(SchemaVersion(1, 3), _to_1_3),
)


def version_of(connection: Connection) -> SchemaVersion:
    """The version the file says it has; 0.0 for a new file."""
    return SchemaVersion.of(int(connection.exec_driver_sql("PRAGMA user_version").scalar_one()))


def create_all(connection: Connection, version: SchemaVersion = CURRENT) -> None:
    """Makes every table of this version in an empty file."""
    import models  # noqa: F401  so that the slices' tables are known

    Base.metadata.create_all(connection)
    connection.execute(text(search.CREATE))
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {version.number}")


def refuse_newer(found: SchemaVersion, current: SchemaVersion = CURRENT) -> None:
    """Raises StoreTooNew when the file's major version is newer than this program's."""
    if found.major > current.major:
        raise StoreTooNew(
            f"This store was written by a newer Holdall (tables {found}; this one knows {current}).",
            "Nothing was changed. Update Holdall on this laptop, then open it again.",
        )


def pending_steps(
    found: SchemaVersion, steps: Sequence[UpgradeStep] = STEPS, current: SchemaVersion = CURRENT
) -> list[UpgradeStep]:
    """The steps that lead from the version found to the current one, in order."""
    refuse_newer(found, current)
    return [step for step in sorted(steps, key=lambda s: s.version) if found < step.version <= current]


def run_step(connection: Connection, step: UpgradeStep) -> None:
    """Runs one step and writes its version, inside the caller's transaction."""
    step.run(connection)
    connection.exec_driver_sql(f"PRAGMA user_version = {step.version.number}")
