"""Income reconciliation: bank statements proved, matched with the book, and explained to the penny."""
