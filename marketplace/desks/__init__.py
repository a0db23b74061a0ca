"""Signed-in pages that need several rooms, one routes file per audience: the farmer's day, the counter."""
