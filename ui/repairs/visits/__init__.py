"""The section Visits: whom to ring, what waits, what is held, what is booked."""
