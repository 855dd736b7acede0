"""What a table must be so that a page from the server can always be applied to it."""

from __future__ import annotations

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint

from models.base import record_types, table_of
from sync.columns import columns_of


@pytest.mark.parametrize("type_name", sorted(record_types()))
def test_no_rule_of_a_table_can_stop_a_page(type_name: str) -> None:
    """Two laptops may each write what only one may have; the copy must hold both until somebody looks."""
    table = table_of(type_name)
    for constraint in table.constraints:
        assert not isinstance(constraint, UniqueConstraint | ForeignKeyConstraint | CheckConstraint), (
            constraint
        )
    assert not [index.name for index in table.indexes if index.unique]


@pytest.mark.parametrize("type_name", sorted(record_types()))
def test_a_value_that_does_not_come_is_filled_where_null_may_not_stand(type_name: str) -> None:
    columns = columns_of(type_name)
    table = table_of(type_name)
    for name, value in zip(columns.names, columns.row({}), strict=True):
        assert table.c[name].nullable or value is not None
