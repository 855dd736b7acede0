"""What the register asks the store to do: each act one write, labelled for Undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.inclusion import register, rules, service
from models.errors import HoldallError
from models.inclusion import AgeBand
from ui.inclusion.door import NewPerson
from ui.shell import Shell

Failed = Callable[[HoldallError], None]
WORK = "work/"  # before a person's id: what they work on, on its way to the store
NOTE = "note"


class Acts:
    """The acts of a register through the shell's store lane."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def mark(self, session_id: str, person_id: str, name: str) -> None:
        """Marks a person present."""
        label = f"Mark {name} present" if name else "Mark present"
        self._shell.write(label, lambda s: register.mark_present(s, session_id, person_id))

    def take_out(self, session_id: str, person_id: str, name: str) -> None:
        """Takes a person out of the register."""
        self._shell.write(
            f"Take {name} out of the register",
            lambda s: register.unmark(s, session_id, person_id),
            undo_toast=f"{name} is out of the register.",
        )

    def count_one(self, session_id: str, band: AgeBand) -> None:
        """Counts one visit without a name."""
        self._shell.write(f"Count {rules.BAND_WORDS[band]}", lambda s: register.press(s, session_id, band))

    def take_back(self, session_id: str) -> None:
        """Takes back the last press of this laptop."""
        self._shell.write("Take back a press", lambda s: register.take_back(s, session_id))

    def add(
        self, session_id: str, new: NewPerson, done: Callable[[service.Done], None], failed: Failed
    ) -> None:
        """Adds a person and marks them present."""
        self._shell.write(
            f"Add {' '.join(new.name.split())[:60]}",
            lambda s: register.add_and_mark(
                s, session_id, new.name, new.year, new.postcode, new.year_answer, new.postcode_answer
            ),
            done,
            failed,
        )

    def leave(
        self,
        session_id: str,
        person_id: str,
        name: str,
        at: datetime,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Writes down when a person left."""
        self._shell.write(
            f"{name} left",
            lambda s: register.leave(s, session_id, person_id, at),
            lambda _done: done(),
            failed,
        )

    def close(
        self,
        session_id: str,
        ends_at: datetime,
        note: str,
        nobody: bool,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Closes the session."""
        self._shell.write(
            "Close the session",
            lambda s: service.close_session(s, session_id, note, ends_at, nobody),
            lambda _done: done(),
            failed,
            "The session is closed.",
        )

    def reopen(self, session_id: str, reason: str, done: Callable[[], None], failed: Failed) -> None:
        """Opens a closed session again."""
        self._shell.write(
            "Reopen the session",
            lambda s: service.reopen_session(s, session_id, reason),
            lambda _done: done(),
            failed,
        )

    def keep_words(self, session_id: str, key: str, words: str) -> None:
        """Saves what was typed: the session's note, or what somebody works on."""
        if key == NOTE:
            self._shell.write(
                "Note on the session", lambda s: service.change_session(s, session_id, note=words)
            )
        else:
            who = key.removeprefix(WORK)
            self._shell.write("What somebody works on", lambda s: register.work_on(s, session_id, who, words))
