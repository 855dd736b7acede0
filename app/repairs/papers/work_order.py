"""The work order: what the person who mends takes along. It names no illness and nobody's age."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.context import Context
from app.errors import HoldallError
from app.repairs import words
from app.repairs.orders import SLOW_TO_THE_DOOR, Order, read_order
from app.repairs.papers.common import boxes_note, find_repair, paper
from app.repairs.papers.visit_words import visit_line
from app.repairs.photos.keeping import PhotoView, clean_bytes
from app.report import (
    Block,
    Bullets,
    Code,
    Document,
    Facts,
    Heading,
    KeyFigure,
    KeyFigures,
    Picture,
    Pictures,
    Signature,
    Text,
)
from app.wording import clock_time, date_year, day_month, local_date
from models.repairs import AlertKind, State

NOT_TO_MEND = (State.DRAFT, State.NOT_ELIGIBLE, State.CONTACT_US, State.CANCELLED)


def work_order(context: Context, options: dict[str, str]) -> Document:
    """The work order of a repair: `repair` is its id or reference; the newest promised one without.

    Raises NotFound when there is none, HoldallError for one that is not promised.
    """
    wanted = options.get("repair", "")

    def read(session: Session) -> tuple[Order, list[Picture]]:
        order = read_order(session, find_repair(session, wanted, "work order"), context.today())
        if order.state in NOT_TO_MEND or order.first is None:
            raise HoldallError(
                f"Repair {order.reference} is not promised, so there is no work order.",
                "Save the repair first.",
            )
        return order, [picture for photo in order.photos if (picture := _picture(session, photo))]

    order, pictures = context.read(read)
    return paper(
        context,
        f"Work order {order.reference}",
        order.title,
        order.reference,
        [
            _figures(order),
            _facts(order),
            *_before_you_go(order, context.council.repairs_telephone),
            *_said(order),
            *_shown(order, pictures),
            Code(
                f"{order.reference}\n{context.council.repairs_telephone}",
                order.reference,
                [f"Repairs line {context.council.repairs_telephone}"],
            ),
            Signature((("Done by", ""), ("Tenant or somebody at home", ""))),
        ],
    )


def _picture(session: Session, photo: PhotoView) -> Picture | None:
    """A photo as it is printed; its small copy while the large one is not here, None with neither."""
    try:
        data = clean_bytes(session, photo.sha256) or photo.thumb
    except HoldallError:
        data = photo.thumb
    return Picture(data, photo.name, photo.name) if data else None


def _figures(order: Order) -> KeyFigures:
    first = order.first
    assert first is not None  # noqa: S101  asked for promised repairs only
    figures = [
        KeyFigure(day_month(first.due_on), "due", words.due_words(first)),
        KeyFigure(order.band_label or "None", "priority", words.rule_name(first.rule.id)),
    ]
    if order.code:
        figures.append(KeyFigure(order.code, "schedule of rates", order.code_name))
    return KeyFigures(figures)


def _facts(order: Order) -> Facts:
    pairs = [
        ("Trade", order.trade),
        ("Where in the home", order.location),
        ("Address", order.where or "Not given"),
        ("UPRN", order.uprn),
        ("The council’s number", order.property_ref),
        ("Who told us", f"{order.tenant}, {order.telephone}".strip(", ")),
        ("Told us", f"{date_year(local_date(order.reported_at))} at {clock_time(order.reported_at)}"),
        ("Taken by", order.officer),
        ("Visit", visit_line(order.visit)),
        ("Why this date", order.first.source_line if order.first else ""),
    ]
    return Facts([(name, value) for name, value in pairs if value])


def _before_you_go(order: Order, telephone: str) -> list[Block]:
    items = [alert.words for alert in order.alerts if alert.kind is AlertKind.LOCATION]
    if any(alert.kind is AlertKind.PERSON for alert in order.alerts):
        items.append(f"Ring the repairs team on {telephone} before you go: there is something to know.")
    if order.at_risk and not order.communal:
        items.append(SLOW_TO_THE_DOOR)
    if order.telephone:
        items.append(f"Ring {order.telephone} on the way.")
    return [Heading("Before you go"), Bullets(items)] if items else []


def _said(order: Order) -> list[Block]:
    if not order.description:
        return []
    return [Heading("What they told us"), Text(order.description), *boxes_note(order.description)]


def _shown(order: Order, pictures: list[Picture]) -> list[Block]:
    missing = len(order.photos) - len(pictures)
    blocks: list[Block] = [Heading("Photos"), Pictures(pictures)] if pictures else []
    if missing:
        one = "One photo is" if missing == 1 else f"{missing} photos are"
        blocks.append(Text(f"{one} not on this laptop yet.", tone="muted"))
    return blocks
