"""A person at a browser, played by requests; and the npm package oidc-provider to sign in with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

SCRIPT = Path(__file__).with_name("oidc_provider.mjs")


def node_modules() -> Path | None:
    """Where oidc-provider lies: HOLDALL_NODE_MODULES, else npm's own folder; None without Node or it."""
    if shutil.which("node") is None:
        return None
    places = [os.environ.get("HOLDALL_NODE_MODULES", "")]
    npm = shutil.which("npm")
    if npm is not None:
        done = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False)
        places.append(done.stdout.strip())
    for place in places:
        if place and (Path(place) / "oidc-provider").is_dir():
            return Path(place)
    return None


class RealProvider:
    """oidc-provider as a process on a free port of this machine."""

    def __init__(self, modules: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(SCRIPT), str(modules)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.issuer, self.api = str(told["issuer"]), str(told["api"])

    def close(self) -> None:
        """Closes its standard input and waits until it has gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@dataclass
class Browser:
    """A person who signs in under a name. `on_the_way` may change the address the program opens, `on_return`
    the one the provider sends back; `pages` are the texts of the last pages seen."""

    name: str = "nia"
    on_the_way: Callable[[dict[str, str]], dict[str, str]] = lambda given: given
    on_return: Callable[[dict[str, str]], list[dict[str, str]]] = lambda given: [given]
    returned: dict[str, str] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    _thread: threading.Thread | None = None

    def open(self, address: str) -> None:
        """Signs in meanwhile."""
        self._thread = threading.Thread(target=self._sign_in, args=(address,))
        self._thread.start()

    def join(self) -> None:
        """Waits until the last page has come."""
        if self._thread is not None:
            self._thread.join()

    def _sign_in(self, address: str) -> None:
        with requests.Session() as line:
            page = self._follow(line, _changed(address, lambda given: [self.on_the_way(given)])[0])
            while (action := re.search(r'action="([^"]+/interaction/[^"]+)"', page.text)) is not None:
                page = self._answer(line, page, action.group(1))
            self.pages.append(page.text)

    def type_code(self, whole_address: str, decision: str = "confirm") -> None:
        """Types a device code and says whether it is theirs (`confirm`, `abort`); then signs in."""
        with requests.Session() as line:
            page = line.get(whole_address, timeout=10)
            found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
            page = self._follow(line, whole_address.partition("?")[0], {**found, decision: "yes"})
            while (action := re.search(r'action="([^"]+/interaction/[^"]+)"', page.text)) is not None:
                page = self._answer(line, page, action.group(1))
            self.pages.append(page.text)

    def _answer(self, line: requests.Session, page: requests.Response, action: str) -> requests.Response:
        prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
        assert prompt is not None
        form = {"prompt": prompt.group(1), "login": self.name, "password": "any"}
        return self._follow(line, action, form)

    def _follow(
        self, line: requests.Session, address: str, form: dict[str, str] | None = None
    ) -> requests.Response:
        page = line.request(
            "GET" if form is None else "POST", address, data=form, allow_redirects=False, timeout=10
        )
        while page.is_redirect:
            address = str(requests.compat.urljoin(page.url, page.headers["Location"]))
            if urlsplit(address).path == "/callback":
                self.returned = {
                    name: values[0] for name, values in parse_qs(urlsplit(address).query).items()
                }
                for changed in _changed(address, self.on_return):
                    page = requests.get(changed, timeout=10)
                    self.pages.append(page.text)
                return page
            page = line.get(address, allow_redirects=False, timeout=10)
        return page


def _changed(address: str, change: Callable[[dict[str, str]], list[dict[str, str]]]) -> list[str]:
    parts = urlsplit(address)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return [parts._replace(query=urlencode(query)).geturl() for query in change(given)]
