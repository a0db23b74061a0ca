"""Pages about money, one file per audience."""
