"""Pages that need several rooms, one file per audience."""
