"""The Income tab: bank and book side by side, with the proposal between them."""
