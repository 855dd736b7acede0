"""The office around the reconciliation: suspense, journals, eReturns, periods and the codes they use."""
