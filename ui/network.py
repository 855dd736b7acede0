"""What the system says of the network that this computer is on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtNetwork import QNetworkInformation


def metered() -> Callable[[], bool]:
    """What tells whether every byte costs now: a telephone's hotspot, most often. Called on the window's
    thread; what it gives may be asked on any. Where the system does not say, nothing costs."""
    QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Metered)
    network = QNetworkInformation.instance()
    return (lambda: bool(network.isMetered())) if network is not None else (lambda: False)
