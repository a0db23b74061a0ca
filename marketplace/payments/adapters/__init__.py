"""One vendor a file; plugged in by wiring, called through the port."""
