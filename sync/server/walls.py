"""The second wall between councils on PostgreSQL: row-level security that even the tables' owner meets.

The first wall is that every statement names its council. The second holds where one forgets to: a
transaction says once whose rows it is for (`app.tenant`), and the database shows and takes no others.

Two doors stand open to a transaction that is for no council yet (`app.door`), and only for reading:

- the councils themselves and the identity providers they trust: what a sign-in page offers to anybody, and
  what a chore walks through, council by council
- enrolment codes of one handle (`app.handle`): eight letters read out on the telephone name no council, so
  the server has to look at all councils' codes that begin alike. It sees their hashes, of codes that work for
  minutes and bear five tries, and enters the council of the one that fits before it does anything else

A token needs no door: its council stands in front of it. A policy was preferred to a table of handles beside
the codes, because that would be one more place where a code has to be taken away, and to a function that runs
as its owner, because with FORCE the owner sees no more than anybody.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

# Every table here has the column tenant; a step that makes another one calls `wall` for it.
TENANT, DOOR, HANDLE = "app.tenant", "app.door", "app.handle"
_OURS = f"tenant = nullif(current_setting('{TENANT}', true), '')"
_DOOR = f"nullif(current_setting('{DOOR}', true), '') IS NOT NULL"
_HANDLE = f"handle = nullif(current_setting('{HANDLE}', true), '')"


def wall(table: str) -> Iterator[str]:
    """The statements that put up the wall around a table. A later step that alters rows takes it down for
    itself first (NO FORCE ROW LEVEL SECURITY) and puts it up again."""
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
    yield f'CREATE POLICY council ON "{table}" USING ({_OURS}) WITH CHECK ({_OURS})'


def doors() -> Iterator[str]:
    """The statements that open the two doors."""
    for table in ("tenant", "provider"):
        yield f'CREATE POLICY door ON "{table}" FOR SELECT USING ({_DOOR})'
    yield f"CREATE POLICY door ON enrol_code FOR SELECT USING ({_DOOR} AND {_HANDLE})"


def enter(connection: Connection, tenant_id: str) -> None:
    """From here on, until it ends, a transaction is for one council."""
    _set(connection, {TENANT: tenant_id, DOOR: "", HANDLE: ""})


def stand_at_door(connection: Connection, handle: str = "") -> None:
    """A transaction is for no council yet: it may look at what anybody may, and at codes of one handle."""
    _set(connection, {TENANT: "", DOOR: "open", HANDLE: handle})


def _set(connection: Connection, values: dict[str, str]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(*(func.set_config(name, value, True) for name, value in values.items())))
