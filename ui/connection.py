"""The line from an open workspace to its server; for the sample council it starts the server too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.context import Context
from app.workspace import SAMPLE_PEOPLE
from ui.jobs import Job
from ui.resetting import follow_device

if TYPE_CHECKING:
    from sync.engine import Engine, SyncReport
    from sync.local_server import LocalServer
    from sync.watching import Watcher

SERVER_FILE = "server.db"


class Connection:
    """What a workspace syncs through. Nothing of the network is imported before `prepare` runs in a job."""

    def __init__(self, context: Context, server_command: Sequence[str]) -> None:
        self._context = context
        self._command = server_command
        self._server: LocalServer | None = None
        self._engine: Engine | None = None
        self.metered: Callable[[], bool] = lambda: False
        self._watcher: Watcher | None = None

    def prepare(self, job: Job | None = None) -> Callable[[Job], SyncReport] | None:
        """Makes the line ready, off the window's thread: what runs one sync, or None without a server.

        Raises HoldallError when the sample's own server does not start.
        """
        from sync import account as accounts
        from sync.client import HttpTransport, enrol
        from sync.engine import Engine

        store = self._context.store
        account = accounts.load(store)
        if self._context.sample:
            address = self._start_server()
            if account is None:
                account = enrol(address, self._invite(), self._context.author.device_id, "Sample laptop")
            account.server = address
            accounts.save(store, account)
        if account is None:
            return None
        follow_device(self._context, account.device)
        transport = HttpTransport(account, lambda fresh: accounts.save(store, fresh))
        self._engine = Engine(store, transport, self._context.clock)
        return self.run

    def run(self, job: Job) -> SyncReport:
        """One whole sync; returns what it did. Where every byte costs, no file is fetched unasked.
        Raises ClosedOut when this laptop was closed out and has given up its key."""
        from sync.blobs import AUTO_LIMIT
        from sync.errors import Revoked
        from ui.headless import close_out

        assert self._engine is not None  # noqa: S101  prepare made it
        self._engine.auto_limit = 0 if self.metered() else AUTO_LIMIT
        verify = self._engine.check_due()
        try:
            return self._engine.sync_once(job.progress, job.cancelled.is_set, verify)
        except Revoked:
            raise close_out(self._context) from None

    def watch(self, on_news: Callable[[], object]) -> None:
        """Calls back, from a thread of its own, soon after the server has something new."""
        from sync.watching import Watcher

        assert self._engine is not None  # noqa: S101  prepare made it
        if self._watcher is None:
            self._watcher = Watcher(self._context.store, self._engine.transport.account, on_news)
            self._watcher.start()

    def close(self) -> None:
        """Ends the line, and the sample's server; nobody waits for an answer that is still out."""
        if self._watcher is not None:
            self._watcher.stop()
        if self._server is not None:
            self._server.close()

    def _invite(self) -> str:
        from sync.local_server import Person

        assert self._server is not None  # noqa: S101  it was started before
        return self._server.invite([Person(*one) for one in SAMPLE_PEOPLE])

    def _start_server(self) -> str:
        from sync.local_server import LocalServer

        if self._server is None or not self._server.running:
            self._server = LocalServer(self._command, self._context.home / SERVER_FILE)
            self._server.start()
        return self._server.address
