"""Pages of the till, one file per audience."""
