"""A transport that asks the server to bear witness: whose key a seal bears, what a log has at a number."""

from __future__ import annotations

from sync import wire
from sync.client import HttpTransport


class Witness(HttpTransport):
    """The server as a witness."""

    def device_keys(self) -> list[wire.DeviceKey]:
        """The keys of the council's laptops, those closed out too."""
        return self._signed_in("GET", "/v1/devices/keys", list[wire.DeviceKey])

    def chains(self, asked: dict[str, int]) -> dict[str, str]:
        """The chain value of each log at a number, empty where the log ends before it. Left out are scopes
        that this person may not read, and numbers that were compacted away."""
        told = self.chain(wire.ChainRequest({scope: [seq] for scope, seq in asked.items()})).scopes
        found = {scope: values.get(str(asked[scope])) for scope, values in told.items() if scope in asked}
        known = {scope: value for scope, value in found.items() if value is not None}
        absent = {scope: wire.Cursor(asked[scope]) for scope in found if scope not in known}
        pages = self.pull(wire.PullRequest(absent, limit=1)).scopes if absent else {}
        return known | {scope: "" for scope, page in pages.items() if page.error == "chain_mismatch"}
