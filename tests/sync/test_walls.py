"""Row-level security on PostgreSQL: what each role of the database sees, with no help from the program."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from models.errors import HoldallError
from models.ids import new_id
from sync import codes
from sync.client import enrol
from sync.server import keys
from sync.server.__main__ import main
from sync.server.accounts import make_code, put_account
from sync.server.store import ServerStore, engine_of, ensure_tenant, stamp
from sync.server.tables import courier_key, enrol_code, metadata, record
from sync.server.walls import enter, stand_at_door
from tests.sync.cluster import Cluster
from tests.sync.kit import Fleet, RealServer
from tests.sync.test_converge import shared_thing

NOW = datetime.now(UTC)
OTHER = {"type": "t", "id": new_id(), "scope": "tenant", "ver": 1, "seq": 1, "fver": "{}", "body": "{}"}


def council(store: ServerStore, name: str) -> str:
    """A council with a person, a record and an enrolment code; gives its id."""
    tenant = f"{name}-{new_id()[-12:]}"
    with store.write(tenant) as connection:
        ensure_tenant(connection, tenant, name, "01632 960 100", NOW)
        put_account(connection, tenant, "u-1", name, ["officer"], ["team-1"])
        make_code(connection, tenant, "u-1", NOW)
        connection.execute(record.insert().values(tenant=tenant, deleted=False, **OTHER))
    return tenant


@pytest.fixture(scope="module")
def two(postgres: ServerStore) -> tuple[str, str]:
    """Two councils with the same records by name and number."""
    return council(postgres, "averwick"), council(postgres, "brindle")


def test_every_table_of_councils_has_a_wall_that_holds_for_its_owner_too(
    cluster: Cluster, postgres: ServerStore
) -> None:
    engine = engine_of(cluster.admin)
    with engine.connect() as connection:
        walled = connection.execute(
            text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        ).scalars()
        assert set(walled) == {table.name for table in metadata.sorted_tables if "tenant" in table.c}
        owned = connection.execute(text("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'"))
        assert set(owned.scalars()) == {"holdall_owner"}
        rights = connection.execute(
            text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'holdall%' AND (rolsuper OR rolbypassrls)")
        )
        assert rights.scalars().all() == ["holdall_backup"]
    engine.dispose()


def test_without_a_where_a_transaction_sees_its_own_council(
    postgres: ServerStore, two: tuple[str, str]
) -> None:
    for tenant in two:
        with postgres.read(tenant) as connection:
            for table in metadata.sorted_tables:
                assert set(connection.execute(select(table.c.tenant)).scalars()) <= {tenant}
            assert connection.execute(select(record.c.tenant)).scalars().all() == [tenant]


def test_a_transaction_for_nobody_sees_nobodys_work(postgres: ServerStore, two: tuple[str, str]) -> None:
    with postgres.read() as connection:
        stand_at_door(connection)
        seen = {
            table.name
            for table in metadata.sorted_tables
            if connection.execute(select(table.c.tenant).limit(1)).first() is not None
        }
    assert seen == {"tenant"}
    with postgres.engine.connect() as connection:  # nothing was said at all
        for table in metadata.sorted_tables:
            assert connection.execute(select(table.c.tenant).limit(1)).first() is None
    assert set(two) <= set(postgres.councils())


def test_what_was_said_ends_with_the_transaction(postgres: ServerStore, two: tuple[str, str]) -> None:
    with postgres.engine.connect() as connection:
        with connection.begin():
            enter(connection, two[0])
            assert connection.execute(select(record.c.tenant)).scalars().all() == [two[0]]
        setting = connection.execute(text("SELECT current_setting('app.tenant', true)")).scalar_one()
        assert setting == ""
        assert connection.execute(select(record.c.tenant)).first() is None


def test_nothing_is_written_for_another_council(postgres: ServerStore, two: tuple[str, str]) -> None:
    mine, theirs = two
    with pytest.raises(ProgrammingError, match="row-level security"), postgres.write(mine) as connection:
        values = {**OTHER, "id": new_id()}
        connection.execute(record.insert().values(tenant=theirs, deleted=False, **values))
    with postgres.write(mine) as connection:
        assert connection.execute(update(record).values(body='{"x":1}')).rowcount == 1
        assert connection.execute(record.delete().where(record.c.tenant == theirs)).rowcount == 0
    with postgres.read(theirs) as connection:
        assert connection.execute(select(record.c.body)).scalars().all() == ["{}"]
    with postgres.write(mine) as connection:
        connection.execute(update(record).values(body="{}"))


@pytest.mark.parametrize(
    "line",
    [
        "ALTER TABLE record DISABLE ROW LEVEL SECURITY",
        "DROP POLICY council ON record",
        "CREATE POLICY all_of_it ON record USING (true)",
        "SET ROLE holdall_backup",
        "DROP TABLE record",
    ],
)
def test_the_role_that_serves_cannot_take_a_wall_down(postgres: ServerStore, line: str) -> None:
    with pytest.raises(ProgrammingError), postgres.write() as connection:
        connection.execute(text(line))


def test_the_role_for_copies_reads_everything_and_writes_nothing(
    cluster: Cluster, postgres: ServerStore, two: tuple[str, str]
) -> None:
    engine = engine_of(cluster.backup)
    with engine.connect() as connection:
        assert set(two) <= set(connection.execute(select(record.c.tenant)).scalars())
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        connection.execute(record.delete())
    engine.dispose()


def test_at_the_door_only_codes_that_begin_alike_are_seen(
    postgres: ServerStore, two: tuple[str, str]
) -> None:
    with postgres.read(two[0]) as connection:
        handle = connection.execute(select(enrol_code.c.handle)).scalar_one()
    with postgres.read() as connection:
        assert connection.execute(select(enrol_code)).all() == []
        stand_at_door(connection, handle)
        seen = connection.execute(select(enrol_code.c.handle, enrol_code.c.tenant)).all()
    assert {row.handle for row in seen} == {handle}
    assert two[0] in {row.tenant for row in seen}


@pytest.fixture
def served(cluster: Cluster, postgres: ServerStore) -> Iterator[RealServer]:
    """A server process over PostgreSQL, as the role that serves."""
    server = RealServer(cluster.app).start()
    yield server
    server.stop()


def test_a_code_lets_in_though_another_councils_code_begins_alike(
    served: RealServer, postgres: ServerStore, two: tuple[str, str]
) -> None:
    with postgres.write(two[0]) as connection:
        code, _ = make_code(connection, two[0], "u-1", NOW)
    handle = str(codes.read(code))[: codes.HANDLE]
    with postgres.write(two[1]) as connection:
        kept = connection.execute(select(enrol_code.c.hash)).scalars().first()
        connection.execute(
            enrol_code.insert().values(
                tenant=two[1],
                code_id=new_id(),
                handle=handle,
                hash=kept,
                user_id="u-1",
                shared=False,
                expires_at=stamp(NOW + timedelta(minutes=15)),
                tries=0,
            )
        )
    account = enrol(served.address, code, new_id())
    assert (account.tenant, account.user) == (two[0], "u-1")
    with postgres.read(two[1]) as connection:
        tries = select(enrol_code.c.tries).where(enrol_code.c.handle == handle)
        assert max(connection.execute(tries).scalars()) <= 1  # it was tried against that one as well


def test_laptops_work_over_a_database_of_one_plain_role(
    cluster: Cluster, tmp_path: object, template: object, postgres: ServerStore
) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    assert isinstance(template, Path)
    plain = cluster.fresh("plain")
    engine = engine_of(plain.admin)
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE plain LOGIN"))
        connection.execute(text("GRANT ALL ON SCHEMA public TO plain"))
    engine.dispose()
    store = ServerStore.open(plain.address("plain"))
    fleets = [Fleet(tmp_path / name, store, template, None) for name in ("a", "b")]
    for fleet in fleets:
        fleet.folder.mkdir()
        shared_thing(fleet)
        fleet.close()
    with store.read(fleets[0].tenant) as connection:
        assert set(connection.execute(select(record.c.tenant)).scalars()) == {fleets[0].tenant}
    store.close()


def test_roles_and_tables_are_made_by_command_and_an_old_database_is_named(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = cluster.fresh("commanded")
    assert main(["roles", "--db", fresh.admin]) == 0
    with pytest.raises(HoldallError, match="due for an upgrade"):
        ServerStore.open(fresh.app)
    assert main(["enrol", "--db", fresh.app, "--name", "Ann Field", "--role", "lead"]) == 2
    assert "migrate --db" in capsys.readouterr().err
    assert main(["migrate", "--db", fresh.owner]) == 0
    assert main(["roles", "--db", fresh.admin]) == 0
    assert main(["enrol", "--db", fresh.app, "--name", "Ann Field", "--role", "lead"]) == 0
    assert main(["roles", "--db", "some.db"]) == 2
    assert "PostgreSQL" in capsys.readouterr().err


def test_a_key_in_use_by_any_council_is_known_to_be(cluster: Cluster) -> None:
    store = cluster.fresh("keyed").prepare()
    _, second = council(store, "averwick"), council(store, "brindle")
    before = keys._in_use(store)
    values = {"key_id": new_id(), "public": "p", "private": "s", "created_at": stamp(NOW)}
    with store.write(second) as connection:
        connection.execute(courier_key.insert().values(tenant=second, **values))
    assert (before, keys._in_use(store)) == (False, True)
    store.close()
