"""The encrypted store: what is committed stays, what cannot be opened is said in a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from app.context import Context
from models import upgrade
from models.base import Base
from models.changes import Author
from models.errors import DiskFull, HoldallError, StoreDamaged, StoreError, StoreTooNew, WrongKey
from models.income import Account, Fund
from models.outbox import History
from models.repairs import Contact, ContactKind, Property
from models.store import Store
from models.upgrade import SchemaVersion, UpgradeStep
from tests.conftest import KEY, NOW
from tests.things import Thing


def test_the_file_shows_nothing_of_what_it_holds(context: Context) -> None:
    context.write("Make", lambda s: s.add(Thing(title="Ffion Wŷn-Harte")))
    context.store.close()
    raw = b"".join(p.read_bytes() for p in context.home.iterdir() if p.is_file())
    assert not raw.startswith(b"SQLite format 3")
    assert b"Ffion" not in raw
    assert b"test_thing" not in raw


def test_what_was_written_is_there_after_opening_again(context: Context) -> None:
    context.write("Make", lambda s: s.add(Thing(title="Kept")))
    context.store.close()
    again = Store.open(context.store.path, KEY)
    with again.read() as session:
        assert [t.title for t in session.query(Thing)] == ["Kept"]
    assert again.check() == []
    again.close()


def test_a_wrong_key_is_a_sentence_and_the_file_stays_as_it_was(store: Store) -> None:
    store.close()
    before = store.path.read_bytes()
    with pytest.raises(WrongKey, match="does not open with this key"):
        Store.open(store.path, b"x" * 32)
    assert store.path.read_bytes() == before


@pytest.mark.parametrize("size", [0, 100, 4096 * 3 + 17])
def test_a_cut_off_file_is_a_sentence(store: Store, size: int) -> None:
    store.close()
    whole = store.path.read_bytes()
    store.path.write_bytes(whole[:size])
    with pytest.raises(StoreDamaged, match="cut short"):
        Store.open(store.path, KEY)
    store.path.write_bytes(whole)
    Store.open(store.path, KEY).close()


def test_a_file_cut_at_a_page_is_found_by_the_check(store: Store, first_officer: Author) -> None:
    with store.write(first_officer, "Make", NOW) as session:
        session.add_all([Thing(title=f"Thing {n}", note="word " * 400) for n in range(50)])
    store.close()
    whole = store.path.read_bytes()
    store.path.write_bytes(whole[: len(whole) // 8192 * 4096])
    with pytest.raises(HoldallError) as caught:
        broken = Store.open(store.path, KEY)
        try:
            problems = broken.check()
            assert problems
            raise StoreDamaged(problems[0])
        finally:
            broken.close()
    assert "Traceback" not in str(caught.value)


def test_a_full_disk_is_a_sentence_and_loses_nothing(store: Store, first_officer: Author) -> None:
    with store.write(first_officer, "Make", NOW) as session:
        session.add(Thing(title="Before"))
    with pytest.raises(DiskFull, match="disk is full"), store.write(first_officer, "Fill", NOW) as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
        session.add(Thing(title="After", note="x" * 400_000))
    with store.connect() as connection:
        connection.execute(text("PRAGMA max_page_count = 1073741823"))
    with store.read() as session:
        assert [t.title for t in session.query(Thing)] == ["Before"]
    with store.write(first_officer, "Make", NOW) as session:
        session.add(Thing(title="After all"))
    assert store.check() == []


def test_a_store_of_a_newer_holdall_is_refused_and_not_written(store: Store) -> None:
    newer = SchemaVersion(upgrade.CURRENT.major + 1, 0)
    with store.connect(write=True) as connection:
        connection.execute(text(f"PRAGMA user_version = {newer.number}"))
    store.close()
    before = store.path.read_bytes()
    with pytest.raises(StoreTooNew, match="newer Holdall"):
        Store.open(store.path, KEY)
    assert store.path.read_bytes() == before


def test_a_newer_minor_version_opens(store: Store) -> None:
    with store.connect(write=True) as connection:
        number = SchemaVersion(upgrade.CURRENT.major, upgrade.CURRENT.minor + 7).number
        connection.execute(text(f"PRAGMA user_version = {number}"))
    store.close()
    Store.open(store.path, KEY).close()


def test_an_older_store_is_brought_up_step_by_step_after_a_copy(store: Store) -> None:
    store.close()

    def add_table(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE later (id TEXT)"))

    def fill_table(connection: Connection) -> None:
        connection.execute(text("INSERT INTO later VALUES ('here')"))

    current = upgrade.CURRENT
    steps = [
        UpgradeStep(SchemaVersion(current.major, current.minor + 2), fill_table),
        UpgradeStep(SchemaVersion(current.major, current.minor + 1), add_table),
    ]
    opened = Store.open(store.path, KEY, steps)
    with opened.connect() as connection:
        assert connection.execute(text("SELECT id FROM later")).scalar_one() == "here"
        assert upgrade.version_of(connection) == steps[0].version
    opened.close()
    copies = list(store.path.parent.glob("*.before-*.db"))
    assert len(copies) == 1
    Store.open(copies[0], KEY).close()


def test_a_step_that_fails_leaves_the_store_at_the_version_before(store: Store) -> None:
    store.close()

    def fail(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half_done (id TEXT)"))
        raise ValueError("power cut")

    step = UpgradeStep(SchemaVersion(upgrade.CURRENT.major, upgrade.CURRENT.minor + 1), fail)
    with pytest.raises(ValueError, match="power cut"):
        Store.open(store.path, KEY, [step])
    again = Store.open(store.path, KEY)
    with again.connect() as connection:
        assert upgrade.version_of(connection) == upgrade.CURRENT
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'half_done'")).all()
    assert names == []
    again.close()


def test_a_store_is_never_made_over_another(store: Store) -> None:
    with pytest.raises(StoreError, match="already"):
        Store.create(store.path, KEY)


def test_a_service_cannot_commit_and_a_reader_cannot_write(store: Store, first_officer: Author) -> None:
    with pytest.raises(RuntimeError, match="never commits"), store.write(first_officer, "x", NOW) as session:
        session.add(Thing(title="Half"))
        session.commit()
    with pytest.raises(RuntimeError, match="used to write"), store.read() as session:
        session.add(Thing(title="Half"))
    with store.read() as session:
        assert session.query(Thing).count() == 0


def test_the_backup_opens_with_the_same_key(store: Store, first_officer: Author, tmp_path: Path) -> None:
    with store.write(first_officer, "Make", NOW) as session:
        session.add(Thing(title="Copied"))
    store.backup(tmp_path / "copy.db")
    copy = Store.open(tmp_path / "copy.db", KEY)
    with copy.read() as session:
        assert session.query(Thing).one().title == "Copied"
    copy.close()


def test_the_domain_works_where_qt_is_not_installed() -> None:
    program = (
        "import sys; sys.modules['PySide6'] = None\n"
        "import models, app.sample, app.workspace, app.keys, sync.wire, sync.merge, sync.engine\n"
        "from importlib import import_module\n"
        "for name in models.SLICES:\n"
        "    import_module(f'app.{name}.service'); import_module(f'app.{name}.rules')\n"
        "    import_module(f'app.{name}.report'); import_module(f'app.{name}.files')\n"
        "print('works')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "works", done.stderr


_INCOME_OF_1_2 = {
    "income_account": ("accepts_alone_to", "suspense_fund", "gl_code", "columns"),
    "income_bank_line": ("parts",),
    "income_receipt": (
        "psp_reference",
        "internal_reference",
        "office",
        "vat_code",
        "vat_pence",
        "rules",
        "given",
    ),
    "income_match": ("confirmed_at", "reversed_at", "reversed_by_name"),
}


def _back_to_1_2(connection: Connection) -> None:
    """Takes from a store what the step to 1.3 gives it."""
    for table in ("repairs_mapping", "repairs_hazard_report", "repairs_notice", "repairs_contact"):
        connection.execute(text(f"DROP TABLE {table}"))
    for line in upgrade._INDEXES_OF_1_3:
        connection.execute(text(f"DROP INDEX {line.split()[2]}"))
    for table, column in upgrade._REPAIRS_OF_1_3:
        connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}"))
    connection.execute(text(f"PRAGMA user_version = {SchemaVersion(1, 2).number}"))


def test_a_store_of_version_1_2_gets_what_repairs_need(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    store = Store.create(path, KEY)
    author = Author("u-1", "Tomos Aldgate", "team-1")
    with store.write(author, "Add a home", NOW) as session:
        session.add(Property(id="h", address="14 Tannery Row", postcode="AV3 2QT", place_key="AV32QT 14"))
    with store.connect(write=True) as connection:
        _back_to_1_2(connection)
    store.close()
    again = Store.open(path, KEY)
    with again.write(author, "Write a case", NOW) as session:
        home = session.get_one(Property, "h")
        assert (home.stack, home.legal_disrepair, home.gas_supply) == ("", False, None)
        home.stack = "north"
        session.add(Contact(repair_id="r", kind=ContactKind.CHASE, at=NOW, by="u-1", by_name="Tomos Aldgate"))
    with again.connect() as connection:
        assert upgrade.version_of(connection) == upgrade.CURRENT
        for table in Base.metadata.sorted_tables:  # every column that the models name is there
            connection.execute(select(table).limit(1))
    again.close()


def _back_to_1_1(connection: Connection) -> None:
    """Takes from a store what the step to 1.2 gives it."""
    _back_to_1_2(connection)
    for table in ("income_suspense", "income_journal", "income_period_event", "income_fund"):
        connection.execute(text(f"DROP TABLE {table}"))
    for table, columns in _INCOME_OF_1_2.items():
        for column in columns:
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
    connection.execute(text(f"PRAGMA user_version = {SchemaVersion(1, 1).number}"))


def test_a_store_of_version_1_1_gets_the_office_around_the_statements(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    store = Store.create(path, KEY)
    author = Author("u-1", "Tomos Aldgate", "team-1")
    with store.write(author, "Add an account", NOW) as session:
        session.add(Account(id="a", name="General", key="00000060114417"))
    with store.connect(write=True) as connection:
        _back_to_1_1(connection)
    store.close()
    again = Store.open(path, KEY)
    with again.write(author, "Name a fund", NOW) as session:
        session.add(Fund(code="23", name="Council tax"))
        account = session.get_one(Account, "a")
        assert account.accepts_alone_to == 5_000_00
        assert account.suspense_fund == "SP"
    with again.connect() as connection:
        assert upgrade.version_of(connection) == upgrade.CURRENT
        for table, columns in _INCOME_OF_1_2.items():
            connection.execute(text(f"SELECT {', '.join(columns)} FROM {table}"))
    again.close()


def test_a_store_of_version_1_0_is_brought_up_with_its_work(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    store = Store.create(path, KEY)
    with store.write(Author("u-1", "Tomos Aldgate", "team-1"), "Make", NOW) as session:
        session.add(Thing(title="From last year"))
    with store.connect(write=True) as connection:
        _back_to_1_1(connection)
        for table in ("chain_mark", "search_queue", "carried", "arrival"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("DROP INDEX ix_blob_state"))
        connection.execute(text("DROP INDEX ix_outbox_acked"))
        connection.execute(text("DROP TABLE history"))
        connection.execute(
            text(
                "CREATE TABLE history (n INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, op_id VARCHAR UNIQUE,"
                " type VARCHAR, record_id VARCHAR, kind VARCHAR, fields TEXT, version INTEGER,"
                " author_name VARCHAR, at VARCHAR)"
            )
        )
        connection.execute(text("CREATE INDEX ix_history_record ON history (type, record_id, n)"))
        connection.execute(
            text(
                "INSERT INTO history (op_id, type, record_id, kind, fields, version, author_name, at)"
                " VALUES ('o', 'test_thing', 'r', 'patch', '{\"stock\"\\:1}', 2, 'Ros',"
                " '2026-01-02T03:04:05.000000Z')"
            )
        )
        for table, column in (
            ("scope_state", "safe"),
            ("scope_state", "snapshot"),
            ("outbox", "server_scope"),
            ("shadow", "left"),
            ("blob", "done"),
            ("blob", "problem"),
            ("blob", "asked"),
            ("blob", "from_name"),
        ):
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        connection.execute(text(f"PRAGMA user_version = {SchemaVersion(1, 0).number}"))
    store.close()
    again = Store.open(path, KEY)
    with again.connect() as connection:
        assert upgrade.version_of(connection) == upgrade.CURRENT
        assert connection.execute(text("SELECT count(*) FROM carried")).scalar_one() == 0
        connection.execute(text("SELECT safe, snapshot FROM scope_state"))
        connection.execute(text("SELECT server_scope, left FROM outbox, shadow"))
        connection.execute(text("SELECT done, problem, asked, from_name FROM blob"))
    with again.read() as session:
        assert [t.title for t in session.query(Thing)] == ["From last year"]
        assert [h.fields for h in session.query(History)] == [{"stock": 1}]
    again.close()
