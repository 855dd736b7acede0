"""The sheet: one text editor over a whole page, whose paragraphs are Holdall's blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFont,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from app.content import files
from app.content.blocks import OBJECTS, SUMMARY, TITLE, Block
from models.content import BlockKind
from models.errors import HoldallError
from ui.content import clipboard, drawing, editing, mapping
from ui.content.mapping import OBJECT_TYPE, Written, id_of, is_object, kind_of, left_margin
from ui.content.marks import Mark, selections
from ui.theme import theme


class PageEdit(QTextEdit):
    """The words of one page, from its title down. Every act is one step of its own undo.

    Enter splits a block, Backspace joins it to the one above, the arrows cross blocks. Tables and pictures
    are opened by Enter or a double click. Nothing is kept as Qt's HTML.
    """

    edited = Signal()
    caret_moved = Signal(str, str)  # kind, block id
    refused = Signal(object)  # HoldallError: a paste that cannot be taken
    noted = Signal(list)  # sentences about what a paste left out
    object_opened = Signal(str)  # id of a table or picture
    picture_offered = Signal(bytes, str)  # a picture pasted or dropped: its bytes and a name
    link_asked = Signal()
    menu_asked = Signal()
    beyond_undo = Signal(bool)  # undo (or, True, redo) asked for when the text has nothing more

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("content-editor")
        self.setProperty("bare", True)  # the frame of the current block shows where the keyboard is
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(4)
        self.setAccessibleName("Page")
        self.objects: dict[str, Block] = {}
        self._images: dict[str, QImage | str] = {}  # a picture, or why it is not here
        self.read_image: Callable[[str], tuple[bytes | None, str]] = lambda sha256: (None, "")
        self._marks: tuple[Mark, ...] = ()
        self._quiet = False
        self._count = 1
        self._spoken = ""
        self._looks = drawing.Looks(self.document())
        self._drawer = drawing.Objects(self.document(), self.objects.get, self._image, self._object_width)
        self.document().documentLayout().registerHandler(OBJECT_TYPE, self._drawer)
        self.document().contentsChanged.connect(self._contents_changed)
        self.cursorPositionChanged.connect(self._caret_moved)
        self.restyle()

    # Page in, page out

    def show_written(self, written: Written) -> None:
        """Shows a page anew; the caret stays in its block where that is still there. Undo begins anew."""
        cursor = self.textCursor()
        place = (id_of(cursor.block()), cursor.positionInBlock())
        top = self.verticalScrollBar().value()
        self._quiet = True
        self.objects.clear()
        self.objects.update({b.id: b for b in written.blocks if b.kind in OBJECTS})
        mapping.fill(self.document(), written)
        self._count = self.document().blockCount()
        if self._count < 3:
            editing.repair(self.document())
            self.document().clearUndoRedoStacks()
        self._quiet = False
        found = editing.find(self.document(), place[0])
        block = found if found is not None else self.document().begin()
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + min(place[1], block.length() - 1))
        self.setTextCursor(cursor)
        self.verticalScrollBar().setValue(top if found is not None else 0)
        self._count = self.document().blockCount()
        self.viewport().update()

    def written(self) -> Written:
        """What stands in it."""
        return mapping.read(self.document(), self.objects)

    def restyle(self) -> None:
        """Takes fonts, colours and widths from the theme."""
        self.setFont(theme().font("body"))
        self.document().setDefaultFont(theme().font("body"))
        palette = QPalette(theme().palette())
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.setPalette(palette)
        self.setCursorWidth(2)
        if self.document().blockCount() > 1:
            self.show_written(self.written())
            self.ensureCursorVisible()
        self._looks.rehighlight()
        self._paint_marks()

    # Kinds and marks, for the tool bar and the checks

    @property
    def kind(self) -> str:
        """The kind of the block with the caret."""
        return kind_of(self.textCursor().block())

    def set_kind(self, kind: BlockKind) -> None:
        """Makes the block with the caret one of this kind, or plain text again."""
        if not self.isReadOnly():
            editing.set_kind(self.textCursor(), kind)
            self._tidy()

    def toggle(self, what: str) -> None:
        """Turns "bold" or "italic" on or off for the selection or for what is typed next."""
        if self.isReadOnly() or self.kind in (TITLE, SUMMARY) or self.kind.startswith("heading"):
            return
        shape = QTextCharFormat()
        if what == "bold":
            on = self.fontWeight() >= QFont.Weight.DemiBold
            shape.setFontWeight(QFont.Weight.Normal if on else QFont.Weight.DemiBold)
        else:
            shape.setFontItalic(not self.fontItalic())
        self.mergeCurrentCharFormat(shape)

    def link_words(self) -> tuple[str, str]:
        """The words and the address of the link at the caret, or the selected words and no address."""
        cursor = self.textCursor()
        if not cursor.hasSelection():
            cursor = editing.whole_link(cursor)
        probe = QTextCursor(self.document())
        probe.setPosition(max(cursor.selectionStart() + 1, 1) if cursor.hasSelection() else cursor.position())
        shape = probe.charFormat()
        return cursor.selectedText(), shape.anchorHref() if shape.isAnchor() else ""

    def set_link(self, href: str) -> None:
        """Links the selection; an empty address takes the link away."""
        if not self.isReadOnly():
            editing.set_link(self.textCursor(), href)
            self._looks.rehighlightBlock(self.textCursor().block())

    def add_block(self, block: Block) -> None:
        """A new block below the one with the caret (in its place where that is empty text)."""
        if self.isReadOnly():
            return
        if block.kind in OBJECTS:
            self.objects[block.id] = block
        cursor = self.textCursor()
        cursor.clearSelection()
        here = cursor.block()
        cursor.beginEditBlock()
        if kind_of(here) == editing.P and not here.text():
            editing.set_shape(cursor, block.kind.value, block.id if block.kind in OBJECTS else id_of(here))
        else:
            if kind_of(here) == TITLE:
                cursor.setPosition(here.next().position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
            shape = mapping.block_format(block.kind.value, block.id, kind_of(cursor.block()))
            cursor.insertBlock(shape, QTextCharFormat())
        mapping.fill_block(cursor, block)
        cursor.endEditBlock()
        self._tidy()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def replace_object(self, block: Block) -> None:
        """Shows a table or picture as it is now; this is no step of the text's undo."""
        self.objects[block.id] = block
        found = editing.find(self.document(), block.id)
        if found is not None:
            self.document().markContentsDirty(found.position(), found.length())
        self.edited.emit()

    def use_words(self, mark: Mark, text: str) -> None:
        """Puts other words in a place a check spoke of."""
        editing.replace_words(self.document(), mark.block_id, mark.start, mark.end, text)
        self.go_to(mark.block_id, mark.start, mark.start)

    def use_block(self, block: Block) -> None:
        """Writes a block anew: another kind, other words."""
        editing.replace_block(self.document(), block)
        self._tidy()
        self.go_to(block.id)

    def go_to(self, block_id: str, start: int = 0, end: int = 0) -> None:
        """Selects a stretch of a block and brings it into view; the editor takes the focus."""
        block = editing.find(self.document(), block_id)
        if block is None:
            return
        text = block.text()
        cursor = QTextCursor(block)
        last = block.length() - 1
        cursor.setPosition(block.position() + min(last, mapping.utf16(text, start)))
        place = block.position() + min(last, mapping.utf16(text, max(start, end)))
        cursor.setPosition(place, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_to_start(self) -> None:
        """Puts the caret at the end of the title, without taking the focus."""
        cursor = QTextCursor(self.document().begin())
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        self.setTextCursor(cursor)
        self.verticalScrollBar().setValue(0)

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Marks the stretches that checks speak of."""
        self._marks = tuple(marks)
        self._paint_marks()

    def _paint_marks(self) -> None:
        self.setExtraSelections(selections(self.document(), self._marks))

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Backspace, Delete and the shortcuts; everything else is Qt's."""
        if self.isReadOnly():
            self._read_only_key(event)
            return
        if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):
            self._travel(redo=event.matches(QKeySequence.StandardKey.Redo))
        elif not self._command(event) and not self._structure(event):
            self._guard_object(event)
            super().keyPressEvent(event)

    def _read_only_key(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _travel(self, redo: bool) -> None:
        document = self.document()
        if redo and document.isRedoAvailable():
            self.redo()
        elif not redo and document.isUndoAvailable():
            self.undo()
        else:
            self.beyond_undo.emit(redo)

    def _command(self, event: QKeyEvent) -> bool:
        """Ctrl+B, Ctrl+I, Ctrl+K, Ctrl+/, Ctrl+Alt+0 and 2 to 4, Ctrl+Shift+V."""
        keys, modifiers = Qt.Key, event.modifiers()
        held = Qt.KeyboardModifier
        control = bool(modifiers & held.ControlModifier)
        kinds = {
            keys.Key_0: BlockKind.PARAGRAPH,
            keys.Key_2: BlockKind.HEADING2,
            keys.Key_3: BlockKind.HEADING3,
            keys.Key_4: BlockKind.HEADING4,
        }
        if control and modifiers & held.AltModifier and event.key() in kinds:
            self.set_kind(kinds[keys(event.key())])
        elif not control or modifiers & held.AltModifier:
            return False
        elif modifiers & held.ShiftModifier:
            if event.key() != keys.Key_V:
                return False
            self.paste_plain()
        elif event.key() in (keys.Key_B, keys.Key_I):
            self.toggle("bold" if event.key() == keys.Key_B else "italic")
        elif event.key() == keys.Key_K:
            self.link_asked.emit()
        elif event.key() == keys.Key_Slash:
            self.menu_asked.emit()
        else:
            return False
        return True

    def _structure(self, event: QKeyEvent) -> bool:
        """Enter, Backspace, Delete and the space of a shorthand."""
        cursor, key = self.textCursor(), event.key()
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if is_object(self.kind) and not cursor.hasSelection():
                self.object_opened.emit(id_of(cursor.block()))
                return True
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.kind == BlockKind.NOTE.value:
                cursor.insertText("\u2028")
                return True
            cursor = editing.split(cursor)
        elif key == Qt.Key.Key_Backspace:
            if not editing.backspace(cursor):
                return False
        elif key == Qt.Key.Key_Delete:
            if not editing.delete_forward(cursor):
                return False
        elif key != Qt.Key.Key_Space or not editing.shorthand(cursor):
            return False
        self._tidy()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        return True

    def _guard_object(self, event: QKeyEvent) -> None:
        """Words typed at a table or picture begin a text below it."""
        cursor = self.textCursor()
        if is_object(self.kind) and not cursor.hasSelection() and event.text() and event.text().isprintable():
            self.setTextCursor(editing.split(cursor))

    def _tidy(self) -> None:
        """Repairs the document after an act of our own."""
        self._quiet = True
        editing.repair(self.document())
        self._quiet = False
        self._count = self.document().blockCount()
        self._looks.rehighlightBlock(self.textCursor().block())
        self._contents_changed()

    def _contents_changed(self) -> None:
        if self._quiet:
            return
        if self.document().blockCount() != self._count:
            self._tidy()
            return
        self.viewport().update()
        self.edited.emit()

    def _caret_moved(self) -> None:
        self.viewport().update()
        kind = self.kind
        if kind != self._spoken and self.hasFocus():
            self._spoken = kind
            words = drawing.SPOKEN.get(kind, "Text")
            block = self.objects.get(id_of(self.textCursor().block()))
            missing = self._image(block.picture.sha256) if block is not None and block.picture else ""
            words = f"{words}. {missing}" if missing and isinstance(missing, str) else words
            self.setAccessibleDescription(words)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
        self.caret_moved.emit(kind, id_of(self.textCursor().block()))

    # Clipboard

    def createMimeDataFromSelection(self) -> QMimeData:
        """The selection as plain text, as clean HTML and as blocks of ours."""
        return clipboard.packed(editing.copied(self.textCursor(), self.objects))

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Words, pictures and blocks of ours."""
        return clipboard.can_take(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Takes a paste: our blocks as they are, HTML cleaned, plain text by its lines, a picture alone."""
        if (picture := clipboard.picture(source)) is not None:
            self.picture_offered.emit(picture, "picture.png")
            return
        try:
            self._insert(clipboard.unpacked(source))
        except HoldallError as error:
            self.refused.emit(error)

    def paste_plain(self) -> None:
        """Pastes the clipboard's words without their looks."""
        try:
            self._insert(files.from_text(QGuiApplication.clipboard().text()))
        except HoldallError as error:
            self.refused.emit(error)

    def _insert(self, pasted: files.Pasted) -> None:
        blocks = [block for block in pasted.blocks if block.kind is not BlockKind.IMAGE or block.picture]
        self.objects.update({block.id: block for block in blocks if block.kind in OBJECTS})
        cursor = self.textCursor()
        editing.insert_blocks(cursor, blocks)
        self._tidy()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        if pasted.notes:
            self.noted.emit(pasted.notes)

    # Mouse, size, painting

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens a table or picture."""
        block = self.cursorForPosition(event.position().toPoint()).block()
        if is_object(kind_of(block)) and not self.isReadOnly():
            self.object_opened.emit(id_of(block))
            return
        super().mouseDoubleClickEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lays tables out anew for the width."""
        super().resizeEvent(event)
        for block in mapping.paragraphs(self.document()):
            if is_object(kind_of(block)):
                self.document().markContentsDirty(block.position(), block.length())

    def _object_width(self) -> int:
        return max(120, self.viewport().width() - left_margin(BlockKind.TABLE.value) - 24)

    def _image(self, sha256: str) -> QImage | str:
        if sha256 not in self._images:
            data, words = self.read_image(sha256)
            image = QImage.fromData(data) if data else QImage()
            self._images[sha256] = words if image.isNull() else image
        return self._images[sha256]

    def look_again(self) -> None:
        """Reads pictures again that were not here: some may have come in."""
        self._images = {name: image for name, image in self._images.items() if isinstance(image, QImage)}
        self.viewport().update()

    def _visible(self) -> list[tuple[QTextBlock, QRectF]]:
        """The paragraphs on show with their places in the viewport."""
        layout, top = self.document().documentLayout(), self.verticalScrollBar().value()
        block = self.cursorForPosition(self.viewport().rect().topLeft()).block()
        if block.previous().isValid():
            block = block.previous()
        out = []
        while block.isValid():
            box = layout.blockBoundingRect(block).translated(0, -top)
            if box.top() > self.viewport().height():
                break
            out.append((block, box))
            block = block.next()
        return out

    def paintEvent(self, event: QPaintEvent) -> None:
        """Grounds, frame, gutter and bullets, then the words."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = self.textCursor().block().blockNumber() if self.hasFocus() else -1
        for block, box in self._visible():
            self._paint_block(painter, block, box, block.blockNumber() == current)
        painter.end()
        super().paintEvent(event)

    def _paint_block(self, painter: QPainter, block: QTextBlock, box: QRectF, current: bool) -> None:
        kind, gutter = kind_of(block), theme().wide(mapping.GUTTER)
        right = self.viewport().width() - 2
        words = QRect(gutter + 6, round(box.top()), right - gutter - 6, round(box.height()))
        if kind == BlockKind.NOTE.value:
            drawing.draw_note(painter, words.adjusted(14, -8, -4, 8))
        elif kind == BlockKind.QUOTE.value:
            drawing.draw_quote(painter, words.adjusted(15, 0, 0, 0))
        if current and not self.isReadOnly():
            grow = 8 if kind == BlockKind.NOTE.value else 0
            drawing.draw_frame(painter, words.adjusted(0, -5 - grow, 0, 5 + grow))
        line = block.layout().lineAt(0)
        ascent = line.y() + line.ascent() if line.isValid() else theme().metrics("body").ascent()
        if is_object(kind):
            ascent = theme().metrics("hint").ascent() + 4
        above = block.previous()
        if kind_of(above) != kind or kind not in ("bullet", "number") or current:
            name = drawing.NAMES.get(kind, "")
            drawing.draw_gutter(painter, block, box, current, name, gutter - 4, ascent)
        self._paint_bullet(painter, block, box, kind, ascent)
        if block.length() == 1:
            hint = drawing.HINTS.get(kind, "Write here, or Ctrl / for a block" if current else "")
            painter.setFont(theme().font(mapping.font_role(kind)))
            painter.setPen(theme().colour("muted"))
            painter.drawText(left_margin(kind) + 5, round(box.top() + theme().metrics("body").ascent()), hint)

    def _paint_bullet(
        self, painter: QPainter, block: QTextBlock, box: QRectF, kind: str, ascent: float
    ) -> None:
        x = left_margin(kind) - mapping.INDENT + 8
        if kind == BlockKind.BULLET.value:
            middle = box.top() + ascent - theme().metrics("body").xHeight() / 2
            drawing.draw_bullet(painter, x, middle)
        elif kind == BlockKind.NUMBER.value:
            number, above = 1, block.previous()
            while above.isValid() and kind_of(above) == kind:
                number, above = number + 1, above.previous()
            drawing.draw_number(painter, x - 6, box.top() + ascent, number)
