"""Repairs triage: questions as data, clocks that explain themselves, visits that are honest about booking."""
