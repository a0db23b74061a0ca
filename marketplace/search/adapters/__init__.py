"""One engine per file, chosen by SEARCH_ENGINE in wiring."""
