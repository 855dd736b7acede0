"""How copies agree: the protocol, the client, the merge, and the shared server."""
