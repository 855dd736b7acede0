"""The same server code on PostgreSQL: a private cluster that lives as long as these tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import blobs
from sync.server.keys import VARIABLE
from sync.server.store import ServerStore
from tests.sync.kit import Fleet, Laptop, RealServer
from tests.sync.test_converge import same, setting, shared_thing
from tests.things import Booking, Card, Place, Thing


def _programs() -> Path | None:
    """The folder of PostgreSQL's programs, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    named = shutil.which("initdb")
    return found[0].parent if found else Path(named).parent if named else None


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The URL of an empty database in a cluster of our own, on loopback."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="holdall-pg-"))
    prefix: list[str] = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # PostgreSQL refuses to run as root
        known = subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0
        if not shutil.which("runuser") or not known:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres to run it as")
        prefix = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    port = _free_port()
    data = folder / "data"
    run = [*prefix, str(programs / "initdb"), "-D", str(data), "-U", "holdall", "-A", "trust", "-E", "UTF8"]
    subprocess.run(run, cwd=folder, check=True, capture_output=True)
    options = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -p {port}"
    control = [*prefix, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    log = str(folder / "log")
    subprocess.run(
        [*control, "-o", options, "-l", log, "start"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    yield f"postgresql://holdall@127.0.0.1:{port}/postgres"
    subprocess.run([*control, "-m", "immediate", "stop"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def postgres(cluster: str) -> Iterator[ServerStore]:
    made = ServerStore.open(cluster)
    yield made
    made.close()


@pytest.fixture
def pg_fleet(tmp_path: Path, postgres: ServerStore, template: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path, postgres, template, None)
    yield made
    made.close()


def test_laptops_converge_over_postgresql(pg_fleet: Fleet) -> None:
    first, second, thing_id = shared_thing(pg_fleet, stock=10, address="1 Mill Lane")
    first.write("First", setting(thing_id, stock=12, address="2 Mill Lane", title="A"))
    second.write("Second", setting(thing_id, stock=9, address="3 Mill Lane", price=4))
    first.sync()
    assert second.sync().conflicts == 1
    first.sync()
    body = same(pg_fleet, Thing, thing_id)
    assert (body["stock"], body["address"], body["title"], body["price"]) == (11, "2 Mill Lane", "A", 4)


def test_a_real_process_serves_from_postgresql(
    tmp_path: Path, cluster: str, postgres: ServerStore, template: Path
) -> None:
    server = RealServer(cluster).start()
    fleet = Fleet(tmp_path, postgres, template, server)
    _, second, thing_id = shared_thing(fleet)
    assert second.get(Thing, thing_id).title == "Blocked gutter"
    fleet.close()
    server.stop()


def test_many_laptops_at_once_never_overbook_and_leave_no_hole_in_the_log(pg_fleet: Fleet) -> None:
    laptops = [pg_fleet.join(f"u-{n}", f"Officer {n}") for n in range(6)]
    place = Place(places=7)
    laptops[0].write("Offer", lambda s: s.add(place))
    pg_fleet.settle()
    for laptop in laptops:
        for _ in range(4):
            laptop.write("Book", lambda s: s.add(Booking(place_id=place.id)))
            laptop.write("Note", lambda s: s.add(Thing(title="Note")))
    problems: list[BaseException] = []

    def sync(laptop: Laptop) -> None:
        try:
            laptop.sync()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=sync, args=(laptop,)) for laptop in laptops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    with pg_fleet.books.read() as connection:
        taken = connection.exec_driver_sql(
            "SELECT count(*) FROM holding WHERE tenant = %s", (pg_fleet.tenant,)
        ).scalar_one()
        numbers = [
            row[0]
            for row in connection.exec_driver_sql(
                "SELECT seq FROM change WHERE tenant = %s AND scope = 'team:team-1' ORDER BY seq",
                (pg_fleet.tenant,),
            )
        ]
    assert taken == 7
    assert numbers == list(range(1, 1 + 1 + 7 + 24))
    pg_fleet.settle()
    assert {laptop.read(lambda s: s.query(Booking).count()) for laptop in laptops} == {7}


def test_files_travel_over_postgresql_once_the_server_has_a_key(
    tmp_path: Path, cluster: str, postgres: ServerStore, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    server = RealServer(cluster).start()
    fleet = Fleet(tmp_path, postgres, template, server)
    first, second = fleet.join(), fleet.join("u-2", "Priya Senn")
    data = b"\xff\xd8\xff" + os.urandom(700_000)
    name = first.write("Photo", lambda s: blobs.put(s, data, "image/jpeg", "window.jpg"))
    first.write("Card", lambda s: s.add(Card(photo=name)))
    report = first.sync()
    assert (report.accepted, report.files.sent) == (1, 0)  # records go on where there is no key
    assert report.files.problem is not None
    server.stop()
    key = tmp_path / "server.key"
    key.write_text("5f" * 32)
    key.chmod(0o600)
    monkeypatch.setenv(VARIABLE, str(key))
    again = RealServer(cluster).start()
    for laptop in (first, second):
        laptop.through(again.address)
        laptop.sync()
    assert second.read(lambda s: blobs.get(s, name)) == data
    fleet.close()
    again.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
