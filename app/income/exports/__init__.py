"""What leaves the income office as data: tables no spreadsheet runs, and the general ledger batch."""
