"""Files: offered, sent on from where they stopped, asked for in ranges."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from sync import wire
from sync.server import files
from sync.server.denied import Denied
from sync.server.keys import KeyMissing
from sync.server.push import Malformed
from sync.server.routing import Call, Reply, Route

T = TypeVar("T")
log = logging.getLogger("holdall.server")
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


class FileName(Struct):
    """The file that an address names."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file, 64 hex digits")]


def _offer(call: Call) -> wire.FileState:
    _slow(call)
    asked: wire.FileOffer = call.read(wire.FileOffer)
    return _keyed(lambda: files.offer(call.deps.store, call.person, asked, call.deps.clock()))


def _append(call: Call) -> wire.FileState:
    _slow(call)
    given = call.headers.get("upload-offset", "")
    if not re.fullmatch(r"\d{1,12}", given):
        raise Malformed("malformed", "The header Upload-Offset says where the bytes belong.")
    digest = call.headers.get("content-digest", "")
    name = call.params.sha256
    state = _keyed(lambda: files.append(call.deps.store, call.person, name, int(given), call.body, digest))
    if state.state == files.HERE:
        log.info("file tenant=%s device=%s size=%d", call.person.tenant, call.person.device_id, state.size)
    return state


def _find(call: Call) -> wire.FoundFiles:
    _slow(call)
    asked: wire.FindFiles = call.read(wire.FindFiles)
    with call.deps.store.read(call.person.tenant) as connection:
        return wire.FoundFiles(files.find_all(connection, call.person.tenant, asked.sha256))


def _head(call: Call) -> Reply:
    state = _known(call)
    return Reply(
        headers={
            "Upload-Offset": str(state.offset),
            "Upload-Length": str(state.size),
            "Accept-Ranges": "bytes",
            "ETag": f'"{state.sha256}"',
        }
    )


def _get(call: Call) -> Reply:
    _slow(call)
    state = _known(call)
    if state.state != files.HERE:
        raise Malformed("not_here", "The bytes of this file are not here yet.", 404, state.offset)
    start, end, partial = _span(call, state.size)
    data = _keyed(lambda: files.read(call.deps.store, call.person.tenant, state.sha256, start, end))
    headers = {
        "ETag": f'"{state.sha256}"',
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "attachment",
    }
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{state.size}"
    return Reply(data, 206 if partial else 200, headers, "application/octet-stream")


def _known(call: Call) -> wire.FileState:
    with call.deps.store.read(call.person.tenant) as connection:
        state = files.find(connection, call.person.tenant, call.params.sha256)
    if state is None:
        raise Malformed("unknown_file", "Nobody has offered this file.", 404)
    return state


def _span(call: Call, size: int) -> tuple[int, int, bool]:
    """First byte, the one after the last, and whether that is a part. An answer holds at most one chunk: a
    part says itself where it ends, so the laptop asks on from there."""
    header = call.headers.get("range", "")
    guard = call.headers.get("if-range", "")
    found = _RANGE.fullmatch(header.strip())
    if found is None or (guard and guard != f'"{call.params.sha256}"'):
        if size > wire.MAX_CHUNK:
            raise Malformed("range_needed", "A file of this length is asked for in ranges.", 416, size)
        return 0, size, False
    start, last = int(found[1]), int(found[2] or size - 1)
    if start >= size or last < start:
        raise Malformed("range", "There is no such range in this file.", 416, size)
    return start, min(size, last + 1, start + wire.MAX_CHUNK), True


def _slow(call: Call) -> None:
    """Raises Denied when one laptop asks far too often."""
    who = f"{call.person.tenant} {call.person.device_id}"
    if not call.deps.files.spend(who):
        raise Denied(f"slow_down {call.deps.files.wait(who) or 1}", "Too many requests for files.", 429)


def _keyed(work: Callable[[], T]) -> T:
    """Runs work that needs the server's own key; without it, files wait and everything else goes on."""
    try:
        return work()
    except KeyMissing as error:
        log.error("%s", error)
        raise Denied("no_key 600", error.title, 503) from None


_EXAMPLE = {"sha256": "5f" * 32, "size": 183_402, "mime": "image/jpeg"}
_ETAG = {"ETag": "The SHA-256 of the file, in quotes", "Accept-Ranges": "bytes"}

ROUTES = (
    Route(
        "POST",
        "/v1/blobs",
        _offer,
        "Offer a file",
        wire.FileState,
        wire.FileOffer,
        errors=(422,),
        feature="blobs",
        example=_EXAMPLE,
    ),
    Route(
        "POST",
        "/v1/blobs/find",
        _find,
        "What the server has of some files",
        wire.FoundFiles,
        wire.FindFiles,
        example={"sha256": ["5f" * 32]},
    ),
    Route(
        "PATCH",
        "/v1/blobs/{sha256}",
        _append,
        "Send a file on from where it stopped",
        wire.FileState,
        bytes,
        params=FileName,
        errors=(404, 409, 422),
        sends={
            "Upload-Offset": "Where in the file the bytes belong",
            "Content-Digest": "RFC 9530: sha-256=:base64: of the bytes",
        },
        limit=wire.MAX_CHUNK,
    ),
    Route(
        "HEAD",
        "/v1/blobs/{sha256}",
        _head,
        "How much of a file is here",
        None,
        params=FileName,
        errors=(404,),
        gives={**_ETAG, "Upload-Offset": "Bytes so far", "Upload-Length": "Bytes in all"},
    ),
    Route(
        "GET",
        "/v1/blobs/{sha256}",
        _get,
        "The bytes of a file",
        bytes,
        params=FileName,
        also={206: "A part of the file, at most 1 MiB of it"},
        errors=(404, 416),
        sends={"Range": "bytes=first-last", "If-Range": "The ETag that the laptop has a part of"},
        gives={**_ETAG, "Content-Range": "Which part this is, and of how many bytes"},
    ),
)
