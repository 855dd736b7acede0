"""The statements of every save, made once: building them anew costs more than running them."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from models.base import Base
from models.outbox import Action, Meta, OutboxOp, Shadow

_tables = Base.metadata.tables
_action, _meta = _tables[Action.__tablename__], _tables[Meta.__tablename__]
_put_meta = upsert(_meta)

ADD_OPS = insert(_tables[OutboxOp.__tablename__])
ADD_ACTION = insert(_action)
DROP_UNDONE = update(_action).where(_action.c.state == "undone").values(state="gone")
KEEP_SHADOW = upsert(_tables[Shadow.__tablename__]).on_conflict_do_nothing()
GET_META = select(_meta.c.value).where(_meta.c.key == bindparam("key"))
SET_META = _put_meta.on_conflict_do_update(index_elements=["key"], set_={"value": _put_meta.excluded.value})
