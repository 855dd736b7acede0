"""Numbered steps of the server's tables, run by alembic when the server starts."""
