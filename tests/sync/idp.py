"""A small identity provider for tests: it signs tokens and serves the public halves of its keys."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import parse_qsl

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


class Idp:
    """Keys by id, and a server on loopback whose answers a test may change."""

    def __init__(self) -> None:
        self.keys = {"one": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self.asked = 0
        self.answer: tuple[int, dict[str, str], bytes] | None = None
        self.posted: list[dict[str, str]] = []  # forms that came
        self.told: list[tuple[int, Any]] = []  # what the next forms are answered with
        idp = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                idp.asked += 1
                document: Any = {"keys": idp.public()}
                if self.path.endswith("openid-configuration"):
                    document = idp.discovery()
                self.give(*(idp.answer or (200, {}, json.dumps(document).encode())))

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                idp.posted.append(dict(parse_qsl(form)))
                status, document = idp.told.pop(0)
                self.give(status, {}, json.dumps(document).encode())

            def give(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.jwks = f"{self.issuer}/keys"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def discovery(self) -> dict[str, Any]:
        """What it says of itself."""
        return {
            "issuer": self.issuer,
            "jwks_uri": self.jwks,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "device_authorization_endpoint": f"{self.issuer}/device",
        }

    def public(self) -> list[dict[str, Any]]:
        """The public keys, as JWKs."""
        to_jwk = jwt.algorithms.RSAAlgorithm.to_jwk
        return [
            {**to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}
            for kid, key in self.keys.items()
        ]

    def claims(self, **other: Any) -> dict[str, Any]:
        """Claims that are in order, with some changed; None leaves one out."""
        given = {
            "iss": self.issuer,
            "aud": "api://holdall",
            "sub": "s-1",
            "name": "Nia Prys",
            "roles": ["Holdall.Officer"],
            "exp": int(time()) + 600,
            "nbf": int(time()) - 10,
            **other,
        }
        return {name: value for name, value in given.items() if value is not None}

    def token(self, kid: str = "one", **other: Any) -> str:
        """A token that is in order, with some claims changed."""
        return jwt.encode(self.claims(**other), self.keys[kid], algorithm="RS256", headers={"kid": kid})

    def close(self) -> None:
        """Stops the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
