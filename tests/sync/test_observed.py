"""What operators see of the server: health, counts, logs and limits; and what none of them may show."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from models.ids import new_id
from sync import outgoing
from sync.errors import ServerBusy
from sync.server.routes.health import newest_step
from sync.server.routing import Deps
from sync.server.store import ServerStore
from sync.server.throttle import Pace, Throttle
from tests.sync.kit import ROOT, Fleet, RealServer
from tests.things import Secret, Thing


@pytest.fixture
def logged(tmp_path: Path, template: Path) -> Iterator[tuple[Fleet, Path, RealServer]]:
    """Laptops of a server of their own whose log goes to a file."""
    path = tmp_path / "log"
    token = tmp_path / "token"
    token.write_text("a-collectors-token\n")
    with path.open("w") as stderr:
        made = RealServer(str(tmp_path / "s.db"), extra=["--log", "json", "--metrics-token-file", str(token)])
        made.start(stderr=stderr)
        beside = ServerStore.open(made.db)
        fleet = Fleet(tmp_path, beside, template, made)
        yield fleet, path, made
        fleet.close()
        beside.close()
        made.stop()


def test_the_log_of_a_push_holds_counts_and_ids_but_no_value_and_no_type(
    logged: tuple[Fleet, Path, RealServer],
) -> None:
    fleet, path, server = logged
    laptop = fleet.join("u-1", "Tomos Aldgate")
    made = Thing(title="Zanzibar gutter", note="Quetzal ladder", address="77 Mill Lane")
    laptop.write("Narwhal act", lambda s: s.add_all([made, Secret(sealed="Xylophone")]))
    laptop.sync()
    requests.get(f"{server.address}/v1/records/{made.id}?q=Zanzibar", timeout=10)
    requests.post(f"{server.address}/v1/enrol", data=b'{"code":"Zanzibar"}', timeout=10)
    server.stop()
    text = path.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    (push,) = [line for line in lines if line.get("route") == "/v1/push"]
    assert (push["status"], push["operations"]) == (200, {"applied": 2})
    assert (push["tenant"], push["device"]) == (fleet.tenant, laptop.account.device)
    assert {"request", "method", "ms", "in", "out", "at"} <= set(push)
    assert [(line["route"], line["status"]) for line in lines[-2:]] == [("none", 404), ("/v1/enrol", 400)]
    assert lines[-1]["error"] == "malformed"
    secrets = ["Zanzibar", "Quetzal", "Mill", "Narwhal", "Xylophone", "Aldgate", "test_", made.id]
    secrets += [laptop.account.access, laptop.account.refresh, "user:u-1", "team:team-1"]
    assert [secret for secret in secrets if secret in text] == []


def test_every_answer_has_a_number_and_says_nothing_of_the_server(server: RealServer) -> None:
    answer = requests.get(f"{server.address}/healthz", headers={"X-Request-Id": "proxy-12345"}, timeout=10)
    assert (answer.status_code, answer.json()) == (200, {"status": "up"})
    assert answer.headers["X-Request-Id"] == "proxy-12345"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Server" not in answer.headers
    assert "Strict-Transport-Security" not in answer.headers  # over TLS alone
    forged = requests.get(f"{server.address}/healthz", headers={"X-Request-Id": 'a"b{}<>'}, timeout=10)
    assert len(forged.headers["X-Request-Id"]) == 12


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [
        ("GET", "/no", 404, "no_such_address"),
        ("GET", "/v1/hello/", 404, "no_such_address"),
        ("DELETE", "/v1/push", 405, "no_such_method"),
        ("GET", "/docs", 404, "no_such_address"),
        ("GET", "/v1/push%00", 404, "no_such_address"),
    ],
)
def test_a_wrong_address_or_method_answers_in_json_and_without_an_epoch(
    server: RealServer, method: str, path: str, status: int, word: str
) -> None:
    answer = requests.request(method, server.address + path, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (status, word)
    assert answer.headers["Holdall-Epoch"] == "-"
    assert answer.headers["Content-Type"] == "application/json"
    if status == 405:
        assert answer.headers["Allow"] == "POST"


def test_a_server_is_ready_when_database_tables_and_disk_are(tmp_path: Path) -> None:
    from sync.server.routes.health import ROUTES
    from sync.server.routing import Call

    store = ServerStore.open(str(tmp_path / "s.db"))
    deps = Deps(store, lambda: datetime.now(UTC), Throttle("5/minute"))

    def told() -> Any:
        (route,) = [route for route in ROUTES if route.path == "/readyz"]
        return route.work(Call(deps, b"", None, ""))

    assert told().status == "ready"
    deps.least_free = 1.01
    assert (told().status, "all but full" in told().message.message) == (503, True)
    deps.least_free = 0.05
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert f"step 0001, this server wants {newest_step()}" in told().message.message
    with store.write() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    assert told().status == 503
    store.close()
    (tmp_path / "s.db").write_bytes(b"no database" * 1000)
    assert "does not answer" in told().message.message
    store.close()


def test_counts_are_for_the_collector_and_name_nobody(logged: tuple[Fleet, Path, RealServer]) -> None:
    fleet, _, server = logged
    laptop = fleet.join("u-1", "Tomos Aldgate")
    laptop.write("Add", lambda s: s.add(Thing(title="One")))
    laptop.sync()
    assert requests.get(f"{server.address}/metrics", timeout=10).status_code == 403
    answer = requests.get(
        f"{server.address}/metrics", headers={"Authorization": "Bearer a-collectors-token"}, timeout=10
    )
    text = answer.text
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'holdall_requests_total{method="POST",route="/v1/push",status="200"} 1.0' in text
    assert 'holdall_operations_total{status="applied"} 1.0' in text
    for name in ("holdall_request_seconds_bucket", "holdall_page_changes_sum", "holdall_log_heads"):
        assert name in text
    (connections,) = [line for line in text.splitlines() if line.startswith("holdall_connections_open ")]
    assert float(connections.split()[1]) >= 1
    for secret in (fleet.tenant, laptop.account.device, "u-1", "team-1", "averwick"):
        assert secret not in text


def test_counts_without_a_token_are_for_this_machine_and_not_for_who_comes_by_the_proxy(
    server: RealServer,
) -> None:
    assert requests.get(f"{server.address}/metrics", timeout=10).status_code == 200
    for header in ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"):
        answer = requests.get(f"{server.address}/metrics", headers={header: "127.0.0.1"}, timeout=10)
        assert answer.status_code == 403


def test_a_laptop_that_pushes_without_end_is_told_to_wait_and_loses_nothing(
    tmp_path: Path, template: Path
) -> None:
    made = RealServer(str(tmp_path / "s.db"), extra=["--pushes", "1"]).start()
    beside = ServerStore.open(made.db)
    fleet = Fleet(tmp_path, beside, template, made)
    laptop, other = fleet.join(), fleet.join("u-2", "Ann Field")
    for n in range(10):
        laptop.write("Add", lambda s, n=n: s.add(Thing(title=f"Thing {n}")))
        laptop.sync()
    laptop.write("Add", lambda s: s.add(Thing(title="One more")))
    with pytest.raises(ServerBusy) as caught:
        laptop.sync()
    assert 0 < caught.value.retry_after <= 601
    assert other.sync().pulled == 10  # others go on
    fleet.close()
    beside.close()
    made.stop()


def test_a_council_is_slowed_down_as_a_whole() -> None:
    pace = Pace(laptop=0, council=1)
    assert [pace.wait("averwick", new_id()) for _ in range(10)] == [0] * 10
    assert pace.wait("averwick", new_id()) > 0
    assert pace.wait("another", new_id()) == 0
    assert Pace(0, 0).wait("averwick", "d") == 0


def test_a_first_upload_of_a_hundred_thousand_records_is_not_slowed_down() -> None:
    pace, requests_it_takes = Pace(), 100_000 // outgoing.BATCH_OPS + 1
    device = new_id()
    assert [pace.wait("averwick", device) for _ in range(requests_it_takes)] == [0] * requests_it_takes
    for _ in range(600 - requests_it_takes):
        assert pace.wait("averwick", device) == 0
    assert pace.wait("averwick", device) > 0  # it is a limit all the same


def test_the_help_of_the_server_names_its_limits() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sync.server", "run", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for option in ("--log", "--metrics-token-file", "--proxy", "--pushes", "--council-pushes", "--tries"):
        assert option in done.stdout


def test_the_tables_are_brought_up_by_a_command_of_their_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sync.server", "migrate", "--db", str(tmp_path / "s.db")]
    for _ in range(2):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == {"step": newest_step()}
