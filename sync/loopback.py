"""The port of this computer where the browser comes back to after a sign-in; it answers with a plain page."""

from __future__ import annotations

import hmac
import queue
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from sync.errors import SignInStopped

PATH = "/callback"
MOST_PARAMETERS = 20
STEP = 0.1  # seconds between two looks at whether the person has stopped it
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Holdall: {title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:12vh auto;padding:0 1.5em;
background:#f6f5f1;color:#17191c}}h1{{font-size:26px}}
@media(prefers-color-scheme:dark){{body{{background:#15181b;color:#ecedee}}}}</style>
<h1>{title}</h1><p>{words}</p></html>"""
_TAKEN = ("Go back to Holdall", "Holdall has your answer. You can close this page now.")
_OTHER = ("This page is out of date", "Holdall is not waiting for this answer. Begin again in Holdall.")


class Landing:
    """Listens on 127.0.0.1 at a free port for one answer, the one that bears `state`. Use it as a context."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._answers: queue.Queue[dict[str, str]] = queue.Queue()
        landing = self

        class Handler(_Handler):
            """Hands over what the browser brings."""

            def take(self, answer: dict[str, str]) -> bool:
                return landing.take(answer)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(STEP,), daemon=True)

    def __enter__(self) -> Landing:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Where the browser is to come back to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def take(self, answer: dict[str, str]) -> bool:
        """Keeps an answer that bears the state; anything else on this computer may have sent another."""
        if not hmac.compare_digest(answer.get("state", "").encode(), self._state.encode()):
            return False
        self._answers.put(answer)
        return True

    def wait(self, seconds: float, cancelled: Callable[[], bool]) -> dict[str, str]:
        """What the browser brought back; raises SignInStopped when nothing comes in time or the person
        stops it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if cancelled():
                raise SignInStopped("You stopped signing in.", "Nothing was changed.")
            try:
                return self._answers.get(timeout=STEP)
            except queue.Empty:
                continue
        raise SignInStopped("Nobody signed in in time.", "Nothing was changed. Begin again.")


class _Server(ThreadingHTTPServer):
    """A browser opens lines it does not use: none of them holds up another, or the end."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False


class _Handler(BaseHTTPRequestHandler):
    """One address, read once."""

    timeout = 10.0
    server_version, sys_version = "Holdall", ""

    def take(self, answer: dict[str, str]) -> bool:
        """Whether an answer is the one waited for."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """The browser comes back."""
        parts = urlsplit(self.path)
        try:
            given = parse_qsl(parts.query, max_num_fields=MOST_PARAMETERS)
        except ValueError:
            given = []
        answer = dict(given)
        ours = parts.path == PATH and 0 < len(answer) == len(given)  # nothing is said twice
        if ours and self.take(answer):
            self._say(200, *_TAKEN)
        else:
            self._say(404 if parts.path != PATH else 400, *_OTHER)

    def _say(self, status: int, title: str, words: str) -> None:
        page = _PAGE.format(title=title, words=words).encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *arguments: object) -> None:
        """Writes nothing: the address holds the code."""
