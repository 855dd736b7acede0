"""Damaged files of every format: each is read or refused in a sentence, and none ends in a fault of ours."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from app.errors import HoldallError
from app.income.commands.read import shapes
from app.income.files import read_any
from tests.app.income import samples, samples_book
from tests.app.income.test_ofx import QIF, SGML, as_xml

FILES: dict[str, Callable[[random.Random], bytes]] = {
    **samples.SAMPLES,
    **samples_book.SAMPLES,
    "ofx 1": lambda source: SGML.encode(),
    "ofx 2": lambda source: as_xml().encode(),
    "qif": lambda source: QIF.encode(),
}
LETTERS = b"0123456789,;\"'/:-<>&\n\r|= .+ABCD\xa3\xff"


def damaged(data: bytes, source: random.Random) -> bytes:
    """Bytes with one to twenty random hurts: changed, cut out, put in, doubled, cut off, lines lost."""
    hurt = bytearray(data)
    for _ in range(source.choice((1, 1, 2, 5, 20))):
        if not hurt:
            break
        kind, at = source.randrange(6), source.randrange(len(hurt))
        if kind == 0:
            hurt[at] = source.randrange(256)
        elif kind == 1:
            del hurt[at : at + source.randrange(1, 40)]
        elif kind == 2:
            hurt[at:at] = bytes(source.choice(LETTERS) for _ in range(source.randrange(1, 4)))
        elif kind == 3:
            other = source.randrange(len(hurt))
            hurt[at:at] = hurt[other : other + source.randrange(1, 80)]
        elif kind == 4:
            del hurt[at:]
        else:
            lines = bytes(hurt).split(b"\n")
            lines.pop(source.randrange(len(lines)))
            hurt = bytearray(b"\n".join(lines))
    return bytes(hurt)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(name: str) -> None:
    source = random.Random(f"damage {name}")
    whole = FILES[name](source)
    read = refused = 0
    for _ in range(40):
        try:
            shapes(read_any("file", damaged(whole, source)), source.choice((None, samples.ACCOUNT)))
            read += 1
        except HoldallError as error:
            refused += bool(error.title and error.advice)
    assert read + refused == 40
    assert read > 0
