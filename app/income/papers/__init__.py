"""What the income slice prints, one paper a module; the four are registered in app.income.report."""
