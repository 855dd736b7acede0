"""Signing in with a council account: what is offered, and the door for a provider's token."""

from __future__ import annotations

from sync import wire
from sync.server import identity
from sync.server.denied import Denied
from sync.server.routes.doors import SMALL, asked_at_door, note_failure
from sync.server.routing import Call, Route


def _offers(call: Call) -> wire.SignInOffers:
    with call.deps.store.read() as connection:
        return identity.offers(connection)


def _sign_in(call: Call) -> wire.EnrolAnswer:
    asked, now = asked_at_door(call, wire.SignInRequest), call.deps.clock()
    try:
        return identity.sign_in(call.deps.store, call.deps.keys, asked, now)
    except Denied as error:
        call.deps.tries.spend(call.who)
        if error.tenant:
            with call.deps.store.write(error.tenant) as connection:
                note_failure(call, connection, error, now)
        raise


ROUTES = (
    Route(
        "GET",
        "/v1/sign-in",
        _offers,
        "Ways to sign in with a council account",
        wire.SignInOffers,
        signed_in=False,
        feature="sign-in",
    ),
    Route(
        "POST",
        "/v1/enrol/oidc",
        _sign_in,
        "Join with a council account",
        wire.EnrolAnswer,
        wire.SignInRequest,
        signed_in=False,
        limit=SMALL,
        errors=(403, 429),
    ),
)
