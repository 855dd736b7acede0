"""Files on their way: after the records, a sync sends what the server lacks and fetches what is wanted.

- each goes in chunks and on from where it stopped, after any crash, cut or restart
- the smallest and newest first; between two files, changes that wait meanwhile are pushed
- what goes wrong with a file never stops the sync of records: it is kept, said, and tried again
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, select, update

from models import blobs, failpoints
from models.base import policy_of, record_types
from models.changes import Changed, get_meta, set_meta
from models.errors import FileDamaged, HoldallError
from models.outbox import Blob, BlobState
from models.store import Store
from sync import wire
from sync.errors import Refused

if TYPE_CHECKING:
    from sync.client import FileTransport

AUTO_LIMIT = 2 * 1_048_576  # a larger file is fetched when somebody wants to look at it
LEAST, MOST, AIM = 256 * 1024, wire.MAX_CHUNK, 2.0  # bytes and seconds of a chunk
FEW = 3  # files that are simply offered; before more, the server is asked which ones it has
PATIENCE = 100  # times that a file may turn out to go on elsewhere, as another laptop sends it too
EPOCH = "files.epoch"  # of the server that the files were last offered to
TABLE = "blob"  # what `Changed` names when a file came in

_REFUSALS = {
    "type": "The server does not keep files of this kind.",
    "quota": "The council's room for files on the server is used up; this one goes once there is room.",
    "malformed": "The server does not take this file.",
    "too_large": "The server does not take a file of this size.",
}


@dataclass
class FileReport:
    """What one sync did with files; `problem` is why it stopped before all had gone."""

    sent: int = 0
    fetched: int = 0
    waiting: int = 0  # still to send or to fetch by themselves
    problem: HoldallError | None = None


@dataclass
class Pace:
    """How much to put into a chunk, so that one takes about two seconds and can be given up any time."""

    size: int = LEAST

    def note(self, length: int, seconds: float) -> None:
        """Learns from a chunk of `length` bytes."""
        wanted = int(length * AIM / max(seconds, 0.01))
        self.size = max(LEAST, min(MOST, wanted, self.size * 2)) // wire.PIECE * wire.PIECE


@dataclass
class FileRun:
    """The files' part of one sync. `between` runs after each file, `tell` hears of files that came in."""

    store: Store
    transport: FileTransport
    now: Callable[[], datetime]
    progress: Callable[[int, int, str], object]
    cancelled: Callable[[], bool]
    between: Callable[[], object]
    tell: Callable[[Changed], object]
    auto_limit: int = AUTO_LIMIT
    first: bool = False  # since the program started: then the folder is looked through

    def run(self) -> FileReport:
        """Sends and fetches; never raises for what a file or the network did."""
        report = FileReport()
        self._pace = Pace()
        try:
            if self.first:
                blobs.tidy(self.store)
            self._after_restore()
            self._survey()
            self._send_all(report)
            self._fetch_all(report)
        except HoldallError as error:
            report.problem = error
        with self.store.connect() as connection:
            report.waiting = blobs.waiting(connection)
        return report

    def _after_restore(self) -> None:
        """A server of another epoch was brought back from a copy: it may lack files that it had."""
        epoch = self.transport.epoch
        with self.store.connect() as connection:
            before = get_meta(connection, EPOCH)
        if before == epoch or not epoch:
            return
        with self.store.connect(write=True) as connection:
            if before is not None:
                blobs.offer_again(connection)
            set_meta(connection, EPOCH, epoch)

    def _survey(self) -> None:
        with self.store.connect() as connection:
            if get_meta(connection, blobs.SURVEYED):
                return
        with self.store.connect(write=True) as connection:
            blobs.survey(connection, self.now())

    # -- sending -----------------------------------------------------------------------------------

    def _send_all(self, report: FileReport) -> None:
        due = self._unknown(self._rows(BlobState.DUE))
        for done, row in enumerate(due):
            if self.cancelled():
                return
            self.progress(done, len(due), "Sending photos")
            try:
                report.sent += self._send(row)
            except FileDamaged:
                self._change(row.sha256, blobs.lost)
            except Refused as error:
                self._refused(row.sha256, error)
                if error.error == "quota":
                    report.problem = HoldallError(_REFUSALS["quota"], "Ask your administrator for more room.")
                    return
            self.between()

    def _unknown(self, due: list[Any]) -> list[Any]:
        """The files that the server lacks; where there are many, it is asked for all at once: after it was
        brought back from an older copy, every file is offered again."""
        if len(due) <= FEW:
            return due
        here: set[str] = set()
        for start in range(0, len(due), wire.MAX_FIND):
            names = [row.sha256 for row in due[start : start + wire.MAX_FIND]]
            here |= {state.sha256 for state in self.transport.find_files(names) if state.state == "here"}
        with self.store.connect(write=True) as connection:
            for name in here:
                values = {"state": BlobState.SENT.value, "problem": None}
                connection.execute(update(Blob).where(Blob.sha256 == name).values(**values))
        return [row for row in due if row.sha256 not in here]

    def _send(self, row: Any) -> bool:
        """Sends one file on from what the server has of it; False when it was given up for now."""
        state = self.transport.offer_file(wire.FileOffer(row.sha256, row.size, row.mime))
        turns = 0
        while state.state != "here":
            if self.cancelled() or turns > PATIENCE:
                return False
            if state.offset >= row.size:  # another laptop sent the last of it: the server looks at the whole
                state = self.transport.offer_file(wire.FileOffer(row.sha256, row.size, row.mime))
                turns += 1
                continue
            data = self._bytes(row, state.offset, self._pace.size)
            started = time.monotonic()
            try:
                state = self.transport.send_file(row.sha256, state.offset, data)
            except Refused as error:
                if error.error != "offset" or error.expected is None:
                    raise
                state = msgspec.structs.replace(state, offset=error.expected)
                turns += 1
                continue
            self._pace.note(len(data), time.monotonic() - started)
            failpoints.hit("mid_blob")
            if state.state != "here":
                self._note(row.sha256, done=state.offset)
        self._note(row.sha256, state=BlobState.SENT.value, done=row.size, problem=None)
        return True

    def _bytes(self, row: Any, offset: int, length: int) -> bytes:
        with self.store.read() as session:
            data = session.execute(select(Blob.data).where(Blob.sha256 == row.sha256)).scalar_one()
        if data is not None:
            return bytes(data[offset : offset + length])
        return self.store.files.read(row.sha256, row.size, offset, length)

    def _refused(self, sha256: str, error: Refused) -> None:
        """What was refused for good stays here with the reason; the rest is offered again next time."""
        words = _REFUSALS.get(error.error)
        if words is None:
            self._note(sha256, done=0)
        elif error.error == "quota":
            self._note(sha256, problem=words)
        else:
            self._note(sha256, state=BlobState.LOCAL.value, problem=words)

    # -- fetching ----------------------------------------------------------------------------------

    def _fetch_all(self, report: FileReport) -> None:
        wanted = {row.sha256: row for row in self._rows(BlobState.WANTED)}
        here: list[tuple[int, Any, wire.FileState]] = []
        names = list(wanted)
        for start in range(0, len(names), wire.MAX_FIND):
            for state in self.transport.find_files(names[start : start + wire.MAX_FIND]):
                if state.sha256 in wanted and self._look_at(wanted[state.sha256], state):
                    here.append((state.size, wanted[state.sha256], state))
        here.sort(key=lambda each: each[0])  # of the same length, the newest stays first
        for done, (_, row, state) in enumerate(here):
            if self.cancelled():
                return
            self.progress(done, len(here), "Fetching photos")
            try:
                report.fetched += self._fetch(row, state)
            except FileDamaged:
                self._note(row.sha256, done=0)
            self.between()

    def _look_at(self, row: Any, state: wire.FileState) -> bool:
        """Keeps what the server says of a wanted file; whether to fetch it now."""
        refused = state.state == "refused"
        problem = "The server did not take this file from its laptop." if refused else None
        told = {"size": state.size, "mime": state.mime[:100], "problem": problem}
        told["from_name"] = row.from_name or state.name
        if any(getattr(row, name) != value for name, value in told.items()):
            self._note(row.sha256, **told)
        fits = 0 < state.size <= (blobs.SIZE_LIMIT if row.asked else self.auto_limit)
        return state.state == "here" and fits

    def _fetch(self, row: Any, state: wire.FileState) -> bool:
        """Fetches one file on from what is here of it; False when it was given up for now."""
        name, size, folder = state.sha256, state.size, self.store.files
        small = size <= blobs.INLINE
        data, done = b"", 0 if small else min(folder.coming(name), size)
        while done < size:
            if self.cancelled():
                return False
            started = time.monotonic()
            part = self.transport.fetch_file(name, done, min(self._pace.size, size - done))
            self._pace.note(len(part), time.monotonic() - started)
            if small:
                data += part
            else:
                whole = len(part) if done + len(part) == size else len(part) // wire.PIECE * wire.PIECE
                part = part[:whole]
                if not part:
                    return False
                folder.append(name, size, done, part)
                self._note(name, done=done + len(part))
            done += len(part)
            failpoints.hit("mid_blob")
        if small and hashlib.sha256(data).hexdigest() != name:
            raise FileDamaged("A file came in with other bytes than its own.", "It is fetched again.")
        if not small:
            folder.finish(name, size)
        kept = {"data": data if small else None, "asked": False, "problem": None}
        self._note(name, state=BlobState.SENT.value, done=size, **kept)
        self.tell(Changed(frozenset({TABLE}), frozenset({name})))
        return True

    # -- rows --------------------------------------------------------------------------------------

    def _rows(self, state: BlobState) -> list[Any]:
        """The files in a state, smallest and newest first."""
        table = Blob.__table__
        columns = [table.c[name] for name in ("sha256", "size", "mime", "asked", "from_name", "problem")]
        statement = select(*columns).where(Blob.state == state.value)
        with self.store.connect() as connection:
            return list(connection.execute(statement.order_by(Blob.size, Blob.added_at.desc())))

    def _note(self, sha256: str, **values: Any) -> None:
        def work(connection: Connection, name: str) -> None:
            connection.execute(update(Blob).where(Blob.sha256 == name).values(**values))

        self._change(sha256, work)

    def _change(self, sha256: str, work: Callable[[Connection, str], None]) -> None:
        with self.store.connect(write=True) as connection:
            work(connection, sha256)


def note_named(connection: Connection, changes: Iterable[wire.RawChange], now: datetime) -> None:
    """Looks through changes from the server for the files that their records name."""
    types = {name for name in record_types() if policy_of(name).files}
    for change in changes:
        if change.t in types:
            names = blobs.named_in(change.t, msgspec.json.decode(change.f))
            blobs.notice(connection, names, change.name, now)
