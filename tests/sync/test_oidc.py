"""Signing in with a council account against a certified provider, and what happens when it goes wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from sync import oidc, wire
from sync.client import enrol_signed_in, sign_in_offers
from sync.errors import Offline, SignInFailed, SignInStopped
from sync.oidc import DeviceCode
from tests.sync.browser import Browser, RealProvider, node_modules
from tests.sync.idp import Idp
from tests.sync.kit import ROOT, RealServer

SCOPES = ["openid", "profile", "sync.readwrite"]


@pytest.fixture(scope="module")
def provider() -> Iterator[RealProvider]:
    modules = node_modules()
    if modules is None:
        pytest.skip("Node with the package oidc-provider is not here (HOLDALL_NODE_MODULES names its folder)")
    made = RealProvider(modules)
    yield made
    made.close()


@pytest.fixture
def offer(provider: RealProvider) -> wire.SignInOffer:
    return wire.SignInOffer(
        "averwick", "Averwick", "", provider.issuer, "holdall-laptops", SCOPES, provider.api
    )


@pytest.fixture
def council(provider: RealProvider, own_server: RealServer) -> RealServer:
    configure(own_server, provider.issuer, provider.api)
    return own_server


def configure(server: RealServer, issuer: str, audience: str) -> None:
    """Sets the provider up as an operator does."""
    command = [sys.executable, "-m", "sync.server", "provider", "--db", server.db, "--issuer", issuer]
    command += ["--client-id", "holdall-laptops", "--audience", audience, "--resource", audience]
    command += ["--scope", "sync.readwrite", "--needs-scope", "sync.readwrite"]
    command += ["--role", "Holdall.Officer=officer", "--default-team", "team-1", "--json"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def test_a_person_signs_in_and_their_laptop_joins_and_renews_by_itself(council: RealServer) -> None:
    (offer,) = sign_in_offers(council.address)
    assert (offer.council, offer.scopes, offer.token) == ("Averwick Borough Council", SCOPES, "access")
    browser = Browser()
    token = oidc.by_browser(offer, browser.open)
    browser.join()
    assert "Go back to Holdall" in browser.pages[-1]
    account = enrol_signed_in(council.address, offer, token)
    assert (account.name, account.roles, account.teams) == ("Person nia", ["officer"], ["team-1"])
    from sync.client import HttpTransport

    account.access_until = 0
    transport = HttpTransport(account)
    assert transport.pull(wire.PullRequest({})).standing.user == account.user
    transport.close()


def test_a_person_without_a_role_here_is_told_so(council: RealServer) -> None:
    (offer,) = sign_in_offers(council.address)
    browser = Browser("lee")
    token = oidc.by_browser(offer, browser.open)
    browser.join()
    with pytest.raises(SignInFailed, match="no role in Holdall yet"):
        enrol_signed_in(council.address, offer, token)


def test_a_token_for_another_service_is_refused(provider: RealProvider, own_server: RealServer) -> None:
    configure(own_server, provider.issuer, "https://another.example.org/api")
    (offer,) = sign_in_offers(own_server.address)
    offer.resource = provider.api
    browser = Browser()
    token = oidc.by_browser(offer, browser.open)
    browser.join()
    with pytest.raises(SignInFailed, match="did not accept that sign-in"):
        enrol_signed_in(own_server.address, offer, token)


def test_the_browser_is_asked_for_a_code_that_only_this_program_can_use(offer: wire.SignInOffer) -> None:
    seen: dict[str, str] = {}

    def look(given: dict[str, str]) -> dict[str, str]:
        seen.update(given)
        return given

    browser = Browser(on_the_way=look)
    token = oidc.by_browser(offer, browser.open)
    browser.join()
    assert (seen["response_type"], seen["code_challenge_method"]) == ("code", "S256")
    back = urlsplit(seen["redirect_uri"])
    assert (back.scheme, back.hostname, back.path) == ("http", "127.0.0.1", "/callback")
    assert min(len(seen[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == offer.resource
    again = requests.post(
        f"{offer.issuer}/token",
        data={
            "grant_type": "authorization_code",
            "code": browser.returned["code"],
            "redirect_uri": seen["redirect_uri"],
            "client_id": offer.client_id,
            "code_verifier": "x" * 43,
        },
        timeout=10,
    )
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"nonce": "another"}, "belongs to another sign-in"),
        ({"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "refused \\(invalid_grant\\)"),
    ],
)
def test_an_answer_made_for_another_request_is_refused(
    offer: wire.SignInOffer, changed: dict[str, str], words: str
) -> None:
    browser = Browser(on_the_way=lambda given: {**given, **changed})
    with pytest.raises(SignInFailed, match=words):
        oidc.by_browser(offer, browser.open)
    browser.join()


@pytest.mark.parametrize("iss", ["https://evil.example.org", None])
def test_an_answer_from_another_provider_is_refused(offer: wire.SignInOffer, iss: str | None) -> None:
    def change(given: dict[str, str]) -> list[dict[str, str]]:
        kept = {name: value for name, value in given.items() if name != "iss"}
        return [{**kept, **({"iss": iss} if iss else {})}]

    browser = Browser(on_return=change)
    with pytest.raises(SignInFailed, match="came from another sign-in service"):
        oidc.by_browser(offer, browser.open)
    browser.join()


def test_an_answer_with_another_state_is_passed_over_and_the_real_one_still_counts(
    offer: wire.SignInOffer,
) -> None:
    browser = Browser(on_return=lambda given: [{**given, "state": "x"}, {"code": "y"}, {}, given])
    assert oidc.by_browser(offer, browser.open)
    browser.join()
    titles = ["Go back" in page for page in browser.pages[:4]]
    assert titles == [False, False, False, True]


def test_a_code_typed_on_another_device_lets_this_one_in(offer: wire.SignInOffer) -> None:
    shown: list[DeviceCode] = []
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        assert len(waits) < 200
        if len(waits) == 22:  # after the first answer: not yet
            Browser().type_code(shown[0].whole_address)

    token = oidc.by_code(offer, shown.append, pause=pause)
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == "nia"
    assert shown[0].address == f"{offer.issuer}/device"
    assert len(waits) > 22


def test_a_person_who_says_no_on_the_other_device_stops_it(offer: wire.SignInOffer) -> None:
    with pytest.raises(SignInStopped, match="refused or stopped"):
        oidc.by_code(
            offer, lambda code: Browser().type_code(code.whole_address, "abort"), pause=lambda seconds: None
        )


def test_the_command_joins_by_a_code_typed_on_another_device(
    council: RealServer, provider: RealProvider, tmp_path: Path
) -> None:
    env = {
        **os.environ,
        "HOLDALL_HOME": str(tmp_path / "laptop"),
        "HOLDALL_PASSPHRASE": "a good long passphrase",
    }
    command = [sys.executable, "-m", "app", "enrol", "--server", council.address, "--device-code", "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as done:
        assert done.stderr is not None
        said = re.fullmatch(r"On any device, open (\S+) and type (\S+)\. .*\n", done.stderr.readline())
        assert said is not None
        Browser().type_code(f"{said[1]}?user_code={said[2]}")
        printed, left = done.communicate(timeout=60)
    assert (done.returncode, left) == (0, "")
    assert json.loads(printed)["name"] == "Person nia"


def test_the_command_says_which_ways_in_there_are(tmp_path: Path, own_server: RealServer) -> None:
    env = {**os.environ, "HOLDALL_HOME": str(tmp_path), "HOLDALL_PASSPHRASE": "a good long passphrase"}
    for way, words in (((), "no code to join with"), (("--sign-in",), "no sign-in with council accounts")):
        command = [sys.executable, "-m", "app", "enrol", "--server", own_server.address, *way]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, words in done.stderr) == (2, "", True)


# -- a provider that a test can make say anything ---------------------------------------------------


@pytest.fixture
def idp() -> Iterator[Idp]:
    made = Idp()
    yield made
    made.close()


@pytest.fixture
def plain(idp: Idp) -> wire.SignInOffer:
    return wire.SignInOffer("averwick", "Averwick", "", idp.issuer, "laptops", SCOPES)


BEGUN = {
    "device_code": "d",
    "user_code": "U-1",
    "verification_uri": "https://x.example.org/device",
    "interval": 5,
}


def coded(plain: wire.SignInOffer, idp: Idp, *told: tuple[int, Any]) -> tuple[str, list[float]]:
    """Signs in by a code while the provider says these things; the token, and the seconds between asking."""
    idp.told = [(200, BEGUN), *told]
    waits: list[float] = []
    asked: list[int] = []

    def pause(seconds: float) -> None:
        if len(idp.posted) > len(asked):
            asked.append(1)
            waits.append(0.0)
        waits[-1] += seconds

    return oidc.by_code(plain, lambda code: None, pause=pause), waits


def granted(idp: Idp, **other: Any) -> tuple[int, Any]:
    return 200, {"id_token": idp.token(**{"aud": "laptops", **other}), "access_token": "a.b.c"}


def test_a_provider_that_is_asked_too_often_is_asked_five_seconds_later_each_time(
    plain: wire.SignInOffer, idp: Idp
) -> None:
    slow, pending = (400, {"error": "slow_down"}), (400, {"error": "authorization_pending"})
    token, waits = coded(plain, idp, pending, slow, pending, slow, granted(idp))
    assert (token, waits) == ("a.b.c", [5, 5, 10, 10, 15])
    assert idp.posted[1]["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code"


def test_a_code_that_ran_out_or_a_fault_ends_it_in_words_and_a_busy_provider_does_not(
    plain: wire.SignInOffer, idp: Idp
) -> None:
    with pytest.raises(SignInStopped, match="run out"):
        coded(plain, idp, (400, {"error": "expired_token"}))
    with pytest.raises(SignInFailed, match="refused \\(invalid_clientscript\\)"):
        coded(plain, idp, (400, {"error": "invalid_client<script>"}))
    assert coded(plain, idp, (503, {}), granted(idp))[0] == "a.b.c"
    with pytest.raises(SignInStopped, match="You stopped"):
        idp.told = [(200, BEGUN)]
        oidc.by_code(plain, lambda code: None, cancelled=lambda: True)


@pytest.mark.parametrize(
    "claims", [{"iss": "https://x.example.org"}, {"aud": "other"}, {"exp": 5}, {"exp": "soon"}, {"exp": None}]
)
def test_an_id_token_of_somebody_elses_is_refused(
    plain: wire.SignInOffer, idp: Idp, claims: dict[str, Any]
) -> None:
    with pytest.raises(SignInFailed, match="somebody else or at another time"):
        coded(plain, idp, granted(idp, **claims))


def test_a_provider_without_services_of_its_own_gives_the_id_token(plain: wire.SignInOffer, idp: Idp) -> None:
    plain.token = "id"
    token, _ = coded(plain, idp, granted(idp, aud=["laptops", "other"]))
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == "s-1"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"issuer": "https://x.example.org"}, "not the one the council named"),
        ({"token_endpoint": "http://10.0.0.1/token"}, "not encrypted"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "not encrypted"),
        ({"device_authorization_endpoint": "http://[bad"}, "not encrypted"),
        ({"token_endpoint": 5}, "not what such a service says"),
        ({"padding": "x" * 1_100_000}, "far too much"),
    ],
)
def test_a_provider_that_describes_itself_oddly_is_not_used(
    plain: wire.SignInOffer, idp: Idp, changed: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {**idp.discovery(), **changed}
    monkeypatch.setattr(idp, "discovery", lambda: found)
    with pytest.raises(SignInFailed, match=words):
        oidc.by_browser(plain, lambda address: None)


def test_a_person_may_stop_it_and_nobody_waits_for_ever(plain: wire.SignInOffer) -> None:
    opened: list[str] = []
    with pytest.raises(SignInStopped, match="You stopped"):
        oidc.by_browser(plain, opened.append, cancelled=lambda: True)
    with pytest.raises(SignInStopped, match="in time"):
        oidc.by_browser(plain, opened.append, seconds=0.0)
    port = urlsplit(parse_qs(urlsplit(opened[0]).query)["redirect_uri"][0]).port
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/callback", timeout=5)


def test_no_network_and_no_encryption_are_said_in_words(plain: wire.SignInOffer) -> None:
    plain.issuer = "http://127.0.0.1:9"
    with pytest.raises(Offline, match="cannot be reached"):
        oidc.by_browser(plain, lambda address: None)
    plain.issuer = "http://login.example.org"
    with pytest.raises(SignInFailed, match="not encrypted"):
        oidc.by_browser(plain, lambda address: None)


def test_nothing_of_a_sign_in_is_written_to_a_log(
    plain: wire.SignInOffer, idp: Idp, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    secrets: list[str] = []

    def open_browser(address: str) -> None:
        given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        secrets.extend([given["state"], given["nonce"]])
        idp.told = [granted(idp, nonce=given["nonce"])]
        requests.get(given["redirect_uri"], params={"state": given["state"], "code": "c0de"}, timeout=10)

    caplog.handler.addFilter(
        lambda record: "127.0.0.1" not in record.name and record.name != "urllib3.connectionpool"
    )
    token = oidc.by_browser(plain, open_browser)
    kept = caplog.text + "".join(capfd.readouterr())
    for secret in (*secrets, "c0de", token, idp.posted[0]["code_verifier"]):
        assert secret not in kept
