"""The shared server: one log per council and scope, rules read from the policies in `models`."""
