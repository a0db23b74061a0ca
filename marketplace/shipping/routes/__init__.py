"""Pages of shipping, one audience per file."""
