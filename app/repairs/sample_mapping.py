"""What the leads of Averwick have been writing: a draft of the questions for the winter, and a cold spell."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy.orm import Session

from app.context import Context
from app.repairs.mapping import editing, service
from app.repairs.mapping.drafting import edition_name
from app.sample_kit import sample_id
from models.repairs import ColdSpell, Mapping, MappingState

_SEED = "Averwick, editions of the questions"


def fill(context: Context) -> None:
    """Writes them where a lead keeps this store; an officer's server would refuse them."""
    if not service.may_keep(context.author):
        return
    source = random.Random(_SEED)  # noqa: S311  a sample, not a secret
    context.write("Sample: editions of the questions", lambda s: _mappings(s, context, source))


def _mappings(session: Session, context: Context, source: random.Random) -> None:
    today, base = context.today(), service.built_in_body()
    edition = edition_name(str(base["council"]), today.year, today.month, [str(base["version"])])
    body, _value = editing.add_answer(base, "heating", "none", "The boiler shows a fault code")
    body = editing.change_answer(
        body, "heating", "the-boiler-shows-a-fault-code", {"hint": "Read the letters and figures aloud"}
    )
    body = editing.change_outcome(
        body,
        "heating",
        "the-boiler-shows-a-fault-code",
        {"label": "Boiler with a fault code, diagnose", "trade": "Heating engineer", "band": "urgent"},
    )
    body = editing.change_outcome(body, "tap", "drip", {"band": "soon"})
    body = editing.change_question(body, "leak", {"ask": "How much water comes, and how fast?"})
    session.add(
        Mapping(
            id=sample_id(source),
            name="Winter questions",
            edition=edition,
            state=MappingState.DRAFT,
            based_on=str(base["version"]),
            body={**body, "version": edition},
            changed_by_name="Priya Senn",
        )
    )
    session.add(
        ColdSpell(
            id=sample_id(source),
            begins_on=today - timedelta(days=33),
            ends_on=today - timedelta(days=28),
            degrees=-4,
            source="County forecast",
        )
    )
