"""Digital-inclusion sessions: registers, tallies, and a month report that gives nobody away."""
