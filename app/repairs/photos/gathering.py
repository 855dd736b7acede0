"""Several photos at once: chosen, dropped or in a folder, taken in one by one, refusals kept apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import BadFile, HoldallError, NotFound
from app.repairs.photos.sniff import format_of
from app.repairs.photos.taking import MOST_BYTES, MOST_PHOTOS, TakenPhoto, take_photo
from app.wording import plural

MOST_LOOKED_AT = 500  # files of one folder
CAPTION_LIMIT = 120
_CAMERA = ("img", "dsc", "pxl", "photo", "image", "screenshot", "mvimg")


@dataclass
class Gathered:
    """What came in: photos with the words for them, refusals, and how many found no room."""

    taken: list[tuple[TakenPhoto, str]] = field(default_factory=list)
    refused: list[HoldallError] = field(default_factory=list)
    no_room: int = 0
    other_files: int = 0  # of a folder: files that are no photos

    def problem(self) -> HoldallError | None:
        """What to tell the person, in one sentence and what to do; None when all is well."""
        if self.no_room:
            return HoldallError(
                f"{plural(self.no_room, 'photo')} found no room: a repair holds {MOST_PHOTOS}.",
                "Take one out before adding another.",
            )
        if len(self.refused) == 1:
            return self.refused[0]
        if self.refused:
            first = "; ".join(error.title.rstrip(".") for error in self.refused[:3])
            more = f"; and {len(self.refused) - 3} more" if len(self.refused) > 3 else ""
            return BadFile(
                f"{len(self.refused)} files were not taken: {first}{more}.", "The others are kept."
            )
        if not self.taken and self.other_files:
            return NotFound("There is no photo in this folder.", "Choose another folder, or the files.")
        return None


def gather(
    paths: Sequence[Path], room: int, tick: Callable[[int, int, str], object] = lambda *_: None
) -> Gathered:
    """Takes in the photos of files and folders, at most `room`, in order of name inside a folder.

    `tick` hears how many are done, of how many, and which is next. One that cannot be taken stops no other.
    """
    found = Gathered()
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside, others = photos_in(path)
            files += inside
            found.other_files += others
        else:
            files.append(path)
    for number, path in enumerate(files):
        tick(number, len(files), path.name)
        if len(found.taken) >= room:
            found.no_room = len(files) - number
            break
        try:
            found.taken.append((take_photo(read_photo(path), path.name), caption_from(path.stem)))
        except HoldallError as error:
            found.refused.append(error)
    tick(len(files), len(files), "")
    return found


def photos_in(folder: Path) -> tuple[list[Path], int]:
    """The photos that lie in a folder itself, by their bytes, in order of name; and how many other files do.

    Raises NotFound when it cannot be read.
    """
    try:
        names = sorted((p for p in folder.iterdir() if p.is_file()), key=lambda p: p.name.casefold())
    except OSError as error:
        raise NotFound(f"The folder {folder.name} could not be read.", "Choose another one.") from error
    seen = [p for p in names if not p.name.startswith(".")][:MOST_LOOKED_AT]
    photos = [p for p in seen if format_of(_beginning(p)) is not None]
    return photos, len(seen) - len(photos)


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError:
        return b""


def read_photo(path: Path) -> bytes:
    """The bytes of a photo file, refused by its size before it is read. Raises BadFile or NotFound."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise BadFile(
                f"{path.name} has {size / 1048576:.0f} MB; a photo has at most 25.", "Send it smaller."
            )
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path.name} could not be read.", "Check that it is there, and no folder.") from error


def caption_from(name: str) -> str:
    """The words of a file's name, when somebody named it: "behind the bath"; "" for a camera's number."""
    words = " ".join(name.replace("_", " ").replace("-", " ").split())
    if any(part.isdigit() for part in words.split()) or words.casefold().startswith(_CAMERA):
        return ""
    return words[:CAPTION_LIMIT]


def said(kept: Iterable[tuple[TakenPhoto, int | None]]) -> str:
    """What is said of photos that were just kept, each with the number of the one it looks like, if any."""
    pairs = list(kept)
    places = sum(photo.place_taken_out for photo, _ in pairs)
    if len(pairs) == 1:
        photo, like = pairs[0]
        parts = ["Photo added.", "The place in it was taken out." if places else ""]
        parts += [photo.remark, f"It looks like photo {like}: keep both?" if like else ""]
        return " ".join(part for part in parts if part)
    alike = sum(1 for _, like in pairs if like)
    parts = [f"{len(pairs)} photos added.", f"The place was taken out of {places}." if places else ""]
    parts.append(f"{alike} look like others: keep all?" if alike > 1 else "")
    parts.append("One looks like another: keep both?" if alike == 1 else "")
    return " ".join(part for part in parts if part)
