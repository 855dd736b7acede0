"""The formula-safe tables of app.sheets, under the name by which income's exports know them."""

from __future__ import annotations

from app.sheets import Cell, Pounds, Table, csv_bytes, guarded, xlsx_bytes

__all__ = ["Cell", "Pounds", "Table", "csv_bytes", "guarded", "xlsx_bytes"]
