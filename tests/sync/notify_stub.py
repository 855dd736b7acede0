"""A stand-in for GOV.UK Notify on loopback: it checks the token as the service does (HS256, `iss` the
service, `iat` within thirty seconds) and keeps what it was given."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

SERVICE = "8d1c1c22-2f43-4d0c-9a43-1f6c61f9d3c0"
SECRET = "2f9c1f53-51a4-4a5e-8a0e-6d9a7b0f4c11"
KEY = f"averwick-{SERVICE}-{SECRET}"
OTHER_KEY = f"averwick-{SERVICE}-00000000-0000-4000-8000-000000000000"


@dataclass
class Notify:
    """What the stand-in has and how it behaves next."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    refuse: list[tuple[int, list[dict[str, str]]]] = field(default_factory=list)  # answers to the next posts
    swallow: int = 0  # so many posts are taken and not answered
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def become(self, status: str) -> None:
        """The state of everything that was sent."""
        for one in self.sent:
            one["status"] = status


class Handler(BaseHTTPRequestHandler):
    notify: Notify

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._let_in():
            return
        notify = self.notify
        with notify.lock:
            if notify.refuse:
                status, errors = notify.refuse.pop(0)
                self._answer(status, {"status_code": status, "errors": errors})
                return
            channel = self.path.rpartition("/")[2]
            notify.sent.append({**body, "type": channel, "status": "created", "id": f"n-{len(notify.sent)}"})
            if notify.swallow:
                notify.swallow -= 1
                self.close_connection = True
                self.connection.close()
                return
        self._answer(201, {"id": notify.sent[-1]["id"], "reference": body.get("reference")})

    def do_GET(self) -> None:
        if not self._let_in():
            return
        wanted = parse_qs(urlsplit(self.path).query).get("reference", [""])[0]
        with self.notify.lock:
            self.notify.searches.append(wanted)
            found = [one for one in self.notify.sent if one.get("reference") == wanted]
        self._answer(200, {"notifications": found[::-1], "links": {}})

    def _let_in(self) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_iat": False})
            good = claims["iss"] == SERVICE and abs(time.time() - int(claims["iat"])) <= 30
        except (jwt.InvalidTokenError, KeyError):
            good = False
        if not good:
            message = "Invalid token: API key not found"
            errors = [{"error": "AuthError", "message": message}]
            self._answer(403, {"status_code": 403, "errors": errors})
        return good

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Serving:
    """The stand-in while a test runs."""

    def __enter__(self) -> Notify:
        notify = Notify()
        handler = type("Bound", (Handler,), {"notify": notify})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        notify.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return notify

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
