"""How copies agree: the wire, the merge, the client of a laptop; the server is `sync.server`."""
