"""The paper of the slice: chosen lines of one's own check, made only from an opened vault."""

from __future__ import annotations

import os

from app.context import Context
from app.errors import HoldallError, NotFound
from app.report import Document, Heading, Note, Report, Text
from app.wellbeing import entries, service, sharing, vault
from app.workspace import SAMPLE_PASSPHRASE

PASSPHRASE_VARIABLE = "HOLDALL_VAULT_PASSPHRASE"  # noqa: S105  the name of a variable, not its value


def my_wellbeing(context: Context, options: dict[str, str]) -> Document:
    """The chosen lines of the newest finished check.

    `lines` names them, with commas ("finding,control,talk"); the vault opens with the passphrase in
    HOLDALL_VAULT_PASSPHRASE, never with one from the command line, where other programs could read it.
    The sample vault opens by itself, for it holds nothing real.
    Raises HoldallError while the vault is locked or nothing is chosen, NotFound without a finished check.
    """
    passphrase = os.environ.get(PASSPHRASE_VARIABLE) or (SAMPLE_PASSPHRASE if context.sample else "")
    keys = context.read(lambda s: vault.wrapped_keys(s, context.author))
    if not keys:
        raise NotFound("You have no vault on this laptop yet.", "Set one up on the Wellbeing tab.")
    if not passphrase:
        raise HoldallError(
            "Your vault is locked.", f"Set {PASSPHRASE_VARIABLE} to its passphrase for this one command."
        )
    ring = vault.open_by_passphrase(keys, context.author, passphrase)
    life = context.read(lambda s: entries.read(s, ring, context.author))
    finished = life.finished()
    if not finished:
        raise NotFound("There is no finished check yet.", "Answer one on the Wellbeing tab.")
    shown = service.result(life, finished[0])
    chosen = [name.strip() for name in options.get("lines", "").split(",") if name.strip()]
    return sharing.document(context, life, shown, chosen)


def recovery_sheet(context: Context, code: str) -> Document:
    """The sheet with the recovery code, to be kept at home. It is made once, while the code is on screen."""
    groups = code.split("-")
    return Document(
        private=True,
        title="Recovery code of a private vault",
        subtitle=f"{context.author.name}, Holdall",
        council=context.council.name,
        made_on=context.today(),
        hue=sharing.HUE,
        author=context.author.name,
        blocks=(
            Heading("The code"),
            Text("   ".join(groups[:4])),
            Text("   ".join(groups[4:])),
            Note(
                "What it is for.",
                "With this code you can open your vault on any laptop if you forget its passphrase. Keep it "
                "at home, not with the laptop. Nobody at the council has a copy, and nobody can make one.",
            ),
        ),
    )


REPORTS = (Report("my-wellbeing", "My wellbeing: chosen lines", my_wellbeing),)
