"""The list of pages as the two-line list shows it."""

from __future__ import annotations

from app.content.overview import Groups, PageLine, Status
from ui.widgets import Item

_LOOKS = {
    Status.TO_SETTLE: ("git-branch", "warn"),
    Status.SENT_BACK: ("undo-2", "warn"),
    Status.TO_PUT_RIGHT: ("triangle-alert", "warn"),
    Status.TO_READ: ("eye", "hue"),
    Status.REVIEW_PASSED: ("clock", "warn"),
    Status.WAITING: (None, "muted"),
    Status.SYNCED: (None, "muted"),
}


def item(line: PageLine) -> Item:
    """One page as a list item."""
    icon, tone = _LOOKS[line.status]
    return Item(line.id, line.title, line.words, tone, icon, line.when)


def list_groups(groups: Groups) -> list[tuple[str, list[Item]]]:
    """The groups as the list takes them."""
    return [(name, [item(line) for line in lines]) for name, lines in groups]


def needs(groups: Groups) -> list[str]:
    """What waits for this person, as short sentences."""
    return [
        f"{line.title}: {line.words[:1].lower()}{line.words[1:]}"
        for _, lines in groups
        for line in lines
        if line.needs_me
    ]
