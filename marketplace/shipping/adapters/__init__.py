"""Carriers, one per file."""
