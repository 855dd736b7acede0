"""The three roles of a PostgreSQL database: who owns the tables, who serves from them, who copies them.

- holdall_owner makes and alters the tables, and is used for nothing else
- holdall_app is what the server runs as: it owns nothing and no wall lets it through
- holdall_backup reads everything, past the walls, for pg_dump
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

OWNER, APP, BACKUP = "holdall_owner", "holdall_app", "holdall_backup"
_TAKE_OVER = (  # tables that were made by a single role before
    "DO $$ DECLARE t record; BEGIN"
    " FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP"
    " EXECUTE format('ALTER TABLE public.%I OWNER TO holdall_owner', t.tablename); END LOOP; END $$"
)


def statements() -> Iterator[str]:
    """What an administrator of the cluster runs once in Holdall's database; running it again does no harm.
    No role gets a password here."""
    for role, rights in ((OWNER, ""), (APP, ""), (BACKUP, " BYPASSRLS")):
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"
            f" THEN CREATE ROLE {role} LOGIN{rights}; END IF; END $$"
        )
    yield f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}"
    yield f"GRANT USAGE ON SCHEMA public TO {APP}, {BACKUP}"
    yield _TAKE_OVER
    for role, rights in ((APP, "SELECT, INSERT, UPDATE, DELETE"), (BACKUP, "SELECT")):
        yield f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {role}"
        yield (
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT {rights} ON TABLES TO {role}"
        )


def make_roles(connection: Connection) -> list[str]:
    """Makes the roles in the caller's transaction, as an administrator of the cluster; gives their names."""
    for line in statements():
        connection.execute(text(line))
    return [OWNER, APP, BACKUP]
