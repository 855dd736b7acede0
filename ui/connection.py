"""The line from an open workspace to its server; for the sample council it starts the server too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.context import Context
from models.changes import Changed
from ui.jobs import Job

if TYPE_CHECKING:
    from sync.engine import Engine

    from sync.local_server import LocalServer

SERVER_FILE = "server.db"


class Connection:
    """What a workspace syncs through. Nothing of the network is imported before `prepare` runs in a job."""

    def __init__(self, context: Context, server_command: Sequence[str]) -> None:
        self._context = context
        self._command = server_command
        self._server: LocalServer | None = None
        self._engine: Engine | None = None

    def prepare(self, job: Job | None = None) -> Callable[[Job], Changed] | None:
        """Makes the line ready, off the window's thread: what runs one sync, or None without a server.

        Raises HoldallError when the sample's own server does not start.
        """
        from sync.engine import Engine

        from sync import account as accounts
        from sync.client import HttpTransport, enrol

        store = self._context.store
        account = accounts.load(store)
        if self._context.sample:
            address = self._start_server()
            if account is None:
                author = self._context.author
                assert self._server is not None  # noqa: S101  it was started above
                code = self._server.invite(author.user_id, author.name, sorted(author.roles), author.team_id)
                account = enrol(address, code, author.device_id, "Sample laptop")
            account.server = address
            accounts.save(store, account)
        if account is None:
            return None
        transport = HttpTransport(account, lambda fresh: accounts.save(store, fresh))
        self._engine = Engine(store, transport)
        return self.run

    def run(self, job: Job) -> Changed:
        """One whole sync; returns what changed here."""
        assert self._engine is not None  # noqa: S101  prepare made it
        report = self._engine.sync_once(
            progress=lambda done, total, words="": job.progress(done, total, words), cancelled=job.cancelled
        )
        return report.changed

    def close(self) -> None:
        """Ends the line, and the sample's server."""
        if self._server is not None:
            self._server.close()

    def _start_server(self) -> str:
        from sync.local_server import LocalServer

        if self._server is None or not self._server.running:
            self._server = LocalServer(self._command, self._context.home / SERVER_FILE)
            self._server.start()
        return self._server.address
