"""Content: pages for the council's website, drafted, checked, reviewed and handed on, with no network."""
