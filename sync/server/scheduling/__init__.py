"""The council's appointments on the server: a scheduler behind one interface, slots as it last listed them,
and the worker that takes each visit from asked-for to held, confirmed or lost. See docs/admin.md.

It is a connector, not a part of sync: it writes records as a laptop does, under an account and a device of
its own, so the rules, the history and the chains hold for it as for everybody.
"""
