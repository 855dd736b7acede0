"""Triage as data: reading a council's mapping, checking it, making and comparing editions of it."""
