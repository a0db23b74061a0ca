"""Brotli and gzip copies beside the files of static/, which WhiteNoise sends to browsers that take them. Made anew only
for files that changed; git ignores them."""

import sys
from pathlib import Path

from whitenoise.compress import Compressor

STATIC = Path(__file__).resolve().parent.parent / "static"
SUFFIXES = {".css", ".js", ".svg"}


def compress_new() -> int:
    """How many files got fresh copies."""
    compressor = Compressor(quiet=True)
    fresh = 0
    for file in sorted(STATIC.rglob("*")):
        if file.suffix not in SUFFIXES:
            continue
        copy = file.with_name(file.name + ".br")
        if not copy.exists() or copy.stat().st_mtime < file.stat().st_mtime:
            list(compressor.compress(str(file)))
            fresh += 1
    return fresh


if __name__ == "__main__":
    print(f"{compress_new()} files compressed", file=sys.stderr)
