"""The formats that banks, ledgers and payment providers send, one module each.

Every module says `FORMAT`, its name for people, and `looks_like(head)` for the first 4,096 characters of a
file. A bank's format gives statements by `read`; a book's gives postings by `read_book` (a LedgerRead with
its control totals and warnings) or `read_ledger` (the receipts alone); a provider's gives payouts by
`read_settlements`.
"""
