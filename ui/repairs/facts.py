"""What is known of a repair, a line a page of its interview: beside the question, and on its promise."""

from __future__ import annotations

from app.repairs import flow
from app.repairs.flow import PageRef
from app.repairs.homes.past import past_words
from app.repairs.places import is_mobile
from app.repairs.views import RepairView
from app.repairs.visit_views import VISIT_CHIPS, SlotView, VisitView
from app.wording import plural, weekday_day

MAY_BREAK = "\u200b"  # where a long address may go on in the next line
HOME_PAGES = frozenset({flow.DANGER, "kind", flow.HOUSEHOLD, flow.ADDRESS, flow.DESCRIPTION})
Told = tuple[str, str, str]  # heading, what was told, the page that changes it; "" for none


def fact_of(page: PageRef, view: RepairView) -> str:
    """What a page of the interview was answered with, in a line."""
    if page.question:
        answer = view.tree.questions[page.id].answer(view.answers.get(page.id))
        return answer.text if answer else page.answer
    return {
        flow.ADDRESS: view.where,
        flow.HOUSEHOLD: view.household or _first_up(view.who_at_risk) or "Nobody at risk",
        flow.DESCRIPTION: _cut(view.description) or "Nothing written",
        flow.PHOTOS: f"{len(view.photos)} added, kept without their place" if view.photos else "None",
        flow.VISITS: _wishes(view.visit),
    }.get(page.id, page.answer)


def told_of(view: RepairView) -> tuple[list[Told], list[Told]]:
    """Everything that was told: of the home and who lives there, and of the repair."""
    home: list[Told] = []
    repair: list[Told] = []
    for page in view.path.pages:
        if not page.done:
            continue
        side = home if page.id in HOME_PAGES else repair
        if page.id == flow.ADDRESS:
            who = ", ".join(part for part in (view.tenant, view.where) if part)
            side += [(page.label, who, page.id), ("Contact", contact_way(view)[0], page.id)]
        elif page.id == flow.DANGER:
            given = view.tree.questions[page.id].answer(view.answers.get(page.id))
            side.append((page.label, (given.hint or given.text) if given else page.answer, page.id))
        elif page.id == flow.DESCRIPTION:
            side.append((page.label, view.description.strip() or "Nothing written", page.id))
        elif page.id == flow.VISITS and view.visit is not None:
            wishes = "; ".join(_slot(slot) for slot in view.visit.choices)
            side.append((page.label, f"{VISIT_CHIPS[view.visit.state][0]}: {wishes}", page.id))
        else:
            side.append((page.label, fact_of(page, view), page.id))
    if before := past_words(view.past):
        home.append(("Here before", before, ""))
    return home, repair


def contact_way(view: RepairView) -> tuple[str, str]:
    """How the tenant is told of a booked visit, in the order in which the server tries it, and its icon."""
    if view.text_allowed and is_mobile(view.telephone):
        return f"Text {view.telephone}", "message-square-text"
    if view.email_allowed and view.email:
        return f"Write to {view.email.replace('@', f'{MAY_BREAK}@')}", "mail"
    return f"Ring {view.telephone}" if view.telephone else "No telephone is known", "phone"


def _wishes(visit: VisitView | None) -> str:
    if visit is None:
        return "None asked for"
    state = VISIT_CHIPS[visit.state][0]
    return f"{plural(len(visit.choices), 'wish', 'wishes')}, {state[0].lower()}{state[1:]}"


def _slot(slot: SlotView) -> str:
    return f"{weekday_day(slot.day)}, {slot.label[0].lower()}{slot.label[1:]}"


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cut(text: str, length: int = 120) -> str:
    words = " ".join(text.split())
    return words if len(words) <= length else f"{words[:length].rstrip()} …"
