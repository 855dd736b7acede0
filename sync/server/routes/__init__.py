"""The routes of the server, one module for each matter. A new one is added to the list here."""

from __future__ import annotations

from sync.server.routes import (
    admin,
    appointments,
    copies,
    courier,
    doors,
    files,
    health,
    log,
    papers,
    quarantine,
    sign_in,
)
from sync.server.routing import Route

ROUTES: tuple[Route, ...] = (
    *doors.ROUTES,
    *sign_in.ROUTES,
    *log.ROUTES,
    *files.ROUTES,
    *courier.ROUTES,
    *copies.ROUTES,
    *admin.ROUTES,
    *papers.ROUTES,
    *appointments.ROUTES,
    *quarantine.ROUTES,
    *health.ROUTES,
)
