"""The tables of the wellbeing slice: one person's, sealed, with nothing readable in them."""

from __future__ import annotations

import pytest

from models.base import fields_of, policy_of
from models.policy import Merge


@pytest.mark.parametrize("type_name", ["wellbeing_key", "wellbeing_entry"])
def test_private_records_belong_to_one_person_and_are_sealed_as_a_whole(type_name: str) -> None:
    policy = policy_of(type_name)
    assert (policy.scope, policy.sealed, policy.search) == ("user", True, None)
    assert {policy.merge_of(name) for name in fields_of(type_name)} == {Merge.SEALED}


def test_an_entry_has_no_column_that_could_tell_an_answer() -> None:
    assert set(fields_of("wellbeing_entry")) == {"sealed", "created_at"}


def test_a_key_record_holds_the_private_key_in_wrapped_form_only() -> None:
    assert set(fields_of("wellbeing_key")) == {"public", "by_passphrase", "by_code", "by_key", "created_at"}
