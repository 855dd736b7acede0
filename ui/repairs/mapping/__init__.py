"""The section "Triage and tables": editions of the questions, and the dated tables beside them."""
