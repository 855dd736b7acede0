"""The courier file by itself: nothing readable without a key, and every altered byte is noticed."""

from __future__ import annotations

import base64
import re

import pytest
from msgspec import Raw
from nacl.public import PrivateKey

from models.ids import new_id
from sync import courier, wire
from sync.account import public_key
from sync.courier import BadCourier, Content, Header

SEED = bytes(range(32))
DEVICE_KEY = base64.b64decode(public_key(SEED))
PAIR = PrivateKey(bytes(range(32, 64)))
KEYS = {"k-1": bytes(PAIR)}
WORDS = "Mrs Hesketh, 4 Tanner Row: no heating since Sunday"


def operations(count: int = 3) -> list[wire.RawOp]:
    return [
        wire.RawOp(
            op=new_id(),
            dseq=n + 1,
            group=new_id(),
            t="test_thing",
            id=new_id(),
            scope="team:team-north",
            kind="create",
            base=0,
            hlc="0" * 16 + "-d",
            at="2026-12-17T14:21:00.000000Z",
            author="u-1",
            name="Tomos Aldgate",
            label="Add a thing",
            f=Raw(wire.encode({"title": f"{WORDS} {n}"})),
            b=Raw(b"{}"),
        )
        for n in range(count)
    ]


def file_of(ops: list[wire.RawOp]) -> bytes:
    header = Header(
        bundle_id=new_id(),
        device=new_id(),
        key_id="k-1",
        created="2026-12-17T14:21:00.000000Z",
        count=len(ops),
    )
    content = Content(council="averwick", name="Tomos Aldgate", ops=ops)
    return courier.make(header, content, bytes(PAIR.public_key), SEED)


def read(data: bytes) -> Content:
    courier.check_signature(data, DEVICE_KEY)
    return courier.open_file(data, KEYS)


def test_a_file_gives_back_what_was_put_into_it() -> None:
    ops = operations()
    content = read(file_of(ops))
    assert wire.encode(content.ops) == wire.encode(ops)
    assert (content.council, content.name) == ("averwick", "Tomos Aldgate")
    assert read(file_of([])).ops == []


def test_a_finder_reads_no_word_name_type_or_scope() -> None:
    ops = operations()
    data = file_of(ops)
    secrets = [WORDS, "Hesketh", "Tomos", "averwick", "team-north", "test_thing", "Add a thing", "title"]
    secrets += [ops[0].op, ops[0].id]
    assert not [word for word in secrets if word.encode() in data]
    with pytest.raises(BadCourier, match="another council"):
        courier.open_file(data, {})
    with pytest.raises(BadCourier, match="damaged"):
        courier.open_file(data, {"k-1": bytes(32)})


def test_the_length_of_a_file_tells_steps_of_four_kilobytes_only() -> None:
    lengths = {len(file_of(operations(count))) for count in range(1, 9)}
    assert len(lengths) == 1
    grown = len(file_of(operations(900))) - len(file_of(operations(100)))
    assert grown in range(4_096, 10_000_000, 4_096)


def test_two_files_of_the_same_work_have_nothing_in_common_but_their_head() -> None:
    ops = operations()
    assert file_of(ops)[-4_160:] != file_of(ops)[-4_160:]


@pytest.mark.parametrize("share", range(16))
def test_every_altered_byte_is_noticed_in_one_sentence(share: int) -> None:
    data = file_of(operations())
    for place in range(share, len(data), 16):
        spoilt = bytearray(data)
        spoilt[place] ^= 0x21
        with pytest.raises(BadCourier) as told:
            read(bytes(spoilt))
        assert re.fullmatch(r"[^.]+\.", told.value.title), place
        assert told.value.advice


def test_a_file_cut_short_anywhere_or_with_a_tail_is_refused() -> None:
    data = file_of(operations())
    for length in (*range(0, 400, 7), len(data) - 4_096, len(data) - 64, len(data) - 1):
        with pytest.raises(BadCourier):
            read(data[:length])
    for tail in (b"x", bytes(4_096)):
        with pytest.raises(BadCourier):
            read(data + tail)


def test_another_laptops_signature_does_not_stand_for_its_own() -> None:
    data = file_of(operations())
    with pytest.raises(BadCourier, match="altered"):
        courier.check_signature(data, base64.b64decode(public_key(bytes(32))))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a courier file"),
        (b"%PDF-1.7 and so on", "not a courier file"),
        (courier.MAGIC + b"\x00\x09" + bytes(9_000), "newer Holdall"),
        (courier.MAGIC + b"\x00\x01\xff\xff\xff\xff" + bytes(9_000), "damaged"),
        (bytes(courier.MAX_FILE + 1), "at most 64 MB"),
    ],
)
def test_what_is_no_courier_file_is_told_in_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(BadCourier, match=words):
        courier.read_header(data)


def test_a_file_that_would_unpack_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = file_of(operations(2_000))
    monkeypatch.setattr(courier, "MAX_UNPACKED", 100_000)
    with pytest.raises(BadCourier, match="at most"):
        read(data)
    with pytest.raises(BadCourier, match="at most"):
        file_of(operations(2_000))
