"""/api/v1 for partners: reads, quotes and address parsing. Never reads the session cookie."""
