"""A large HEIC photo made of one small one, as telephones make theirs: a grid of tiles in one file.

Every tile is the same coded picture, so no encoder is needed (ISO/IEC 23008-12, section 6.6.2.3).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator


def tiled(small: bytes, columns: int, rows: int) -> bytes:
    """The HEIC file of `columns` by `rows` copies of the only picture in another HEIC file."""
    meta = dict(_boxes(small, *_inside(small, b"meta", 0, len(small), 12)))
    properties = dict(_boxes(small, *_inside(small, b"ipco", *meta[b"iprp"], 8)))
    wide, tall = struct.unpack(">II", small[properties[b"ispe"][0] + 12 : properties[b"ispe"][1]])
    coded = _primary(small, meta[b"iloc"])
    tiles, whole = columns * rows, columns * rows + 1
    size = _full(b"ispe", struct.pack(">II", wide * columns, tall * rows))
    kept = [small[slice(*properties[name])] for name in (b"hvcC", b"ispe", b"pixi")]
    uses = b"".join(struct.pack(">HB3B", n, 3, 0x81, 0x02, 0x03) for n in range(1, whole))
    uses += struct.pack(">HB2B", whole, 2, 0x04, 0x03)
    names = b"".join(_full(b"infe", struct.pack(">HH", n, 0) + b"hvc1\0", 2) for n in range(1, whole))
    names += _full(b"infe", struct.pack(">HH", whole, 0) + b"grid\0", 2)
    grid = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, wide * columns, tall * rows)
    refers = _box(b"dimg", struct.pack(f">HH{tiles}H", whole, tiles, *range(1, whole)))

    def head(start: int) -> bytes:
        places = b"".join(struct.pack(">HHHHII", n, 0, 0, 1, start, len(coded)) for n in range(1, whole))
        places += struct.pack(">HHHHII", whole, 0, 0, 1, start + len(coded), len(grid))
        return _box(b"ftyp", b"heic\0\0\0\0mif1heic") + _full(
            b"meta",
            _full(b"hdlr", b"\0\0\0\0pict" + b"\0" * 13)
            + _full(b"pitm", struct.pack(">H", whole))
            + _full(b"iloc", struct.pack(">BBH", 0x44, 0x00, whole) + places, 1)
            + _full(b"iinf", struct.pack(">H", whole) + names)
            + _box(
                b"iprp",
                _box(b"ipco", b"".join([*kept, size])) + _full(b"ipma", struct.pack(">I", whole) + uses),
            )
            + _full(b"iref", refers),
        )

    beginning = head(0)
    return head(len(beginning) + 8) + _box(b"mdat", coded + grid)


def _primary(small: bytes, iloc: tuple[int, int]) -> bytes:
    """The coded bytes of the first item of an iloc box of version 0 with sizes of four bytes."""
    at = iloc[0] + 16  # past the box's head, version, sizes and count of items
    _, _, base, extents, offset, length = struct.unpack(">HHIHII", small[at : at + 18])
    if extents != 1:
        raise ValueError("the small picture lies in more than one piece")
    return small[base + offset : base + offset + length]


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    while start + 8 <= end:
        length, name = struct.unpack(">I4s", data[start : start + 8])
        yield name, (start, start + length)
        start += length


def _inside(data: bytes, name: bytes, start: int, end: int, head: int) -> tuple[int, int]:
    """Where the inside of a box lies; `head` is 8, or 12 for one with a version."""
    for found, (first, last) in _boxes(data, start if name == b"meta" else start + 8, end):
        if found == name:
            return first + head, last
    raise ValueError(f"there is no {name.decode()}")


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


def _full(name: bytes, body: bytes, version: int = 0) -> bytes:
    return _box(name, bytes((version, 0, 0, 0)) + body)
