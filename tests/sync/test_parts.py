"""The small parts: codes, chain, canonical JSON, back-off, words, addresses."""

from __future__ import annotations

import json
import random
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from models.errors import HoldallError
from sync import backoff, chain, codes, wire
from sync.client import check_address
from sync.server.tables import metadata
from sync.wire import Code
from sync.words import refusal
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
