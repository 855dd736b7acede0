"""Anki's side of the sync bench: two collections and a normal sync each way, in a process of its own.

`anki_peer.py FOLDER URL RECORDS` reads one JSON list of two texts a line and prints records a second.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main(folder: Path, url: str, records: int) -> None:
    """Makes two empty collections that know the server, fills the first, syncs both."""
    from anki.collection import AddNoteRequest, Collection

    texts = [json.loads(line) for line in sys.stdin]
    one, two = Collection(str(folder / "one.anki2")), Collection(str(folder / "two.anki2"))
    door = one.sync_login("bench", "bench", url)
    door.endpoint = url
    one.sync_collection(door, False)
    one.close_for_full_sync()
    one.full_upload_or_download(auth=door, server_usn=None, upload=True)
    one.reopen(after_full_sync=True)
    two.sync_collection(door, False)
    two.close_for_full_sync()
    two.full_upload_or_download(auth=door, server_usn=None, upload=False)
    two.reopen(after_full_sync=True)

    figures: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> None:
        started = time.perf_counter()
        work()
        figures[name] = records / (time.perf_counter() - started)

    kind = one.models.by_name("Basic")
    deck = one.decks.id("Default")

    def write() -> None:
        for start in range(0, records, 1000):
            notes = []
            for front, back in texts[start : start + 1000]:
                note = one.new_note(kind)
                note.fields = [front, back]
                notes.append(AddNoteRequest(note, deck))
            one.add_notes(notes)

    timed("write", write)
    timed("push", lambda: one.sync_collection(door, False))
    timed("pull", lambda: two.sync_collection(door, False))
    if two.note_count() != records:
        raise SystemExit(f"{two.note_count()} of {records} came down")
    two.close()
    one.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
