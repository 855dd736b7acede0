"""The page of photos in the interview: chosen, from a folder, dropped, pasted; Enter shows one large."""

from __future__ import annotations

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from app.repairs import flow
from app.repairs.files import MOST_PHOTOS
from app.repairs.photos import keeping
from app.repairs.views import RepairView
from app.wording import plural
from ui.repairs.photo_taker import PhotoTaker, accepts_photos
from ui.repairs.photo_viewer import show_photos
from ui.repairs.photos import PhotoStrip
from ui.repairs.steps import Step
from ui.shell import Shell
from ui.widgets import Button, Label, QuietNote, WrapRow


class PhotosStep(Step):
    """Photos of the damage, as many as a repair holds."""

    id = flow.PHOTOS
    ask = "Are there photos?"
    help = "Choose them, drop them here, or paste a picture."
    why = "The place, the time and the make of the telephone are taken out of every photo before it is kept."

    def __init__(self, shell: Shell, taker: PhotoTaker, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.taker = taker
        self.strip = PhotoStrip(removable=True)
        self.add = Button("Add photos", icon="image-plus", key="A", on_click=self._ask)
        self.add.setObjectName("repairs-photo-add")
        self.folder = Button("Add a folder", icon="folder-open", key="F", on_click=self._ask_folder)
        self.folder.setObjectName("repairs-photo-folder")
        self.paste = Button("Paste a picture", icon="clipboard", key="Ctrl V", on_click=self._paste)
        self.paste.setObjectName("repairs-photo-paste")
        self.ways = WrapRow([self.add, self.folder, self.paste], 10)
        self.none = Label("No photo yet. You can go on without.", tone="muted", wrap=True)
        self.mind = QuietNote(
            "Faces or papers in view?",
            "Look at each one large (Enter). Take out what shows a face, a letter or a screen, "
            "and photograph only the damage.",
        )
        for widget in (self.none, self.ways, self.strip, self.mind):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.setAcceptDrops(True)
        self.strip.remove_asked.connect(self._remove)
        self.strip.open_asked.connect(self._open)
        self.restyle()

    def show_view(self, view: RepairView, fresh: bool) -> None:
        """Shows the photos."""
        before = self.view.photos if self.view else None
        super().show_view(view, fresh)
        if fresh or before != view.photos:
            self.strip.show_photos(view.photos)
            count = len(view.photos)
            room = (
                f"Room for {MOST_PHOTOS - count} more." if count < MOST_PHOTOS else "There is no more room."
            )
            told = f"{plural(count, 'photo')}. {room}" if count else "No photo yet. You can go on without."
            self.none.setText(told)
            self.mind.setVisible(bool(count))
            self.shell.want_files([p.thumb_sha256 for p in view.photos if not p.where.here])

    def focus_first(self) -> None:
        """The button."""
        self.add.setFocus()

    def _ask(self) -> None:
        self.taker.ask(self._repair_id)

    def _ask_folder(self) -> None:
        self.taker.ask_folder(self._repair_id)

    def _paste(self) -> None:
        self.taker.paste(self._repair_id)

    def _open(self, photo_id: str) -> None:
        show_photos(self.shell, self.strip.photos, photo_id, self)

    def _remove(self, photo_id: str) -> None:
        self.shell.write(
            "Take out a photo",
            lambda session: keeping.remove_photo(session, photo_id),
            undo_toast="Photo taken out.",
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Takes files and pictures."""
        accepts_photos(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Takes the dropped photos in."""
        self.taker.drop(self._repair_id, event)
