"""The Homes section: the council's list, what is known of a home, and what was reported there before."""
