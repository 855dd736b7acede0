"""A transport that asks the server to bear witness: whose key a seal bears, what a log has at a number."""

from __future__ import annotations

from msgspec import Struct

from sync import wire
from sync.client import HttpTransport


class _Asked(Struct):
    scopes: dict[str, list[int]]


class _Told(Struct):
    scopes: dict[str, dict[str, str | None]]


class Witness(HttpTransport):
    """The server as a witness."""

    def device_keys(self) -> list[wire.DeviceKey]:
        """The keys of the council's laptops, those closed out too."""
        return self._signed_in("GET", "/v1/devices/keys", list[wire.DeviceKey])

    def chains(self, asked: dict[str, int]) -> dict[str, str | None]:
        """The chain value of each log at a number, None where the log has no such number (any more); scopes
        that this person may not read are left out."""
        body = wire.encode(_Asked({scope: [seq] for scope, seq in asked.items()}))
        told = self._signed_in("POST", "/v1/chain", _Told, body).scopes
        return {scope: values.get(str(asked[scope])) for scope, values in told.items() if scope in asked}
