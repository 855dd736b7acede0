"""A laptop that begins anew keeps what it had not sent, and nothing lands twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from models import blobs, search
from models.errors import HoldallError
from models.outbox import ChainMark, OpState, OutboxOp, ScopeState
from sync import desk, reset
from tests.sync.kit import Fleet, Laptop
from tests.sync.test_converge import setting, shared_thing, states
from tests.things import Thing


def count(laptop: Laptop) -> int:
    return laptop.read(lambda s: s.scalar(select(func.count()).select_from(Thing)) or 0)


def with_work(fleet: Fleet) -> tuple[Laptop, Laptop, str]:
    """A laptop with a change, a new record, a photo and a refused act that no server has."""
    first, second, thing_id = shared_thing(fleet)
    first.write("Receipt", setting(thing_id, receipt="A-1"))
    second.write("Receipt", setting(thing_id, receipt="B-2"))
    first.sync()
    second.sync()
    second.write("Price", setting(thing_id, price=9_00))
    second.write("Add", lambda s: s.add(Thing(title="Only on this laptop")))
    second.write("Photo", lambda s: blobs.put(s, b"\xff\xd8\xff" + bytes(2_000), "image/jpeg", "gutter.jpg"))
    return first, second, thing_id


def test_a_reset_takes_the_unsent_work_out_and_bring_back_puts_it_in_again(
    fleet: Fleet, tmp_path: Path
) -> None:
    first, second, thing_id = with_work(fleet)
    out = tmp_path / "work.holdall"
    taken = reset.export(second.store, second.author, out)
    assert (taken.changes, taken.refused, taken.files) == (3, 1, 1)
    for secret in (b"Only on this laptop", b"B-2", b"u-2"):
        assert secret not in out.read_bytes()
    reset.wipe(second.store, second.clock.now)
    assert count(second) == 0
    assert second.read(lambda s: s.scalar(select(func.count()).select_from(ScopeState))) == 0
    assert second.read(lambda s: s.scalar(select(func.count()).select_from(ChainMark))) == 0
    assert second.read(lambda s: search.find(s, "gutter")) == []
    second.sync()
    assert count(second) == 1
    assert second.get(Thing, thing_id).receipt == "A-1"
    back, changed = reset.bring_back(second.store, second.author, out, taken.code, second.clock.tick())
    assert back == 3
    assert changed.touches("test_thing")
    assert second.get(Thing, thing_id).price == 9_00
    assert len(second.read(desk.refusals)) == 1
    report = second.sync()
    assert (report.accepted, report.rejected, report.healed) == (2, 0, None)
    first.sync()
    assert count(first) == count(second) == 2
    assert first.get(Thing, thing_id).price == 9_00
    assert reset.bring_back(second.store, second.author, out, taken.code, second.clock.tick())[0] == 0


def test_work_that_was_sent_without_an_answer_lands_once_all_the_same(fleet: Fleet, tmp_path: Path) -> None:
    _, second, thing_id = shared_thing(fleet)
    second.write("Stock", setting(thing_id, stock=5))
    real = second.transport.push

    def answer_lost(body: bytes) -> None:
        real(body)
        raise TimeoutError

    second.transport.push = answer_lost
    with pytest.raises(TimeoutError):
        second.sync()
    second.transport.push = real
    out = tmp_path / "work.holdall"
    taken = reset.export(second.store, second.author, out)
    assert taken.changes == 1
    reset.wipe(second.store, second.clock.now)
    reset.bring_back(second.store, second.author, out, taken.code, second.clock.tick())
    report = second.sync()
    assert (report.healed, report.new_device) == (None, False)
    assert second.get(Thing, thing_id).stock == 5
    assert states(second) == [OpState.SETTLED.value]


def test_the_file_serves_the_laptop_that_takes_the_place(fleet: Fleet, tmp_path: Path) -> None:
    first, second, thing_id = with_work(fleet)
    out = tmp_path / "work.holdall"
    taken = reset.export(second.store, second.author, out)
    fresh = fleet.join("u-2", "Priya Senn", ("officer", "lead"))
    assert reset.bring_back(fresh.store, fresh.author, out, taken.code, fresh.clock.tick())[0] == 3
    fresh.sync()
    fleet.settle()  # the old one was not gone after all: it sends the same
    assert count(first) == count(second) == count(fresh) == 2
    assert first.get(Thing, thing_id).price == 9_00
    ops = [laptop.read(lambda s: set(s.scalars(select(OutboxOp.op_id)))) for laptop in (second, fresh)]
    assert ops[0] & ops[1]


def test_another_code_another_person_and_another_file_are_refused_in_a_sentence(
    fleet: Fleet, tmp_path: Path
) -> None:
    first, second, _ = with_work(fleet)
    out = tmp_path / "work.holdall"
    taken = reset.export(second.store, second.author, out)
    other = reset.export(second.store, second.author, tmp_path / "other.holdall").code
    with pytest.raises(HoldallError, match="does not open"):
        reset.read(out, other)
    with pytest.raises(HoldallError, match="recovery code"):
        reset.read(out, taken.code[:-1])
    with pytest.raises(HoldallError, match="somebody else"):
        reset.bring_back(first.store, first.author, out, taken.code, first.clock.tick())
    data = bytearray(out.read_bytes())
    data[-1] ^= 1
    out.write_bytes(data)
    with pytest.raises(HoldallError, match="does not open"):
        reset.read(out, taken.code)
    out.write_bytes(b"a letter")
    with pytest.raises(HoldallError, match="not a file that a reset wrote"):
        reset.read(out, taken.code)
    with pytest.raises(HoldallError, match="cannot be read"):
        reset.read(tmp_path / "nowhere", taken.code)


def test_nothing_is_wiped_when_the_file_cannot_be_written(fleet: Fleet, tmp_path: Path) -> None:
    _, second, _ = with_work(fleet)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HoldallError, match="nothing was reset"):
        reset.export(second.store, second.author, tmp_path / "file" / "work.holdall")
    assert count(second) == 2
