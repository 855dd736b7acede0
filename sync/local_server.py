"""A sync server of this laptop's own: another process on loopback that ends when its starter does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sync.errors import SyncError


@dataclass(frozen=True)
class Person:
    """Somebody with an account on the server."""

    user: str
    name: str
    roles: tuple[str, ...]
    team: str = "team-1"


class LocalServer:
    """One server process over one database file. `address` is known once it has started.

    It listens on 127.0.0.1 at a free port and stops when its standard input closes, so that it cannot
    outlive a starter that was killed. `command` is what starts a server, as a list (program, arguments).
    """

    def __init__(self, command: Sequence[str], db: Path) -> None:
        self._command = [*command, "run", "--db", str(db), "--port", "0", "--until-stdin-closes"]
        self._process: subprocess.Popen[str] | None = None
        self.db = db
        self.address = ""

    def start(self) -> str:
        """Starts it and returns its address; raises SyncError when it does not come up."""
        self.db.parent.mkdir(parents=True, exist_ok=True)
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows only: no black box
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            creationflags=flags,
        )
        assert self._process.stdout is not None  # noqa: S101  it was asked for above
        line = self._process.stdout.readline()
        try:
            told = json.loads(line)
            self.address = f"http://{told['host']}:{told['port']}"
        except (ValueError, KeyError, TypeError):
            self.close()
            raise SyncError(
                "The sample council's server did not start.",
                "Work on: everything is kept here. Run “holdall-cli doctor” to see what is missing.",
            ) from None
        return self.address

    def invite(self, people: Sequence[Person]) -> str:
        """A joining code for a laptop that these people share, the first of them its owner; made straight
        in the server's database."""
        from sync.server import accounts, audit
        from sync.server.__main__ import TENANT
        from sync.server.store import ServerStore, ensure_tenant

        now = datetime.now(UTC)
        store = ServerStore.open(str(self.db))
        try:
            with store.write(TENANT) as connection:
                ensure_tenant(connection, TENANT, "Averwick Borough Council", "01632 960 100", now)
                for one in people:
                    accounts.put_account(connection, TENANT, one.user, one.name, list(one.roles), [one.team])
                owner = people[0].user
                code, _ = accounts.make_code(connection, TENANT, owner, now, shared=len(people) > 1)
                detail = {"user": owner, "shared": len(people) > 1}
                audit.note(connection, TENANT, "code_made", audit.SYSTEM, "", detail, now)
        finally:
            store.close()
        return code

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """Asks it to stop and waits; kills it after five seconds."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        if process.stdout is not None:
            process.stdout.close()
