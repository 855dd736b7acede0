"""The vault: opened by passphrase or code on any laptop of its owner, and by nothing else."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import select

from app.context import Context
from app.wellbeing import vault
from app.wellbeing.entries import TYPE
from app.wellbeing.vault import ACT, NewKey, Ring, VaultShut
from models import undo
from models.errors import HoldallError
from models.outbox import OutboxOp
from models.sealing import SealBroken, WrongSecret
from models.wellbeing import VaultKey
from tests.app.wellbeing.conftest import PASSPHRASE, QUICK


def keys_of(context: Context) -> list[vault.WrappedKey]:
    return context.read(lambda s: vault.wrapped_keys(s, context.author))


def opened(context: Context, passphrase: str) -> Ring:
    return vault.open_by_passphrase(keys_of(context), context.author, passphrase)


def test_the_passphrase_opens_the_vault(context: Context, new_key: NewKey) -> None:
    assert opened(context, PASSPHRASE) == new_key.ring


def test_the_recovery_code_opens_the_vault_when_the_passphrase_is_lost(
    context: Context, new_key: NewKey
) -> None:
    ring = vault.open_by_code(keys_of(context), context.author, new_key.code.lower().replace("-", " "))
    assert ring == new_key.ring
    new = vault.rewrap(context.author, ring, "another set of words", QUICK)
    context.write(ACT, lambda s: vault.keep_wraps(s, new))
    assert opened(context, "another set of words") == new_key.ring
    with pytest.raises(WrongSecret):
        opened(context, PASSPHRASE)


def test_a_wrong_passphrase_opens_nothing_and_damages_nothing(context: Context, new_key: NewKey) -> None:
    before = keys_of(context)
    for wrong in ("", "three plain word", PASSPHRASE.upper(), "\x00", "\ud800", "x" * 1_000_000):
        with pytest.raises(WrongSecret, match="does not open your vault"):
            opened(context, wrong)
    assert keys_of(context) == before
    assert opened(context, PASSPHRASE) == new_key.ring


def test_a_new_recovery_code_takes_the_place_of_the_old_one(context: Context, new_key: NewKey) -> None:
    wraps, code = vault.new_code(context.author, new_key.ring)
    context.write(ACT, lambda s: vault.keep_wraps(s, wraps))
    assert vault.open_by_code(keys_of(context), context.author, code) == new_key.ring
    with pytest.raises(WrongSecret):
        vault.open_by_code(keys_of(context), context.author, new_key.code)


@pytest.mark.parametrize("short", ["", "short", "elevenchars", "            x            "])
def test_a_short_passphrase_is_refused_in_a_sentence(context: Context, short: str) -> None:
    with pytest.raises(HoldallError, match="needs at least 12"):
        vault.make(context.author, short, QUICK)


def test_a_vault_that_was_never_made_says_that_it_is_locked(context: Context) -> None:
    with pytest.raises(VaultShut):
        opened(context, PASSPHRASE)


def test_the_key_record_holds_neither_private_key_nor_passphrase_nor_code(
    context: Context, new_key: NewKey
) -> None:
    (operation,) = context.read(lambda s: list(s.scalars(select(OutboxOp))))
    text = repr(operation.fields) + repr(operation.base) + operation.label
    private = new_key.ring.pairs[0][1].private
    assert operation.kind == "sealed"
    assert operation.scope == "user:u-1"
    for secret in (private.hex(), PASSPHRASE, new_key.code, new_key.code.replace("-", "")):
        assert secret not in text


def test_undo_passes_over_the_making_of_a_key(context: Context, new_key: NewKey) -> None:
    assert context.read(lambda s: undo.undo_label(s, context.author)) is None
    assert len(keys_of(context)) == 1


def test_a_key_record_marked_deleted_still_opens(context: Context, new_key: NewKey) -> None:
    def delete(session: object) -> None:
        session.get_one(VaultKey, new_key.wrapped.id).deleted = True  # type: ignore[attr-defined]

    context.write("x", delete)
    assert opened(context, PASSPHRASE) == new_key.ring


def test_another_person_reads_neither_keys_nor_entries(
    context: Context, new_key: NewKey, second_officer: object
) -> None:
    other = dataclasses.replace(context, author=second_officer)  # type: ignore[type-var]
    assert keys_of(other) == []
    (key,) = keys_of(context)
    with pytest.raises(WrongSecret):
        vault.open_by_passphrase([key], other.author, PASSPHRASE)


def two_vaults(context: Context) -> tuple[NewKey, NewKey]:
    """What two laptops leave that were both set up before they met."""
    one = vault.make(context.author, PASSPHRASE, QUICK)
    other = vault.make(context.author, "words of the second", QUICK)
    context.write(ACT, lambda s: vault.keep(s, one))
    context.write(ACT, lambda s: vault.keep(s, other))
    return one, other


def test_two_laptops_set_up_apart_open_with_one_passphrase_once_they_were_linked(context: Context) -> None:
    one, other = two_vaults(context)
    first = opened(context, PASSPHRASE)
    assert first.shut == (other.wrapped.id,)
    second = opened(context, "words of the second")
    both = vault.add_to(first, keys_of(context), context.author, second)
    assert (both.shut, both.loose) == ((), (other.wrapped.id,))
    context.write(ACT, lambda s: vault.link(s, both))
    again = opened(context, PASSPHRASE)
    assert [key_id for key_id, _ in again.pairs] == [one.wrapped.id, other.wrapped.id]
    assert (again.shut, again.loose) == ((), ())


def test_what_either_laptop_sealed_opens_in_the_linked_vault(context: Context) -> None:
    one, other = two_vaults(context)
    envelopes = [
        made.ring.seal(TYPE, "0197d000-0000-7000-8000-00000000000a", {"n": n}, lambda k: bytes(range(k)))
        for n, made in enumerate((one, other))
    ]
    first, second = opened(context, PASSPHRASE), opened(context, "words of the second")
    with pytest.raises(SealBroken, match="not open here"):
        first.unseal(TYPE, "0197d000-0000-7000-8000-00000000000a", envelopes[1])
    both = vault.add_to(first, keys_of(context), context.author, second)
    found = [both.unseal(TYPE, "0197d000-0000-7000-8000-00000000000a", e) for e in envelopes]
    assert found == [{"n": 0}, {"n": 1}]


def test_a_public_key_swapped_on_the_server_is_noticed(context: Context, new_key: NewKey) -> None:
    (key,) = keys_of(context)
    swapped = dataclasses.replace(key, public=bytes(range(32)))
    with pytest.raises(WrongSecret, match="changed on its way"):
        vault.open_by_passphrase([swapped], context.author, PASSPHRASE)
