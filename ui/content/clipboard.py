"""The clipboard: blocks of ours out as three forms, whatever people paste in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QImage

from app.content import files
from app.content.blocks import Block, Picture, Table
from models.content import BlockKind
from models.errors import HoldallError
from models.ids import new_id

MIME = "application/x-holdall-blocks+json"


def packed(blocks: list[Block]) -> QMimeData:
    """Blocks as plain text, as clean HTML, and as our own form that loses nothing."""
    data = QMimeData()
    data.setText(files.to_text(blocks))
    data.setHtml(files.blocks_to_html(blocks))
    data.setData(MIME, QByteArray(json.dumps([_plain(block) for block in blocks]).encode("utf-8")))
    return data


def can_take(source: QMimeData) -> bool:
    """Whether there is anything in it for a page."""
    return source.hasText() or source.hasHtml() or source.hasImage() or source.hasFormat(MIME)


def picture(source: QMimeData) -> bytes | None:
    """A pasted picture without words beside it, as PNG bytes."""
    if not source.hasImage() or source.hasText() or source.hasFormat(MIME):
        return None
    image, buffer = QImage(source.imageData()), QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    saved = image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs ask for bytes, which fail
    return bytes(buffer.data().data()) if saved else None


def unpacked(source: QMimeData) -> files.Pasted:
    """What a paste holds for a page; raises HoldallError when it cannot be taken."""
    if source.hasFormat(MIME):
        try:
            given = json.loads(bytes(source.data(MIME).data()).decode("utf-8"))
            return files.Pasted([_block(one) for one in given])
        except (ValueError, KeyError, TypeError) as error:
            raise HoldallError(
                "What was copied comes from a newer Holdall and cannot be read here.",
                "Paste it as plain text with Ctrl Shift V.",
            ) from error
    if source.hasHtml():
        files.accept_text(source.text())
        return files.from_html(source.html())
    return files.from_text(source.text())


def _plain(block: Block) -> dict[str, Any]:
    out: dict[str, Any] = {"kind": block.kind.value, "text": block.text, "alt": block.alt}
    if block.table:
        out |= {"rows": block.table.rows, "caption": block.table.caption}
    if block.picture:
        p = block.picture
        out["picture"] = [p.sha256, p.name, p.mime, p.width, p.height]
    return out


def _block(given: dict[str, Any]) -> Block:
    """A block from the clipboard, with a fresh id."""
    block = Block(new_id(), BlockKind(given["kind"]), files.accept_text(given["text"]), given["alt"])
    if "rows" in given:
        block = replace(block, table=Table.of(given["rows"], given["caption"]))
    if "picture" in given:
        block = replace(block, picture=Picture(*given["picture"]))
    return block
