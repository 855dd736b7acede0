"""A laptop whose disk was copied: the copy that is second to write goes on under an id and a key of its
own, with everything that was not answered yet."""

from __future__ import annotations

import base64
import secrets
import time

from models import failpoints
from models.ids import new_id
from models.store import Store
from sync import account as accounts
from sync import wire
from sync.account import public_key, sign
from sync.client import Transport


def go_apart(store: Store, transport: Transport) -> None:
    """Takes a new device id and key from the server and numbers what waits anew, under its old ids."""
    account = transport.account
    seed, device = secrets.token_bytes(32), new_id()
    key = public_key(seed)
    text = wire.device_text(account.device, device, key)
    tokens = transport.new_device(wire.DeviceRequest(device, key, account.sign(text), sign(seed, text)))
    failpoints.hit("after_new_device")
    account.device, account.seed = device, base64.b64encode(seed).decode()
    account.take_tokens(tokens, time.time())
    accounts.save(store, account)
