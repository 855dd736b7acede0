"""A server with a known fault (L4): numbers are visible before the changes that bear them. Never in use."""

from __future__ import annotations

import random
import time

from sqlalchemy import func, select, update

from sync.server.batch import Batch
from sync.server.tables import scope_counter

_original = Batch.take_numbers


def _take_numbers(self: Batch, scope: str, count: int) -> tuple[int, str, str]:
    where = (scope_counter.c.tenant == self.actor.tenant, scope_counter.c.scope == scope)
    with self.connection.engine.begin() as own:  # committed at once, as a sequence would be
        own.execute(select(func.set_config("app.tenant", self.actor.tenant, True)))
        take = update(scope_counter).where(*where).values(n=scope_counter.c.n + count)
        columns = (scope_counter.c.n, scope_counter.c.chain, scope_counter.c.digest)
        row = own.execute(take.returning(*columns)).first()
    if row is None:
        return _original(self, scope, count)
    time.sleep(random.random() / 20)  # some work before the commit, as any real server has
    return int(row.n), str(row.chain), str(row.digest)


Batch.take_numbers = _take_numbers  # type: ignore[method-assign]
