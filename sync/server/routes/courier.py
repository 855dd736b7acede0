"""Courier files: their keys for the laptops of a council, and a file that somebody hands on."""

from __future__ import annotations

import logging

from sync import wire
from sync.courier import MAX_FILE, BadCourier, CourierKeys
from sync.server import courier
from sync.server.keys import KeyMissing
from sync.server.push import Malformed
from sync.server.routing import Call, Route

log = logging.getLogger("holdall.server")
_SHUT = ("courier_revoked", "author_gone")


def _take(call: Call) -> wire.PushAnswer:
    carrier = call.person
    try:
        taken = courier.take(call.deps.store, carrier.tenant, call.body, call.deps.clock())
    except BadCourier as error:
        raise Malformed(error.reason, error.title, 403 if error.reason in _SHUT else 400) from None
    except KeyMissing as error:
        raise Malformed("no_keys", error.title, 404) from None
    log.info("courier tenant=%s device=%s of=%s", carrier.tenant, carrier.device_id, taken.header.device)
    return taken.seen_by(carrier.scopes)


def _keys(call: Call) -> CourierKeys:
    try:
        return courier.keys_of(call.deps.store, call.person.tenant, call.deps.clock())
    except KeyMissing as error:
        log.warning("courier keys: %s", error.title)
        raise Malformed("no_keys", error.title, 404) from None


ROUTES = (
    Route(
        "POST",
        "/v1/courier",
        _take,
        "Hand on a courier file",
        wire.PushAnswer,
        bytes,
        errors=(404, 409),
        limit=MAX_FILE,
        feature="courier",
    ),
    Route(
        "GET",
        "/v1/courier/keys",
        _keys,
        "The keys of courier files",
        CourierKeys,
        errors=(404,),
    ),
)
