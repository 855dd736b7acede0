"""The acts on a check and its notes, the laptops they are done on, and what leaves this one."""

from __future__ import annotations

import base64
import dataclasses
import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.context import Context
from app.errors import NotFound
from app.wellbeing import entries, rules, service
from app.wellbeing.instrument import bundled
from app.wellbeing.vault import ACT, Ring
from models.errors import BadText, HoldallError
from models.ids import is_id
from models.outbox import OutboxOp
from models.store import Store
from models.wellbeing import Entry
from tests.app.wellbeing.conftest import answered, life_of
from tests.conftest import KEY, NOW

ALL = dict.fromkeys(range(1, 36), 4)


def second_laptop(context: Context, minutes: int = 10) -> Context:
    """The same person at another laptop on the same records, some minutes later."""
    author = dataclasses.replace(context.author, device_id="0197d000-0000-7000-8000-0000000000ff")
    return dataclasses.replace(context, author=author, clock=lambda: NOW + timedelta(minutes=minutes))


def test_a_check_is_kept_answer_by_answer_and_can_be_come_back_to(context: Context, ring: Ring) -> None:
    check_id = answered(context, ring, {1: 4, 2: 2, 3: rules.SKIPPED}, finish=False)
    check = life_of(context, ring).check(check_id)
    assert check is not None
    assert check.answers == {1: 4, 2: 2, 3: rules.SKIPPED}
    assert check.left(bundled())[0] == 4
    assert life_of(context, ring).open_check() == check
    assert check.finished is None


def test_an_answer_can_be_changed_and_taken_back(context: Context, ring: Ring) -> None:
    check_id = answered(context, ring, {1: 4, 2: 2}, finish=False)
    context.write(ACT, lambda s: service.answer(s, ring, check_id, 1, 5))
    context.write(ACT, lambda s: service.answer(s, ring, check_id, 2, None))
    check = life_of(context, ring).check(check_id)
    assert check is not None
    assert check.answers == {1: 5}


def test_a_check_ends_when_every_statement_has_been_met(context: Context, ring: Ring) -> None:
    check_id = answered(context, ring, dict.fromkeys(range(1, 35), 4), finish=False)
    with pytest.raises(HoldallError, match="1 question is still open"):
        context.write(ACT, lambda s: service.finish(s, ring, check_id))
    context.write(ACT, lambda s: service.answer(s, ring, check_id, 35, rules.SKIPPED))
    context.write(ACT, lambda s: service.finish(s, ring, check_id))
    (check,) = life_of(context, ring).finished()
    assert check.finished == NOW


@pytest.mark.parametrize(("number", "code"), [(1, 0), (1, 6), (1, "maybe"), (1, True + 5)])
def test_an_answer_that_is_none_is_refused(context: Context, ring: Ring, number: int, code: object) -> None:
    check_id = answered(context, ring, {}, finish=False)
    with pytest.raises(HoldallError, match="no answer"):
        context.write(ACT, lambda s: service.answer(s, ring, check_id, number, code))  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [0, 36, -1])
def test_a_question_that_is_not_there_is_refused(context: Context, ring: Ring, number: int) -> None:
    check_id = answered(context, ring, {}, finish=False)
    with pytest.raises(NotFound):
        context.write(ACT, lambda s: service.answer(s, ring, check_id, number, 3))


def test_nothing_readable_leaves_the_person_in_any_encoding(context: Context, ring: Ring) -> None:
    """Every outbox row, every column of every table of the store, searched for what was written."""
    secret = "my manager shouted on Tuesday"
    answered(context, ring, {n: 1 + n % 5 for n in range(1, 36)})
    context.write(ACT, lambda s: service.keep_note(s, ring, secret, "relationships"))
    (check,) = life_of(context, ring).finished()
    plain = json.dumps(entries.check_body(check))
    forbidden = [secret, "holdall-wc35", "answers", "relationships", "put_off"]
    with context.store.connect() as connection:
        tables = [
            r[0] for r in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        ]
        dump = "\n".join(
            repr(tuple(row))
            for table in tables
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        )
    assert "wellbeing_entry" in dump
    assert plain not in dump
    for words in forbidden:
        for form in encodings(words):
            assert form not in dump, (words, form)
    operations = context.read(lambda s: list(s.scalars(select(OutboxOp))))
    assert {op.label for op in operations} == {ACT}
    assert {op.kind for op in operations} == {"sealed"}
    assert {op.scope for op in operations} == {"user:u-1"}


