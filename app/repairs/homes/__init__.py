"""What the office remembers of a home: the council's list, who lives there, alerts, past repairs, chases."""
