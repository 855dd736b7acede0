"""Joining and syncing without a window: what the first page and the command line share."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from app import keys, left_behind, workspace
from app.context import Context, Council, utc_now
from app.errors import BadFile, CannotRunHere, NotFound
from app.left_behind import ClosedOut
from app.wording import LONDON, plural
from models import failpoints
from models.ids import is_id, new_id

if TYPE_CHECKING:
    from sync import wire
    from sync.account import Account
    from sync.engine import SyncReport
    from sync.oidc import DeviceCode

MOST_PDF = 200 * 1_048_576  # bytes; no paper of Holdall comes near

Way: TypeAlias = "Callable[[str, str], Account]"  # joins under a device id and name


def join_workspace(
    home: Path, server: str, way: str | Way, passphrase: str | None, put_aside: bool = False
) -> Context:
    """Joins a council's server and makes the workspace for it in a folder; a store there that cannot be
    opened any more is put aside, and any other when `put_aside` says so: its passphrase is lost. `way` is a
    code, or what joins under a device id and name.

    Raises HoldallError in words; nothing is written before the server has said yes.
    """
    from sync import account as accounts
    from sync.client import enrol

    check_place(home, server, passphrase, put_aside)
    name = platform.node()[:100] or "Laptop"
    joined = enrol(server, way, new_id(), name) if isinstance(way, str) else way(new_id(), name)
    left_behind.set_aside(home, utc_now())
    council = Council(joined.council, joined.telephone)
    profile = workspace.Profile(
        joined.tenant,
        joined.user,
        joined.name,
        joined.teams[0] if joined.teams else "team-1",
        tuple(joined.roles),
        joined.device,
        council,
        joined.server,
    )
    context = workspace.create(home, profile, passphrase)
    accounts.save(context.store, joined)
    return context


def check_place(home: Path, server: str, passphrase: str | None, put_aside: bool = False) -> None:
    """Raises HoldallError when joining would come to nothing here: asked before a code is used up."""
    from sync.client import check_address

    if workspace.exists(home) and not put_aside and not left_behind.unreadable(home):
        raise BadFile(
            f"There is a Holdall store in {home.name} already.", "Open it, or choose another folder."
        )
    check_address(server)
    if passphrase is None and keys.password_store() is None:
        raise CannotRunHere(
            "This computer has no password store that Holdall can use.",
            "Choose a passphrase (HOLDALL_PASSPHRASE for a command); your code is still good.",
        )


def signed_in(
    server: str,
    offer: wire.SignInOffer,
    open_browser: Callable[[str], object] | None,
    show: Callable[[DeviceCode], object],
    cancelled: Callable[[], bool] = lambda: False,
) -> Way:
    """The way in for somebody who signs in now: in the browser where one is given, else by a code that is
    shown. Raises SyncError."""
    from sync import oidc
    from sync.client import enrol_signed_in

    if open_browser is not None:
        token = oidc.by_browser(offer, open_browser, cancelled)
    else:
        token = oidc.by_code(offer, show, cancelled)
    return lambda device, name: enrol_signed_in(server, offer, token, device, name)


def choose_offer(server: str, issuer: str | None = None) -> wire.SignInOffer:
    """The one way to sign in that a server offers, or the one that is named; raises HoldallError."""
    from sync.client import sign_in_offers

    found = [offer for offer in sign_in_offers(server) if issuer in (None, offer.issuer)]
    if not found:
        raise NotFound("This server has no sign-in with council accounts.", "Join with a code instead.")
    if len(found) > 1:
        names = ", ".join(f"{offer.issuer} ({offer.council})" for offer in found[:10])
        raise NotFound("This server has more than one sign-in.", f"Add --issuer with one of: {names}.")
    return found[0]


def join(home: Path, server: str, way: str | Way, passphrase: str | None) -> tuple[dict[str, Any], list[str]]:
    """The command `enrol`: a document and the words for a person."""
    context = join_workspace(home, server, way, passphrase)
    author = context.author
    context.store.close()
    document = {"council": context.council.name, "user": author.user_id, "name": author.name}
    return document, [f"Joined {context.council.name} as {author.name}. Next: holdall-cli sync"]


def close_out(context: Context) -> ClosedOut:
    """What a laptop does that was closed out: it hands over its unsent work and gives up its key. Raises
    HoldallError when any of it is not kept by the server; then nothing here is changed."""
    from sync import account as accounts
    from sync.farewell import hand_over

    account = accounts.load(context.store)
    assert account is not None  # noqa: S101  it has just been refused as this one
    context.closing = True
    try:
        with context.store.connect(write=True):
            """Whatever was being written is in the store now."""
        handed = hand_over(context.store, account)
        failpoints.hit("after_quarantine")
        return left_behind.give_up_key(
            context.home, context.council.name, handed.changes, handed.files, context.now()
        )
    except BaseException:
        context.closing = False
        raise


def quarantine(context: Context, part: str | None) -> tuple[dict[str, Any], list[str]]:
    """The command `quarantine`: what laptops that were closed out had not sent, or what one part holds."""
    import msgspec

    from sync import account as accounts
    from sync.client import HttpTransport

    account = accounts.load(context.store)
    if account is None:
        raise CannotRunHere("This workspace has not joined a server.", "Join one first: holdall-cli enrol.")
    if part is not None and not is_id(part):
        raise NotFound(f"“{part}” is not the name of a part.", "“holdall-cli quarantine” lists them.")
    transport = HttpTransport(account, lambda fresh: accounts.save(context.store, fresh))
    try:
        if part is None:
            rows = transport.quarantine()
            words = [
                f"{r.id}  {r.received[:16]}  {r.name}, {r.device_name}: {plural(r.items, 'item')}"
                for r in rows
            ]
            return {"parts": msgspec.to_builtins(rows)}, words or ["Nothing lies in quarantine."]
        held = transport.quarantined(part)
    finally:
        transport.close()
    words = [f"{item.get('name', '')}: {item.get('label') or item.get('file', '')}" for item in held.items]
    if held.withheld:
        words.append(f"{plural(held.withheld, 'item')} of scopes that are not yours to see.")
    return msgspec.to_builtins(held), words


def sync_now(context: Context) -> tuple[dict[str, Any], list[str]]:
    """The command `sync`: one whole sync; a document and the words for a person."""
    from sync import account as accounts
    from sync.client import HttpTransport
    from sync.engine import Engine
    from sync.errors import Revoked

    account = accounts.load(context.store)
    if account is None:
        raise CannotRunHere(
            "This workspace has not joined a server.",
            "Join one: holdall-cli enrol --server … --code …",
        )
    transport = HttpTransport(account, lambda fresh: accounts.save(context.store, fresh))
    try:
        report = Engine(context.store, transport, context.clock).sync_once(verify=True)
    except Revoked:
        raise close_out(context) from None
    finally:
        transport.close()
    document = {
        "pushed": report.pushed,
        "accepted": report.accepted,
        "merged": report.merged,
        "pulled": report.pulled,
        "conflicts": report.conflicts,
        "rejected": report.rejected,
        "waiting": report.waiting,
        "repaired": report.repaired,
        "healed": {"scopes": list(report.healed.scopes), "resent": report.healed.resent}
        if report.healed
        else None,
        "only_here": report.only_here,
        "scopes": [{"scope": name, **receipt._asdict()} for name, receipt in sorted(report.scopes.items())],
    }
    return document, _words(report, context)


def _words(report: SyncReport, context: Context) -> list[str]:
    """What a person is told of a sync."""
    words = [f"{plural(report.pushed, 'change')} sent, {plural(report.pulled, 'change')} received."]
    if report.rejected or report.conflicts:
        refused, open_ones = plural(report.rejected, "refused change"), plural(report.conflicts, "conflict")
        words.append(f"{refused} and {open_ones} to settle: open the sync panel.")
    words += restored_words(report)
    if report.repaired:
        words.append("This copy differed from the server's in some record; it was read anew and put right.")
    return [*words, receipt_words(report, context.now())]


def restored_words(report: SyncReport) -> list[str]:
    """What a person is told when the server was restored, or when this laptop was found to be a copy."""
    words = [report.healed.words] if report.healed is not None else []
    if report.only_here:
        records = plural(report.only_here, "record")
        words.append(f"{records} only on this laptop for now; a colleague's laptop brings the rest.")
    if report.new_device:
        words.append("This laptop is a copy of another; it goes on under a name of its own.")
    return words


def receipt_words(report: SyncReport, now: datetime) -> str:
    """The receipt in a sentence: until when this copy knows all, what waits, whether it equals the
    server's."""
    from sync.receipt import all_equal

    waits = f"{plural(report.waiting, 'change')} waiting" if report.waiting else "nothing waiting"
    equal = all_equal(report.scopes.values())
    ends = {True: "this copy equals the server's", False: "this copy differs from the server's: tell IT"}
    parts = [
        f"Everything up to {now.astimezone(LONDON):%H:%M:%S}",
        waits,
        *([ends[equal]] if equal is not None else []),
    ]
    return f"{', '.join(parts)}."


def verify(options: argparse.Namespace) -> tuple[dict[str, Any], list[str], int]:
    """The command `verify`: a document, the words, and the exit code: 0 when the question was answered,
    3 when it cannot be answered here. Raises BadFile for what is no PDF."""
    from app import cli, folders
    from app.told import open_context
    from ui import sealing

    path: Path = options.file
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_PDF else b""
    except OSError as error:
        words = error.strerror or type(error).__name__
        raise BadFile(f"{path} cannot be read ({words}).", "Check the name.") from error
    if not data.startswith(b"%PDF-"):
        raise BadFile(f"{path.name} is no PDF of Holdall.", "Name the PDF as it was sent to you.")
    home = options.home or folders.data_folder()
    context = None
    if workspace.exists(home) or workspace.exists(home / folders.SAMPLE_FOLDER):
        context = open_context(options)
    try:
        found = sealing.verify(data, context)
    finally:
        if context is not None:
            context.store.close()
    said = {"genuine": "Genuine", "altered": "Altered", "log_rewritten": "The log was rewritten"}
    words = f"{said.get(found.verdict, 'Cannot tell here')}. {found.reason}"
    code = cli.DONE if found.verdict in said else cli.CANNOT_RUN
    return {"file": str(path), **found.document()}, [words], code
