"""Beginning a copy anew from the command line, and following an id that a copied laptop was given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from app import workspace
from app.context import Context
from app.wording import plural


def reset(context: Context, out: Path) -> tuple[dict[str, Any], list[str]]:
    """The command `reset --out`: a document and the words. Nothing is wiped before the file was read back."""
    from sync import reset as resetting

    taken = resetting.export(context.store, context.author, out)
    resetting.wipe(context.store, context.now())
    document = {
        "file": str(out),
        "code": taken.code,
        "changes": taken.changes,
        "refused": taken.refused,
        "files": taken.files,
    }
    words = [
        f"{out} holds {plural(taken.changes, 'change')} and {plural(taken.files, 'photo')} not yet sent.",
        f"Its code, shown this once: {taken.code}",
        "Next: holdall-cli sync, then holdall-cli reset --bring-back with that file.",
    ]
    return document, words


def bring_back(context: Context, file: Path, code: str) -> tuple[dict[str, Any], list[str]]:
    """The command `reset --bring-back`: a document and the words."""
    from sync import reset as resetting

    count, _ = resetting.bring_back(context.store, context.author, file, code, context.now())
    words = [f"{plural(count, 'change')} brought back. Next: holdall-cli sync"]
    return {"changes": count}, words


def follow_device(context: Context, device: str) -> None:
    """Lets acts from now on name the id that this laptop goes by: it has another one once a copy of its disk
    was noticed."""
    if device and context.author.device_id != device:
        context.author = replace(context.author, device_id=device)
        workspace.save_profile(context, replace(workspace.profile_of(context), device_id=device))
