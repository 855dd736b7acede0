"""Wellbeing self-assessment: a private check of how work is, kept where only its owner can read it."""
