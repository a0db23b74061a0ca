"""What `make bench` measures: processor time per request as a multiple of bare Flask's, in the same run."""
