"""The Repairs page: one question at a time, a promise that explains itself, a list of what needs somebody."""
