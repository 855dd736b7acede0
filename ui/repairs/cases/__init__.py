"""The section of hazard cases: the list by date, a case with its clocks, and one decision at a time."""
