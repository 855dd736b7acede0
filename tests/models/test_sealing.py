"""Sealing: what is sealed opens for its owner, as it was, where it was, and for nobody else."""

from __future__ import annotations

import base64
import logging
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import sealing
from models.sealing import Binding, KeyPair, SealBroken, WrongSecret

QUICK = {"ops": 1, "memory_kib": 8}
HERE = Binding("averwick", "u-1", "wellbeing_entry", "0197d000-0000-7000-8000-000000000001")
PAIR = KeyPair.of(bytes(range(32)))
BODY = {"kind": "check", "answers": {"1": [4, 0], "21": ["skip", 9]}}


def flipped(text: str) -> str:
    """The same base64 with one bit of its last byte changed."""
    data = bytearray(base64.b64decode(text))
    data[-1] ^= 1
    return base64.b64encode(bytes(data)).decode()


def test_a_sealed_body_opens_with_its_own_key_and_binding() -> None:
    envelope = sealing.seal(PAIR.public, BODY, HERE)
    assert sealing.unseal(PAIR, envelope, HERE) == BODY
    assert (envelope["v"], envelope["alg"]) == (1, "x25519-xchacha20poly1305")
    assert envelope["to"] == PAIR.name


def test_the_same_body_is_never_the_same_envelope_twice() -> None:
    one, other = sealing.seal(PAIR.public, BODY, HERE), sealing.seal(PAIR.public, BODY, HERE)
    assert one["eph"] != other["eph"]
    assert one["ct"] != other["ct"]


def test_the_length_of_an_envelope_does_not_tell_what_is_in_it() -> None:
    lengths = {len(sealing.seal(PAIR.public, {"text": "x" * n}, HERE)["ct"]) for n in (0, 1, 300, 700, 1000)}
    assert len(lengths) == 1


@pytest.mark.parametrize("part", ["ct", "eph", "to", "alg", "v"])
def test_a_changed_envelope_does_not_open(part: str) -> None:
    envelope = sealing.seal(PAIR.public, BODY, HERE)
    changes = {
        "ct": flipped(envelope["ct"]),
        "eph": flipped(envelope["eph"]),
        "to": envelope["to"],
        "alg": "none",
        "v": 2,
    }
    changed = {**envelope, part: changes[part]}
    if part == "to":  # the name of the key only helps to find it; it opens nothing
        assert sealing.unseal(PAIR, changed, HERE) == BODY
        return
    with pytest.raises(SealBroken):
        sealing.unseal(PAIR, changed, HERE)


@pytest.mark.parametrize(
    "other",
    [
        Binding("othertown", HERE.user, HERE.type, HERE.id),
        Binding(HERE.tenant, "u-2", HERE.type, HERE.id),
        Binding(HERE.tenant, HERE.user, "wellbeing_key", HERE.id),
        Binding(HERE.tenant, HERE.user, HERE.type, HERE.id[:-1] + "2"),
    ],
    ids=["council", "person", "type", "record"],
)
def test_an_envelope_does_not_open_anywhere_else(other: Binding) -> None:
    envelope = sealing.seal(PAIR.public, BODY, HERE)
    with pytest.raises(SealBroken):
        sealing.unseal(PAIR, envelope, other)


def test_another_persons_key_does_not_open_it() -> None:
    envelope = sealing.seal(PAIR.public, BODY, HERE)
    with pytest.raises(SealBroken):
        sealing.unseal(sealing.new_pair(), envelope, HERE)


@pytest.mark.parametrize(
    "rubbish", [None, "", 7, [], {}, {"v": 1}, {"v": 1, "alg": sealing.ALGORITHM, "eph": "!", "ct": "é"}]
)
def test_rubbish_in_place_of_an_envelope_is_refused_in_words(rubbish: object) -> None:
    with pytest.raises(SealBroken, match="does not open"):
        sealing.unseal(PAIR, rubbish, HERE)


def test_a_weak_public_key_is_refused() -> None:
    envelope = sealing.seal(PAIR.public, BODY, HERE)
    zero = base64.b64encode(bytes(32)).decode()
    with pytest.raises(SealBroken):
        sealing.unseal(PAIR, {**envelope, "eph": zero}, HERE)


def test_a_binding_with_a_bar_in_it_cannot_be_made_to_look_like_another() -> None:
    with pytest.raises(ValueError, match="bar"):
        Binding("a|b", "c", "t", "i").bytes()