def encodings(words: str) -> list[str]:
    """The words plain, in hex, in both halves of UTF-16 and at each of the three offsets of base64."""
    raw = words.encode()
    found = [words, raw.hex(), raw.hex().upper(), words.encode("utf-16-le").hex(), words[::-1]]
    for offset in range(3):
        coded = base64.b64encode(b"x" * offset + raw).decode()
        found.append(coded[4 if offset else 0 : len(coded) // 4 * 4 - 4])
    return [form for form in found if len(form) > 3]


def test_the_size_of_an_operation_does_not_tell_how_far_one_got(context: Context, ring: Ring) -> None:
    answered(context, ring, dict.fromkeys(range(1, 36), 3), at_once=False)
    operations = context.read(
        lambda s: list(s.scalars(select(OutboxOp).where(OutboxOp.type == "wellbeing_entry")))
    )
    assert len(operations) == 37
    assert len({len(op.fields["sealed"]["ct"]) for op in operations}) == 1


def test_find_finds_nothing_of_it(context: Context, ring: Ring) -> None:
    from models.search import find

    context.write(ACT, lambda s: service.keep_note(s, ring, "zebra crossing"))
    assert context.read(lambda s: find(s, "zebra")) == []


def test_an_entry_changed_on_its_way_is_counted_and_the_rest_still_opens(
    context: Context, ring: Ring
) -> None:
    first = answered(context, ring, {1: 4}, finish=False)
    _, note_id = context.write(ACT, lambda s: service.keep_note(s, ring, "ask about the rota"))

    def tamper(session: Session) -> None:
        entry = session.get_one(Entry, entries.part_id(first, context.author.device_id))
        data = bytearray(base64.b64decode(entry.sealed["ct"]))
        data[40] ^= 1
        entry.sealed = {**entry.sealed, "ct": base64.b64encode(bytes(data)).decode()}

    context.write("x", tamper)
    life = life_of(context, ring)
    assert (life.checks, [n.id for n in life.notes], life.broken) == ((), [note_id], 1)


def test_an_entry_moved_onto_another_record_does_not_open(context: Context, ring: Ring) -> None:
    first = answered(context, ring, {1: 4}, finish=False)
    second = answered(context, ring, {1: 2}, finish=False)

    def swap(session: Session) -> None:
        one, other = (
            session.get_one(Entry, entries.part_id(c, context.author.device_id)) for c in (first, second)
        )
        one.sealed, other.sealed = other.sealed, one.sealed

    context.write("x", swap)
    life = life_of(context, ring)
    assert (life.checks, life.broken) == ((), 2)


def test_one_check_answered_on_two_laptops_comes_together_answer_by_answer(
    context: Context, ring: Ring
) -> None:
    check_id = answered(context, ring, {1: 4, 2: 2}, finish=False)
    other = second_laptop(context)
    other.write(ACT, lambda s: service.answer(s, ring, check_id, 2, 5))
    other.write(ACT, lambda s: service.answer(s, ring, check_id, 3, 1))
    context.write(ACT, lambda s: service.answer(s, ring, check_id, 1, 3))
    (check,) = life_of(context, ring).checks
    assert check.answers == {1: 3, 2: 5, 3: 1}
    assert life_of(other, ring).checks == (check,)
    assert len(context.read(lambda s: list(s.scalars(select(Entry))))) == 2


def test_two_laptops_never_write_the_same_sealed_record(context: Context) -> None:
    thing = "0197d000-0000-7000-8000-000000000abc"
    ids = {entries.part_id(thing, device) for device in ("a", "b", "c")}
    assert len(ids) == 3
    assert all(is_id(i) and i[:13] == thing[:13] for i in ids)
    assert entries.part_id(thing, "a") == entries.part_id(thing, "a")


def test_the_later_wording_of_a_note_counts(context: Context, ring: Ring) -> None:
    _, note_id = context.write(ACT, lambda s: service.keep_note(s, ring, "first", "control"))
    other = second_laptop(context)
    other.write(ACT, lambda s: service.keep_note(s, ring, "second", "control", note_id))
    (note,) = life_of(context, ring).notes
    assert note.text == "second"


@pytest.mark.parametrize("words", ["", "   ", "\n\t"])
def test_an_empty_note_is_refused(context: Context, ring: Ring, words: str) -> None:
    with pytest.raises(HoldallError, match="empty"):
        context.write(ACT, lambda s: service.keep_note(s, ring, words))


@pytest.mark.parametrize("words", ["a\x00b", "a\ud800b", "x" * 1_000_000])
def test_a_note_that_cannot_be_kept_is_refused_in_words(context: Context, ring: Ring, words: str) -> None:
    with pytest.raises(BadText):
        context.write(ACT, lambda s: service.keep_note(s, ring, words))
    assert life_of(context, ring).notes == ()


def test_a_removed_check_is_gone_with_all_its_parts_and_undo_brings_it_back(
    context: Context, ring: Ring
) -> None:
    check_id = answered(context, ring, {1: 4}, finish=False)
    second_laptop(context).write(ACT, lambda s: service.answer(s, ring, check_id, 2, 5))
    context.write(ACT, lambda s: service.remove(s, ring, check_id))
    assert life_of(context, ring).checks == ()
    context.undo()
    (check,) = life_of(context, ring).checks
    assert check.answers == {1: 4, 2: 5}


def test_a_removed_check_takes_no_more_answers(context: Context, ring: Ring) -> None:
    check_id = answered(context, ring, {1: 4}, finish=False)
    context.write(ACT, lambda s: service.remove(s, ring, check_id))
    with pytest.raises(NotFound, match="not in your vault any more"):
        context.write(ACT, lambda s: service.answer(s, ring, check_id, 2, 5))
    assert life_of(context, ring).checks == ()


def test_undo_takes_back_one_answer(context: Context, ring: Ring) -> None:
    check_id = answered(context, ring, {1: 4, 2: 5}, finish=False, at_once=False)
    label, _ = context.undo()
    assert label == ACT
    check = life_of(context, ring).check(check_id)
    assert check is not None
    assert check.answers == {1: 4}


def test_the_result_holds_a_check_against_the_one_before_and_against_no_other_questionnaire(
    context: Context, ring: Ring
) -> None:
    june = dataclasses.replace(context, clock=lambda: NOW - timedelta(days=189))
    answered(june, ring, {**ALL})
    answered(context, ring, {**ALL, 2: 1, 10: 2, 15: 3})
    newest, oldest = life_of(context, ring).finished()
    shown = service.result(life_of(context, ring), newest)
    assert shown.before == oldest
    assert shown.finding == "Your say in how you work has slipped."
    assert shown.topic is not None
    assert shown.topic.standing.scale.key == "control"
    other = dataclasses.replace(newest, edition=2)
    assert service.result(life_of(context, ring), other).before is None


def test_put_off_is_remembered_for_that_check(context: Context, ring: Ring) -> None:
    check_id = answered(context, ring, {**ALL})
    context.write(ACT, lambda s: service.put_off(s, ring, check_id))
    (check,) = life_of(context, ring).checks
    assert check.put_off


def test_a_body_of_a_newer_holdall_is_passed_over_and_an_odd_one_counted(
    context: Context, ring: Ring
) -> None:
    def plant(body: object) -> Callable[[Session], None]:
        def work(session: Session) -> None:
            entry = Entry(sealed={})
            entry.sealed = ring.seal(entries.TYPE, entry.id, body, random.Random(1).randbytes)
            session.add(entry)

        return work

    context.write("x", plant({"kind": "diary", "thing": "t"}))
    context.write("x", plant({"kind": "check", "thing": "t"}))
    context.write("x", plant([1, 2]))
    life = life_of(context, ring)
    assert (life.checks, life.notes, life.broken) == ((), (), 1)


def test_what_was_answered_is_in_the_store_before_the_next_question(
    context: Context, ring: Ring, tmp_path: Path
) -> None:
    """A second process that opens the file reads the answer: nothing waits in memory."""
    check_id = answered(context, ring, {1: 4}, finish=False)
    again = Store.open(tmp_path / "holdall.db", KEY)
    with again.read() as session:
        check = entries.read(session, ring, context.author).check(check_id)
    again.close()
    assert check is not None
    assert check.answers == {1: 4}
