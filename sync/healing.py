"""The course of one whole sync, and what it does when the server turns out to be restored from a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import failpoints
from sync import recovery, wire
from sync.errors import ServerChanged

if TYPE_CHECKING:
    from sync.engine import Run

ROUNDS = 3  # how often one sync begins again after it has set something right


def whole(run: Run) -> None:
    """Pulls, pushes what waits, and pulls what became of it; again when the server was restored, or when a
    change that had to wait for another laptop's can go now."""
    for last in (*[False] * (ROUNDS - 1), True):
        try:
            run.pull()
            hold_back(run)
            run.again = False  # what can go by now goes with this push
            if run.push():
                run.pull()
        except ServerChanged:
            if last:
                raise
            heal(run)
            continue
        if not run.again or run.report.cancelled:
            return


def hold_back(run: Run) -> None:
    """After a restore, keeps what would only be refused, now that the log has been read anew."""
    with run.store.connect() as connection:
        if run.report.cancelled or not recovery.unfinished(connection):
            return
    with run.store.connect(write=True) as connection:
        recovery.hold_back(connection, run.engine.now())


def heal(run: Run) -> None:
    """Finds out what the server has, and sets ready what it lacks."""
    foreseen, run.foreseen = run.foreseen, None
    if foreseen is not None:
        foreseen[1]()  # it is under way already; what it brings is of no use any more
    cursors = run.cursors(list(run.transport.account.scopes))
    answer = run.transport.pull(wire.PullRequest(cursors, 1))
    other = [scope for scope, page in answer.scopes.items() if page.error == "chain_mismatch"]
    with run.store.connect() as connection:
        recovery.check_origin(connection, answer.origin)
        mine = recovery.marks_of(connection, other)
    theirs = run.transport.chain(wire.ChainRequest({s: list(known) for s, known in mine.items()}))
    agreed = recovery.common(mine, theirs)
    with run.store.connect(write=True) as connection:
        healing = recovery.heal(connection, answer.last_dseq, agreed, run.engine.now())
        recovery.note_epoch(connection, list(cursors), run.transport.epoch)
        failpoints.hit("before_heal_commit")
    failpoints.hit("after_heal")
    run.report.healed = healing.after(run.report.healed)
