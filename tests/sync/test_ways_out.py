"""Every refusal has its words and its ways out, and each way does what its button says."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.errors import HoldallError
from models.outbox import OpState, OutboxOp
from models.owners import owners
from sync import desk, ways_out, words
from sync.ways_out import SCREEN, WAYS, Way
from sync.wire import Code
from tests.sync.kit import Fleet, Laptop
from tests.sync.refusing import refused
from tests.things import Booking, Thing

ENDS = {state.value for state in (OpState.SETTLED, OpState.WITHDRAWN, OpState.ACKED)}
PAIRS = [(code, way) for code in Code for way in WAYS[code]]


def offers(laptop: Laptop, refusal: desk.Refusal) -> list[ways_out.Offer]:
    return laptop.read(lambda s: ways_out.offers(s, refusal))


def take(laptop: Laptop, refusal: desk.Refusal, way: Way, other: str = "") -> None:
    laptop.write("A way out", lambda s: ways_out.take(s, refusal.op_id, way, other))


def states(laptop: Laptop) -> set[str]:
    return laptop.read(lambda s: set(s.scalars(select(OutboxOp.state))))


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence_an_advice_and_ways_out(fleet: Fleet, code: Code) -> None:
    laptop, refusal = refused(fleet, code)
    for text in (refusal.sentence.title, refusal.sentence.advice):
        assert text.endswith(".")
        assert "{" not in text
        assert code.value not in text
    found = offers(laptop, refusal)
    assert 2 <= len(found) <= 5
    assert len({offer.key for offer in found}) == len(found)
    assert all(offer.words and "{" not in offer.words for offer in found)
    assert not {offer.way for offer in found} <= SCREEN  # something can be done here and now


@pytest.mark.parametrize(("code", "way"), PAIRS)
def test_each_way_out_does_what_it_says(fleet: Fleet, code: Code, way: Way) -> None:
    laptop, refusal = refused(fleet, code)
    found = [offer for offer in offers(laptop, refusal) if offer.way is way]
    assert found, "the way is offered on a real refusal"
    offer = found[0]
    if way in SCREEN:
        here = laptop.read(lambda s: list(owners(s, offer.type, offer.id)))
        assert here[0] == (offer.type, offer.id)
        if way is Way.EXPORT:
            (entry,) = laptop.read(lambda s: desk.export_refused(s, refusal.op_id))
            assert refusal.sentence.title in desk.in_words(entry)
        assert laptop.read(desk.counts).refused >= 1
        return
    if code in (Code.TAKEN, Code.TOO_LATE) and way is Way.RETRY:
        with pytest.raises(HoldallError, match=r"would be taken|after the last day"):
            take(laptop, refusal, way)
        return
    if (code, way) == (Code.FROZEN, Way.RETRY):
        reopen(fleet)
    if (code, way) == (Code.FORBIDDEN, Way.RETRY):
        fleet.hire("u-1", "Tomos Aldgate", ("officer", "lead"))
    take(laptop, refusal, way, offer.id if way is Way.INSTEAD else "")
    left = laptop.read(desk.counts).refused
    assert left == (1 if (code, way) == (Code.DEPENDENCY_REJECTED, Way.LET_GO) else 0)
    report = laptop.sync()
    assert report.rejected == 0
    assert report.pushed == (0 if way in (Way.LET_GO, Way.HAND_OVER, Way.KEEP_THEIRS) else 1)
    if not left:
        assert states(laptop) <= ENDS


def reopen(fleet: Fleet) -> None:
    """The colleague opens the binder again, and the first laptop hears of it."""
    from tests.things import Binder

    mine, theirs = fleet.laptops
    mine.sync()
    binder = theirs.read(lambda s: s.scalars(select(Binder)).one().id)
    theirs.write("Reopen", lambda s: setattr(s.get_one(Binder, binder), "state", "open"))
    theirs.sync()
    mine.sync()


def test_the_next_free_places_are_offered_and_one_click_books_one(fleet: Fleet) -> None:
    laptop, refusal = refused(fleet, Code.TAKEN)
    found = [offer for offer in offers(laptop, refusal) if offer.way is Way.INSTEAD]
    assert [offer.words for offer in found] == ["Ask for 2", "Ask for 3"]
    take(laptop, refusal, Way.INSTEAD, found[1].id)
    laptop.sync()
    booked = laptop.read(lambda s: {b.place_id for b in s.scalars(select(Booking))})
    assert found[1].id in booked


def test_a_record_comes_back_from_the_trash_with_the_change_in_it(fleet: Fleet) -> None:
    laptop, refusal = refused(fleet, Code.RECORD_DELETED)
    take(laptop, refusal, Way.RESTORE)
    laptop.sync()
    thing = laptop.get(Thing, refusal.record_id)
    assert (thing.title, thing.deleted) == ("After all", False)


def test_a_way_out_is_taken_once(fleet: Fleet) -> None:
    laptop, refusal = refused(fleet, Code.WRITTEN_ONCE)
    take(laptop, refusal, Way.KEEP_THEIRS)
    for way in (Way.KEEP_THEIRS, Way.RETRY):
        with pytest.raises(HoldallError, match="settled already"):
            take(laptop, refusal, way)
    with pytest.raises(HoldallError, match="leads to a screen"):
        take(laptop, refusal, Way.OPEN)
    with pytest.raises(HoldallError, match="nothing to choose"):
        take(laptop, refusal, Way.INSTEAD, "x")


def test_a_code_of_a_newer_server_has_words_and_ways_too(fleet: Fleet) -> None:
    laptop, refusal = refused(fleet, Code.QUOTA)
    with laptop.store.connect(write=True) as connection:
        answer = {"op": refusal.op_id, "status": "rejected", "code": "moon_phase"}
        connection.execute(
            OutboxOp.__table__.update().where(OutboxOp.op_id == refusal.op_id).values(result=answer)
        )
    (unknown,) = laptop.read(desk.refusals)
    assert "moon_phase" in unknown.sentence.title
    assert [offer.way for offer in offers(laptop, unknown)] == [Way.RETRY, Way.EXPORT, Way.LET_GO]


def test_columns_are_named_in_words() -> None:
    assert words.field_words("amount_pence") == "amount"
    assert words.field_words(words.WHOLE) == "record"
    assert words.field_words(words.TRASH) == "removal"
