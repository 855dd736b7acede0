"""What the office does: rules, services, files and paper of the five slices. No Qt, no network."""
