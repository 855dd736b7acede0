"""A small proxy that spoils the line between a laptop and its server in the ways real lines do."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field


@dataclass
class Fault:
    """What goes wrong with the next connections: cut requests or answers after so many bytes, answer with
    somebody else's words, or pass all but swallow the answer."""

    cut_request: int | None = None
    cut_answer: int | None = None
    instead: bytes | None = None
    swallow_answer: bool = False


@dataclass
class FaultProxy:
    """Listens on loopback and passes bytes on to the server; `fault` says what goes wrong."""

    port_of_server: int
    fault: Fault = field(default_factory=Fault)
    asked: bytearray = field(default_factory=bytearray)  # every byte of the requests that were passed on
    answered: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def spoil(self, fault: Fault) -> None:
        """Tears the lines that are open, so that the next one has this fault."""
        self.fault = fault
        lines, self._open = self._open, []
        for line in lines:
            _end(line)

    def close(self) -> None:
        """Closes every line; threads end with them."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._open:
            _end(line)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                laptop, _ = self._listener.accept()
            except OSError:
                return
            fault = self.fault
            self._open.append(laptop)
            if fault.instead is not None:
                self._start(self._other_words, laptop, fault.instead)
                continue
            server = socket.create_connection(("127.0.0.1", self.port_of_server))
            self._open.append(server)
            self._start(_pass_on, laptop, server, fault.cut_request, self.asked)
            cut = 0 if fault.swallow_answer else fault.cut_answer
            self._start(_pass_on, server, laptop, cut, self.answered)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    @staticmethod
    def _other_words(laptop: socket.socket, words: bytes) -> None:
        with contextlib.suppress(OSError):
            laptop.recv(65_536)
            laptop.sendall(words)
        _end(laptop)


def _pass_on(source: socket.socket, target: socket.socket, cut: int | None, heard: bytearray) -> None:
    """Passes bytes until an end or until `cut` of them; then both lines are torn."""
    passed = 0
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            heard += data
            if cut is not None and passed + len(data) > cut:
                target.sendall(data[: max(0, cut - passed)])
                break
            target.sendall(data)
            passed += len(data)
    _end(source)
    _end(target)


def _end(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
