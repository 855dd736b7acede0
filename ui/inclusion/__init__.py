"""The Inclusion tab: today's sessions, the register with its tally pad, and the month report."""
