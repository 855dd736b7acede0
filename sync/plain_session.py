"""A session for requests that nothing of the environment signs or vouches for."""

from __future__ import annotations

import requests


def plain_session(address: str) -> requests.Session:
    """A session with the system's proxies and certificates for an address. No .netrc signs its requests, and
    no variable of the environment names other certificates."""
    session = requests.Session()
    session.trust_env = False
    session.proxies.update(requests.utils.get_environ_proxies(address, no_proxy=None))
    if address.startswith("https:"):
        import truststore

        truststore.inject_into_ssl()  # the council's own roots, as the system knows them
    return session
