"""Hazard cases: what the law asks and by when, what was done, and the papers that show it."""
