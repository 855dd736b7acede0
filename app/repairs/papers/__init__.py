"""The papers of repairs, one module each; app.repairs.report names them for commands and screens."""
