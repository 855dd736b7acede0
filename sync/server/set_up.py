"""A set-up that whoever looks after a server keeps for a council: in its settings, as JSON of one struct,
shown, and put in again from a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select, update

from models.errors import HoldallError
from sync.server.store import ServerStore, ensure_tenant
from sync.server.tables import tenant

Shape = TypeVar("Shape", bound=Struct)
MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class SetUp(Generic[Shape]):
    """One such set-up: its key in the settings, its struct, what a file of it is called, and what must hold
    beyond its types (`check` raises HoldallError)."""

    key: str
    shape: type[Shape]
    of: str  # "appointments"
    check: Callable[[Shape], None]

    def load(self, connection: Connection, tenant_id: str) -> Shape:
        """What is set for a council; the defaults where nothing is."""
        text = connection.execute(select(tenant.c.settings).where(tenant.c.tenant == tenant_id)).scalar()
        kept = json.loads(text or "{}").get(self.key)
        return self.shape() if kept is None else msgspec.convert(kept, self.shape, strict=False)

    def save(self, connection: Connection, tenant_id: str, made: Shape) -> None:
        """Sets it for a council."""
        where = tenant.c.tenant == tenant_id
        kept = json.loads(connection.execute(select(tenant.c.settings).where(where)).scalar_one() or "{}")
        kept[self.key] = msgspec.to_builtins(made)
        connection.execute(update(tenant).where(where).values(settings=json.dumps(kept)))

    def read(self, path: Path) -> Shape:
        """What a JSON file says. Raises HoldallError, naming the place at fault."""
        try:
            made = msgspec.json.decode(path.read_bytes()[:MOST_BYTES], type=self.shape)
        except OSError as error:
            reason = error.strerror or "Check its name."
            raise HoldallError(f"“{path.name}” cannot be read.", reason) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise HoldallError(
                f"“{path.name}” is not a set-up of {self.of}: {error}.", "Put that right."
            ) from None
        self.check(made)
        return made

    def show_or_set(
        self, store: ServerStore, options: Any, given: Shape | None, say: Callable[[dict[str, Any]], None]
    ) -> None:
        """Puts in what was given, and says what is set."""
        with store.write(options.tenant) as connection:
            ensure_tenant(connection, options.tenant, options.council, options.telephone, datetime.now(UTC))
            if given is not None:
                self.save(connection, options.tenant, given)
            say(dict(msgspec.to_builtins(self.load(connection, options.tenant))))


def check_address(url: str, name: str, what: str) -> None:
    """Raises HoldallError unless an address is https, or on this machine."""
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise HoldallError(f"The address of {what} is not https.", f"Give {name} as https://…")
