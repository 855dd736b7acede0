"""One Holdall for one folder: a second start hands its wishes to the first and ends."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)
VERSION = 1
PATIENCE = 1500  # milliseconds for a message between two copies
LARGEST = 65_536  # bytes of one message


def server_name(home: Path) -> str:
    """The name of the meeting point of one data folder."""
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]
    return f"holdall-{digest}"


class SingleInstance(QObject):
    """Holds the lock of a data folder; `asked` carries the arguments of a later start."""

    asked = Signal(list)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        home.mkdir(parents=True, exist_ok=True)
        self._name = server_name(home)
        self._lock = QLockFile(str(home / "holdall.lock"))
        self._lock.setStaleLockTime(0)  # a lock is stale only when its owner is dead
        self._server = QLocalServer(self)
        self._callers: list[QLocalSocket] = []
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        self.first = self._lock.tryLock(100)
        if self.first:
            QLocalServer.removeServer(self._name)  # what a killed copy left
            if not self._server.listen(self._name):
                log.warning("later starts cannot be heard: %s", self._server.errorString())

    def tell_first(self, arguments: Sequence[str]) -> bool:
        """Hands this start's arguments to the copy that runs; False when it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(PATIENCE):
            return False
        message = {"v": VERSION, "args": list(arguments), "cwd": str(Path.cwd())}
        socket.write(json.dumps(message).encode() + b"\n")
        sent = socket.waitForBytesWritten(PATIENCE)
        socket.disconnectFromServer()
        return bool(sent)

    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._callers.append(socket)
            socket.readyRead.connect(self._hear)
            socket.disconnected.connect(self._let_go)
        self._hear()

    def _hear(self) -> None:
        """Reads what the callers have said so far; one that says too much is cut off."""
        for socket in list(self._callers):
            if socket.canReadLine():
                arguments = understood(bytes(socket.readLine().data()))
                if arguments is not None:
                    self.asked.emit(arguments)
            elif socket.bytesAvailable() > LARGEST:
                socket.abort()

    def _let_go(self) -> None:
        """Forgets the callers that have hung up, once the event loop has come round."""
        self._hear()
        for socket in [
            s for s in self._callers if s.state() == QLocalSocket.LocalSocketState.UnconnectedState
        ]:
            self._callers.remove(socket)
            socket.deleteLater()

    def close(self) -> None:
        """Lets the folder go."""
        self._server.close()
        self._lock.unlock()


def understood(line: bytes) -> list[str] | None:
    """The arguments in a message; None for anything that is not a message of this version."""
    try:
        message: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(message, dict) or message.get("v") != VERSION:
        return None
    arguments = message.get("args")
    if not isinstance(arguments, list) or not all(isinstance(part, str) for part in arguments):
        return None
    return arguments
