"""The Content tab: pages in a list, one page to write in, what to put right beside it."""
