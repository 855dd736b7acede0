"""The seal of a paper: what it says of the log it was made from, signed by the laptop that made it.

The seal is one comment line behind the end of the PDF, `%Holdall-Seal {json}`, which readers pass over:
its first words are hashed and signed are all the bytes before it. No clock stands in it, so the same data
gives the same bytes. A PDF that was sealed says so inside as well (`CLAIM`): a seal cannot be cut off unseen.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

MARK = b"%Holdall-Seal "
CLAIM = "Holdall-Sealed"
MOST = 960  # bytes of the line: strict readers look for %%EOF in the last 1,024 of a file
TEXT = b"holdall/paper/1\n"


@dataclass(frozen=True)
class Seal:
    """What a laptop can put its name to: how far it has read the council's logs, and its key."""

    tenant: str
    device: str
    key: str  # base64 of the Ed25519 public key
    heads: Mapping[str, tuple[int, str]]  # scope -> number and chain value; the one to show stands first
    waiting: int  # changes in the paper's data that no log has yet
    sign: Callable[[bytes], str]  # base64 of the signature

    def words(self) -> str:
        """The line on every page: scope, number, the beginning of the chain value."""
        scope, (seq, chain) = next(iter(self.heads.items()))
        shown = f"Log {scope.partition(':')[2] or scope} · {seq:,} · {chain[:4]} {chain[4:8]}"
        return f"{shown} · {self.waiting:,} not yet sent" if self.waiting else shown


class Broken(Exception):
    """The seal of a file does not fit the file."""


def sealed(pdf: bytes, seal: Seal) -> bytes:
    """The PDF with its seal."""
    heads = dict(seal.heads)
    while True:
        told: dict[str, Any] = {
            "v": 1,
            "tenant": seal.tenant,
            "device": seal.device,
            "key": seal.key,
            "heads": {scope: list(head) for scope, head in heads.items()},
            "waiting": seal.waiting,
            "sha256": sha256(pdf).hexdigest(),
        }
        told["signature"] = seal.sign(TEXT + _json(told))
        line = _line(told)
        if len(line) <= MOST or len(heads) == 1:
            return pdf + line
        heads.popitem()  # the last is the one that matters least


def opened(data: bytes) -> dict[str, Any] | None:
    """What the seal of a file says, when it fits in every bit; None for a file that was never sealed.

    Raises Broken when seal and file do not belong together, or a seal that there was is gone.
    """
    at = data.rfind(MARK)
    if at < 0:
        if _claims(data):
            raise Broken("This paper had a seal, and it is gone: the file was changed or saved anew.")
        return None
    told = _told(data[at + len(MARK) :])
    if _line(told) != data[at:]:
        raise Broken("The seal is damaged, or something was added behind it.")
    if told["sha256"] != sha256(data[:at]).hexdigest():
        raise Broken("The paper is not the one that was sealed: at least one byte is different.")
    if not _signed(told):
        raise Broken("The signature of the seal does not fit.")
    return told


def _told(line: bytes) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(line)
        wanted = {"tenant": str, "device": str, "key": str, "heads": dict, "waiting": int, "sha256": str}
        whole = told["v"] == 1 and all(isinstance(told[name], kind) for name, kind in wanted.items())
        for head in told["heads"].values():
            whole = whole and isinstance(head[0], int) and isinstance(head[1], str) and len(head) == 2
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise Broken("The seal cannot be read.")
    return told


def _signed(told: Mapping[str, Any]) -> bool:
    from nacl.exceptions import CryptoError
    from nacl.signing import VerifyKey

    text = TEXT + _json({name: value for name, value in told.items() if name != "signature"})
    try:
        key, signature = (base64.b64decode(told[name], validate=True) for name in ("key", "signature"))
        VerifyKey(key).verify(text, signature)
    except (CryptoError, binascii.Error, ValueError, TypeError, KeyError):
        return False
    same = (base64.b64encode(key).decode(), base64.b64encode(signature).decode())
    return same == (told["key"], told["signature"])  # base64 has bits that no decoder looks at


def _claims(data: bytes) -> bool:
    """Whether a file without a seal says inside that it was sealed; a writer that saved it anew may have
    packed those words away."""
    if CLAIM.encode() in data:
        return True
    import pypdfium2

    try:
        paper = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return False
    try:
        return CLAIM in paper.get_metadata_dict().get("Keywords", "")
    finally:
        paper.close()


def _json(told: Mapping[str, Any]) -> bytes:
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _line(told: Mapping[str, Any]) -> bytes:
    return MARK + _json(told) + b"\n"
