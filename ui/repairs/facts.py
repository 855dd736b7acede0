"""What is known of a repair, a line a page of its interview, for the list beside the question."""

from __future__ import annotations

from app.repairs import flow
from app.repairs.flow import PageRef
from app.repairs.views import RepairView
from app.wording import plural


def fact_of(page: PageRef, view: RepairView) -> str:
    """What a page of the interview was answered with, in a line."""
    if page.question:
        answer = view.tree.questions[page.id].answer(view.answers.get(page.id))
        return answer.text if answer else page.answer
    visit = view.visit
    return {
        flow.ADDRESS: view.where,
        flow.HOUSEHOLD: view.household or _first_up(view.who_at_risk) or "Nobody at risk",
        flow.DESCRIPTION: _cut(view.description) or "Nothing written",
        flow.PHOTOS: f"{len(view.photos)} added, kept without their place" if view.photos else "None",
        flow.VISITS: f"{plural(len(visit.choices), 'wish', 'wishes')}, not booked yet"
        if visit
        else "None asked for",
    }.get(page.id, page.answer)


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cut(text: str, length: int = 120) -> str:
    words = " ".join(text.split())
    return words if len(words) <= length else f"{words[:length].rstrip()} …"
