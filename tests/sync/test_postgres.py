"""The same server code on PostgreSQL, as a role that owns nothing."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from models import blobs
from sync.server import copying
from sync.server.creation import Creation
from sync.server.keys import VARIABLE
from sync.server.store import ServerStore
from tests.sync.cluster import Cluster
from tests.sync.kit import Fleet, Laptop, RealServer
from tests.sync.test_audit import request
from tests.sync.test_converge import same, setting, shared_thing
from tests.sync.test_pushing import many
from tests.things import Booking, Card, Place, Thing


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
    tmp_path: Path, cluster: Cluster, postgres: ServerStore, template: Path
) -> None:
    server = RealServer(cluster.app).start()
    fleet = Fleet(tmp_path, postgres, template, server)
    _, second, thing_id = shared_thing(fleet)
    assert second.get(Thing, thing_id).title == "Blocked gutter"
    fleet.close()
    server.stop()


def test_many_new_records_go_into_postgresql_in_one_straight_run(
    pg_fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pg_fleet.join(), pg_fleet.join("u-2", "Ros")
    taken: list[bool] = []
    takes = Creation.takes
    monkeypatch.setattr(Creation, "takes", lambda self, *a: taken.append(takes(self, *a)) or taken[-1])
    many(first, 60, note="Wŷn’s “kettle”, \\ {braces}, NULL", tags=["a,b", '"c"'])
    assert first.sync().accepted == 60
    assert taken == [True]
    assert second.sync().pulled == 60
    seen = second.read(lambda s: s.query(Thing).order_by(Thing.id).all())
    sent = first.read(lambda s: s.query(Thing).order_by(Thing.id).all())
    assert [(t.id, t.title, t.note, t.tags) for t in seen] == [(t.id, t.title, t.note, t.tags) for t in sent]


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
    with pg_fleet.books.read(pg_fleet.tenant) as connection:
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
    tmp_path: Path, cluster: Cluster, postgres: ServerStore, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    server = RealServer(cluster.app).start()
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
    again = RealServer(cluster.app).start()
    for laptop in (first, second):
        laptop.through(again.address)
        laptop.sync()
    assert second.read(lambda s: blobs.get(s, name)) == data
    fleet.close()
    again.stop()


def test_what_postgresql_cannot_keep_is_a_bad_request_and_the_server_is_ready(
    tmp_path: Path, cluster: Cluster, postgres: ServerStore, template: Path
) -> None:
    """It takes no character NUL; and its tables are at the newest step for the role that serves, too."""
    server = RealServer(cluster.app).start()
    fleet = Fleet(tmp_path, postgres, template, server)
    laptop = fleet.join(roles=("officer", "admin"))
    asked = {"user": "u-9", "name": "A\0B", "roles": ["officer"], "teams": []}
    answer = request(laptop, "POST", "/v1/admin/codes", **asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert request(laptop, "GET", "/v1/admin/audit").json()["head"] == 1  # what failed left no line
    assert requests.get(f"{server.address}/readyz", timeout=10).json() == {"status": "ready"}
    assert request(laptop, "GET", "/v1/devices/keys").json()[0]["device"] == laptop.account.device
    fleet.close()
    server.stop()


def test_a_copy_of_a_postgresql_database_is_proven_and_put_back(
    tmp_path: Path, cluster: Cluster, template: Path
) -> None:
    own = cluster.fresh("copied")  # a whole database is looked at: it must not be one that others share
    books = own.prepare()
    fleet = Fleet(tmp_path, books, template, None)
    laptop = fleet.join()
    laptop.write("Add", lambda s: s.add(Thing(title="Gutter")))
    laptop.sync()
    out, now = tmp_path / "night.dump", datetime.now(UTC)
    told = copying.backup(own.admin, out, now)
    assert told["bytes"] == out.stat().st_size > 0
    assert told["scopes"][fleet.tenant] == {"team:team-1": 1}
    assert copying.verify(own.admin)["ok"]
    other = cluster.fresh("put_back")
    back = copying.restore(other.admin, out, now)
    assert back["scopes"][fleet.tenant] == {"team:team-1": 1}
    assert fleet.tenant in back["epochs"]
    fleet.close()
    books.close()
