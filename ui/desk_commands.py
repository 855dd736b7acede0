"""The sync desk without a window: refused acts and their ways out, courier files out and in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.context import Context
from app.errors import BadFile, CannotRunHere, NotFound
from app.told import write_file
from app.wording import plural
from models.changes import Changed

Told = tuple[dict[str, Any], list[str]]


def refused(context: Context) -> Told:
    """The command `refused`: every refused act with its ways out; a document and the words for a person."""
    from sync import desk, ways_out

    def work(session: Any) -> list[tuple[Any, list[Any]]]:
        return [(item, ways_out.offers(session, item)) for item in desk.refusals(session)]

    items = context.read(work)
    document = [
        {
            "op": item.op_id,
            "act": item.label,
            "type": item.type,
            "id": item.record_id,
            "title": item.title,
            "code": item.code,
            "sentence": item.sentence.title,
            "advice": item.sentence.advice,
            "ways": [
                {"way": o.key, "words": o.words, "type": o.type, "id": o.id, "field": o.field} for o in ways
            ],
        }
        for item, ways in items
    ]
    words = []
    for entry in document:
        words.append(f"{entry['op']}  {entry['act']}: {entry['title']}")
        words.append(f"  {entry['sentence']} {entry['advice']}")
        words += [f"  {way['way']}: {way['words']}" for way in entry["ways"]]
    return {"refused": document}, words or ["Nothing was refused."]


def take_way(context: Context, op_id: str, key: str) -> Told:
    """Takes a way out of a refusal by its key, as `refused` names it."""
    from sync import ways_out

    name, _, other = key.partition(":")
    if name not in set(ways_out.Way):
        raise NotFound(f"There is no way out called “{key}”.", "“holdall-cli refused” names them.")
    way = ways_out.Way(name)
    if way in ways_out.SCREEN:
        raise NotFound(f"“{key}” leads to a screen.", "Open it in the window; --export writes a file.")

    def work(session: Any) -> Changed:
        return ways_out.take(session, op_id, way, other)

    context.write(act_words(way), work)
    again = way in (ways_out.Way.RETRY, ways_out.Way.RESTORE, ways_out.Way.INSTEAD)
    words = "It goes again with the next sync." if again else "Given up; the record is as the server has it."
    return {"op": op_id, "way": key}, [words]


def act_words(way: Any) -> str:
    """What Undo and the history call the taking of a way out."""
    from sync.ways_out import Way

    words = {
        Way.RETRY: "Send again what was refused",
        Way.RESTORE: "Bring back and send again",
        Way.INSTEAD: "Choose another",
        Way.HAND_OVER: "Leave to a colleague",
        Way.KEEP_THEIRS: "Keep theirs",
    }
    return words.get(way, "Give up what was refused")


def export_refused(context: Context, path: Path, op_id: str | None = None) -> Told:
    """Writes refused acts with all their values to a file, as words for a lead; as JSON where its name ends
    in .json. Nothing is settled by it."""
    import json

    from sync import desk

    found = context.read(lambda session: desk.export_refused(session, op_id))
    if path.suffix.lower() == ".json":
        text = json.dumps(found, ensure_ascii=False, indent=1)
    else:
        text = "\n\n".join(desk.in_words(entry) for entry in found) + "\n"
    write_file(path, text.encode())
    return {"file": str(path), "operations": len(found)}, [f"{plural(len(found), 'change')} in {path}."]


def courier_export(context: Context, path: Path) -> Told:
    """The command `courier export`: everything that waits, in a file for a stick."""
    from sync import carry

    written = carry.export(context.store, _account(context), context.now())
    write_file(path, written.data)
    document = {
        "file": str(path),
        "operations": written.operations,
        "bundle": written.bundle_id,
        "left": written.left,
    }
    words = [
        f"{plural(written.operations, 'change')} in {path}. Only your council can read it.",
        "They go by themselves as well when there is a network; none is taken twice.",
    ]
    if written.left:
        words.append(f"{plural(written.left, 'change')} did not fit: send the file on, then write another.")
    return document, words


def courier_import(context: Context, path: Path) -> Told:
    """The command `courier import`: a colleague's file, shown here and kept to hand on."""
    document, words, _ = bring_in(context, path)
    return document, words


def bring_in(context: Context, path: Path) -> tuple[dict[str, Any], list[str], Changed]:
    """The same, with what the screens should look at again."""
    from sync import carry, courier

    try:
        with path.open("rb") as file:
            data = file.read(courier.MAX_FILE + 1)
    except OSError as error:
        raise BadFile(
            f"{path} cannot be read ({error.strerror or type(error).__name__}).",
            "Check the stick and the name.",
        ) from error
    done = carry.bring_in(context.store, _account(context), data, context.now())
    document = {
        "file": str(path),
        "operations": done.operations,
        "bundle": done.bundle_id,
        "shown": done.shown,
        "known": done.known,
        "hidden": done.hidden,
        "kept": done.kept,
    }
    return document, _brought(done), done.changed


def _brought(done: Any) -> list[str]:
    name = done.name or "a colleague"
    words = [f"{plural(done.operations, 'change')} of {name}."]
    if done.shown:
        words.append(f"{plural(done.shown, 'change')} shown here, unconfirmed until the server has them.")
    if done.known:
        words.append(f"{plural(done.known, 'change')} known here already.")
    if done.hidden:
        words.append(f"{plural(done.hidden, 'change')} not for this laptop to show.")
    if done.kept:
        words.append("The file is kept and handed on at the next sync.")
    return words


def _account(context: Context) -> Any:
    from sync import account as accounts

    account = accounts.load(context.store)
    if account is None:
        raise CannotRunHere(
            "This workspace has not joined a council, so it has no key for courier files.",
            "Join one with “holdall-cli join --server … --code …”.",
        )
    return account
