"""The small parts: codes, chain, canonical JSON, back-off, words, addresses."""

from __future__ import annotations

import json
import random
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
import requests
from sqlalchemy import select

from models.errors import HoldallError
from sync import backoff, chain, codes, wire
from sync.client import Caller, check_address
from sync.errors import BadPage
from sync.server.tables import change, metadata, scope_counter
from sync.wire import Code
from sync.words import refusal
from tests.sync.kit import Fleet
from tests.things import Thing


def test_a_code_read_out_and_typed_with_slips_of_the_eye_is_the_same_code() -> None:
    for _ in range(50):
        code = codes.make_code()
        shown = codes.show(code)
        assert len(shown) == 9
        assert codes.read(f" {shown.lower()} ") == code
        assert codes.read(shown.replace("0", "O").replace("1", "l")) == code


def test_a_wrong_character_or_a_swap_in_a_code_is_noticed_without_a_server() -> None:
    code = "AVW7K2M" + codes.check_character("AVW7K2M")
    assert codes.read(code) == code
    for position in range(len(code)):
        for other in codes.ALPHABET.replace(code[position], ""):
            assert codes.read(code[:position] + other + code[position + 1 :]) is None
    swapped = "VAW7K2M" + code[-1]
    assert codes.read(swapped) is None
    assert codes.read("") is None
    assert codes.read("AVW7-K2M") is None


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_canonical_json_is_rfc_8785_for_what_travels(name: str, inputs: Path) -> None:
    folder = inputs / "sync" / "jcs"
    given = json.loads((folder / "input" / f"{name}.json").read_bytes())
    wanted = (folder / "output" / f"{name}.json").read_bytes()
    if _travels(given):
        assert wire.canonical(given) == wanted
    else:
        assert name in ("arrays", "structures", "values", "weird")  # floats, names beyond U+FFFF
        assert msgspec.json.decode(wire.canonical(given)) == json.loads(wanted)


def _travels(value: object) -> bool:
    if isinstance(value, float):
        return False
    if isinstance(value, list):
        return all(_travels(item) for item in value)
    if isinstance(value, dict):
        return all(max(key, default="") <= "\uffff" and _travels(item) for key, item in value.items())
    return True


def test_the_chain_is_the_published_formula() -> None:
    first = sha256(b"holdall\ne\nt\nteam:1").digest()
    value = sha256(first + sha256(b'{"seq":1}').digest()).hexdigest()
    assert chain.extend(chain.genesis("e", "t", "team:1"), [b'{"seq":1}']) == value
    assert chain.extend(value, []) == value


def test_packing_is_undone_and_a_bomb_or_a_stump_is_refused() -> None:
    data = b"Averwick " * 1000
    assert wire.unpack(wire.pack(data)) == data
    with pytest.raises(OverflowError):
        wire.unpack(wire.pack(bytes(20_000_000)))
    for cut in (0, 5, len(wire.pack(data)) - 1):
        with pytest.raises(ValueError, match="gzip"):
            wire.unpack(wire.pack(data)[:cut])


def test_waiting_is_random_grows_and_never_ends_before_the_server_said() -> None:
    chance = random.Random(1)
    assert max(backoff.delay(0, chance=chance) for _ in range(200)) <= 2.0
    assert 250 < max(backoff.delay(50, chance=chance) for _ in range(200)) <= 300
    assert all(backoff.delay(1, retry_after=17.0, chance=chance) >= 17.0 for _ in range(50))
    assert backoff.retry_after("12") == 12.0
    assert backoff.retry_after("Wed, 21 Oct 2026 07:28:00 GMT") == 0.0
    assert 48 <= backoff.idle_delay(chance) <= 72


@pytest.mark.parametrize("code", list(Code))
def test_every_reason_has_a_sentence_and_advice(code: Code) -> None:
    words = refusal(code, {"resource": "test_place", "left": 0, "field": "title"}, Thing.__tablename__)
    assert words.title.endswith(".")
    assert words.advice.endswith(".")
    assert "{" not in words.title + words.advice


def test_what_is_left_of_money_is_said_in_pounds() -> None:
    detail = {"resource": "income_bank_line", "field": "amount_pence", "left": 123_450, "wanted": 200_000}
    assert "£1,234.50" in refusal(Code.TAKEN, detail, "income_match").title
    assert "zzz" in refusal("zzz", None, "no_such_type").title


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("sync.example.org", "https://sync.example.org"),
        ("https://sync.example.org/", "https://sync.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_an_address_is_read(typed: str, address: str) -> None:
    assert check_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    ["http://sync.example.org", "", "ftp://x", "https://u:p@host", "https://x?y=1", "http://127.0.0.1:x"],
)
def test_an_address_that_is_not_safe_or_none_is_refused_in_words(typed: str) -> None:
    with pytest.raises(HoldallError, match=r"server|encrypted"):
        check_address(typed)


def test_every_key_of_the_server_begins_with_the_council() -> None:
    for table in metadata.tables.values():
        assert next(iter(table.primary_key.columns)).name == "tenant"
        for column in table.columns:
            assert column.autoincrement in ("auto", False)


def test_a_change_of_an_unknown_kind_stops_its_scope(fleet: Fleet) -> None:
    """What it does to a record cannot be guessed, so the cursor stays before it."""
    laptop = fleet.join()
    made = Thing(title="Known")
    laptop.write("Add", lambda s: s.add(made))
    laptop.sync()
    with fleet.books.write(fleet.tenant) as connection:
        where = (change.c.tenant == fleet.tenant, change.c.scope == "team:team-1")
        first = connection.execute(select(change).where(*where)).one()
        data = first.data.replace('"kind":"create"', '"kind":"shred"').replace('"seq":1', '"seq":2')
        value = chain.extend(first.chain, (data.encode(),))
        row = {**first._mapping, "seq": 2, "ver": 2, "data": data, "chain": value}
        connection.execute(change.insert().values(**row))
        counter = (scope_counter.c.tenant == fleet.tenant, scope_counter.c.scope == "team:team-1")
        connection.execute(scope_counter.update().where(*counter).values(n=2, chain=value))
    with pytest.raises(BadPage, match="does not know"):
        laptop.sync()
    assert laptop.get(Thing, made.id).title == "Known"
    with laptop.store.connect() as connection:
        assert connection.exec_driver_sql("SELECT max(cursor) FROM scope_state").scalar() == 1


def test_the_environment_names_no_certificates_and_no_password_for_our_requests(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    caller = Caller("https://council.example.org")
    line = caller._session
    settings = line.merge_environment_settings(caller.server, {}, None, None, None)
    assert settings["verify"] is True
    assert line.proxies["https"] == "http://proxy.example.org:3128"
    request = line.prepare_request(requests.Request("GET", "http://127.0.0.1:1/"))
    assert "Authorization" not in request.headers
    caller.close()
