"""An open vault, made with as little work as the cipher allows, so that tests are quick."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.context import Context
from app.wellbeing import service, vault
from app.wellbeing.entries import PrivateLife, read
from app.wellbeing.vault import ACT, NewKey, Ring

QUICK = {"ops": 1, "memory_kib": 8}
PASSPHRASE = "three plain words"


@pytest.fixture
def new_key(context: Context) -> NewKey:
    """A key made and kept."""
    made = vault.make(context.author, PASSPHRASE, QUICK)
    context.write(ACT, lambda s: vault.keep(s, made))
    return made


@pytest.fixture
def ring(new_key: NewKey) -> Ring:
    """The open vault."""
    return new_key.ring


def life_of(context: Context, ring: Ring) -> PrivateLife:
    """Everything in the vault."""
    return context.read(lambda s: read(s, ring, context.author))


def answered(
    context: Context, ring: Ring, answers: dict[int, int | str], finish: bool = True, at_once: bool = True
) -> str:
    """A check with these answers, in one act or (not `at_once`) each in its own as a person gives them;
    gives its id."""
    _, check_id = context.write(ACT, lambda s: service.start(s, ring))

    def give(session: Session, some: dict[int, int | str]) -> None:
        for number, code in some.items():
            service.answer(session, ring, check_id, number, code)

    for part in [answers] if at_once else [{n: c} for n, c in answers.items()]:
        context.write(ACT, lambda s, part=part: give(s, part))
    if finish:
        context.write(ACT, lambda s: service.finish(s, ring, check_id))
    return check_id