def test_a_private_key_never_shows_itself(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("x").info("%r %s", PAIR, PAIR)
    assert repr(PAIR.private) not in caplog.text
    assert "private" not in caplog.text


def test_the_passphrase_opens_the_private_key_and_another_one_does_not() -> None:
    wrapped = sealing.wrap_by_passphrase(PAIR.private, "three plain words", HERE, QUICK)
    assert sealing.unwrap_by_passphrase(wrapped, "three plain words", HERE) == PAIR
    with pytest.raises(WrongSecret, match="does not open your vault"):
        sealing.unwrap_by_passphrase(wrapped, "Three plain words", HERE)


def test_a_passphrase_typed_on_a_mac_opens_what_was_wrapped_on_windows() -> None:
    composed, apart = (unicodedata.normalize(form, "tŷ ar y bryn") for form in ("NFC", "NFD"))
    assert composed != apart
    wrapped = sealing.wrap_by_passphrase(PAIR.private, composed, HERE, QUICK)
    assert sealing.unwrap_by_passphrase(wrapped, apart, HERE) == PAIR


def test_a_wrapped_key_of_another_person_does_not_open_with_the_same_passphrase() -> None:
    wrapped = sealing.wrap_by_passphrase(PAIR.private, "three plain words", HERE, QUICK)
    with pytest.raises(WrongSecret):
        sealing.unwrap_by_passphrase(
            wrapped, "three plain words", Binding("averwick", "u-2", HERE.type, HERE.id)
        )


@pytest.mark.parametrize("kdf", [{"ops": 10_000, "memory_kib": 8}, {"ops": 1, "memory_kib": 99_999_999}, {}])
def test_a_wrap_that_asks_for_impossible_work_is_refused_at_once(kdf: dict[str, int]) -> None:
    wrapped = {**sealing.wrap_by_passphrase(PAIR.private, "three plain words", HERE, QUICK), "kdf": kdf}
    with pytest.raises(WrongSecret):
        sealing.unwrap_by_passphrase(wrapped, "three plain words", HERE)


def test_the_shipped_work_factor_is_above_what_owasp_asks_for() -> None:
    assert sealing.KDF["ops"] >= 2
    assert sealing.KDF["memory_kib"] >= 19_456


def test_a_recovery_code_is_eight_groups_of_four_and_a_check_symbol() -> None:
    words = sealing.code_words(bytes(19) + b"\x01")
    assert words == "0000-0000-0000-0000-0000-0000-0000-0001-1"
    assert (
        sealing.code_words(b"\xff" * 20)
        == "-".join(["ZZZZ"] * 8) + "-" + "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"[(2**160 - 1) % 37]
    )


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=20, max_size=20))
def test_a_recovery_code_reads_back_however_it_is_typed(code: bytes) -> None:
    words = sealing.code_words(code)
    assert sealing.read_code(words) == code
    sloppy = f"  {words.lower().replace('-', ' ')} "
    assert sealing.read_code(sloppy) == code
    head, check = words[:-2], words[-1]
    assert sealing.read_code(head.replace("0", "O").replace("1", "l") + check) == code


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=20, max_size=20), st.integers(0, 31), st.integers(1, 31))
def test_one_wrong_sign_in_a_recovery_code_is_always_noticed(code: bytes, place: int, shift: int) -> None:
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    text = sealing.code_words(code).replace("-", "")
    wrong = signs[(signs.index(text[place]) + shift) % 32]
    with pytest.raises(WrongSecret, match="slip"):
        sealing.read_code(text[:place] + wrong + text[place + 1 :])


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=20, max_size=20), st.integers(0, 30))
def test_two_swapped_neighbours_in_a_recovery_code_are_always_noticed(code: bytes, place: int) -> None:
    text = sealing.code_words(code).replace("-", "")
    if text[place] == text[place + 1]:
        return
    with pytest.raises(WrongSecret, match="slip"):
        sealing.read_code(text[:place] + text[place + 1] + text[place] + text[place + 2 :])


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "not a code at all", "0" * 34, "\x00" * 33, "\ud800" * 33, "é" * 33]
)
def test_what_is_no_recovery_code_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(WrongSecret):
        sealing.read_code(typed)


def test_a_recovery_code_opens_the_private_key_and_another_one_does_not() -> None:
    code = sealing.new_code()
    wrapped = sealing.wrap_by_code(PAIR.private, code, HERE)
    assert sealing.unwrap_by_code(wrapped, code, HERE) == PAIR
    with pytest.raises(WrongSecret, match="another vault"):
        sealing.unwrap_by_code(wrapped, sealing.new_code(), HERE)
