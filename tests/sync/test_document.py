"""The OpenAPI document is true: whatever a program that has read it sends, the server answers as it says."""

from __future__ import annotations

import collections
import inspect
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from sync import wire
from sync.server.routes import ROUTES
from sync.server.store import ServerStore
from tests.sync.kit import Fleet, Laptop, RealServer

EXAMPLES = 6
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
DOORS = [f"{route.method} {route.path}" for route in ROUTES if not route.signed_in]
WAITING = [f"{route.method} {route.path}" for route in ROUTES if inspect.iscoroutinefunction(route.work)]


class Signed(requests.auth.AuthBase):
    """Signs a request as a laptop does."""

    def __init__(self, laptop: Laptop) -> None:
        self.laptop = laptop

    def __call__(self, request: Any) -> Any:
        at = int(datetime.now(UTC).timestamp() * 1000)
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        signed = self.laptop.account.signed_headers(request.method, request.path_url, body, at)
        for name, value in signed.items():
            if name.lower() != "holdall-protocol":
                request.headers[name] = value
        return request


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Laptop]:
    """A laptop of an administrator, on a server that slows nobody down."""
    folder = tmp_path_factory.mktemp("document")
    generous = ["--pushes", "0", "--council-pushes", "0", "--tries", "1000000"]
    server = RealServer(str(folder / "server.db"), extra=generous).start()
    beside = ServerStore.open(server.db)
    fleet = Fleet(folder, beside, template, server)
    yield fleet.join(roles=("officer", "lead", "finance", "admin", "auditor"))
    fleet.close()
    beside.close()
    server.stop()


@pytest.fixture(scope="module")
def document(laptop: Laptop) -> Any:
    answer = requests.get(f"{laptop.account.server}/openapi.json", timeout=10)
    return schemathesis.openapi.from_dict(answer.json())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("signed", [True, False])
def test_every_answer_is_one_that_the_document_promises(
    laptop: Laptop, document: Any, signed: bool, mode: GenerationMode
) -> None:
    seen: dict[str, collections.Counter[int]] = {}
    with requests.Session() as session:
        for found in document.get_all_operations():
            operation = found.ok()
            if operation.label not in WAITING:
                auth = Signed(laptop) if signed else None
                seen[operation.label] = explored(laptop, operation, mode, session, auth)
    assert len(seen) + len(WAITING) == len(ROUTES)
    if signed and mode is GenerationMode.POSITIVE:
        assert all(200 in seen[label] for label in ("POST /v1/push", "POST /v1/pull", "GET /v1/admin/audit"))
    if not signed:
        opened = {
            label for label, counts in seen.items() if label not in DOORS and min(counts, default=401) < 400
        }
        assert opened == set()


def explored(
    laptop: Laptop, operation: Any, mode: GenerationMode, session: requests.Session, auth: Any
) -> collections.Counter[int]:
    """The statuses of some answers of one route, each of them checked."""
    load_all_checks()
    checks = [check for check in CHECKS.get_all() if check.__name__ in CHECKED]
    assert len(checks) == len(CHECKED)
    counts: collections.Counter[int] = collections.Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        fit(case, laptop)
        answer = case.call(base_url=laptop.account.server, session=session, auth=auth, timeout=30)
        counts[answer.status_code] += 1
        case.validate_response(answer, checks=checks)

    ask()
    return counts


def fit(case: Any, laptop: Laptop) -> None:
    """Makes most pushes ones of this very laptop, rightly numbered, so that their operations are read."""
    if case.operation.label != "POST /v1/push" or not isinstance(case.body, dict):
        return
    operations = case.body.get("ops")
    if isinstance(operations, list) and len(json.dumps(case.body, default=str)) % 4:
        case.body["device"] = laptop.account.device
        answer = laptop.transport.pull(wire.PullRequest({}))
        for n, operation in enumerate(operations, answer.last_dseq + 1):
            if isinstance(operation, dict):
                operation["dseq"] = n
