"""Named places where a process may be made to die: how crash tests reach the moments that matter.

`HOLDALL_FAIL=after_send:2` kills this process, as a power cut would, when it passes `after_send` for the
second time. Nothing happens where the variable is not set; a test in the same process sets `trap` instead.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

POINTS = (
    "after_local_commit",  # an act of the person is on the disk
    "after_send",  # a push was answered, the answer is not looked at yet
    "before_ack_commit",  # the answer is written down, not committed
    "mid_page",  # some of a page is in the tables, not committed
    "after_page_commit",  # a page is committed, the next not asked for
    "mid_snapshot",  # some pages of a snapshot are in
    "blob_on_disk",  # a file lies beside the store, the row that names it is not committed
    "before_heal_commit",  # what a restored server lacks is numbered anew, not committed
    "after_heal",  # the same, committed; nothing of it has gone out
    "after_new_device",  # the server knows this copy under a new id, this copy does not yet
    "mid_blob",  # some chunks of a file have gone
    "after_quarantine",  # unsent work of a laptop that was closed out is handed over, its key not yet gone
    "after_courier_numbered",  # operations are numbered for a courier file, which is not written yet
    "mid_courier_import",  # a courier file is kept and shown, not committed
    "after_handing_on",  # the server has taken a colleague's courier file, nothing is noted of it yet
    "server_before_commit",  # a push is decided and written, not committed
    "server_after_commit",  # a push is committed, not answered
)

SCHEDULING = (  # of the worker that looks after appointments
    "scheduler_asked",  # what will be asked is noted, the scheduler not asked yet
    "scheduler_answered",  # the scheduler has done it, nothing of the answer is noted
    "scheduler_before_commit",  # a step of a visit is written, not committed
    "scheduler_after_commit",  # the same, committed; the next is not begun
)

MESSAGES = (  # of the sender of messages to tenants
    "notice_noted",  # a message is noted as handed over, which it is not yet
    "notice_sent",  # the service has it, nothing is written of that yet
)

trap: Callable[[str], None] | None = None
_passed: dict[str, int] = {}


def hit(name: str) -> None:
    """Dies here when this place was named, and does nothing otherwise."""
    if trap is not None:
        trap(name)
        return
    wanted = os.environ.get("HOLDALL_FAIL")
    if wanted is None:
        return
    place, _, count = wanted.partition(":")
    if place == name:
        _passed[name] = _passed.get(name, 0) + 1
        if _passed[name] == int(count or 1):
            if hasattr(signal, "SIGKILL"):
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(137)
