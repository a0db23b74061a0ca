"""Resolves requirements*.in into requirements*.txt: exact versions with their hashes, good for Python 3.11 and up.

make lock                      keeps what is locked and still fits
scripts/lock.py --upgrade      takes the newest that fits
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETS = ("requirements", "requirements-scale", "requirements-dev")  # each is constrained by the one before
QUIET = ("--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock")


def main() -> None:
    cache = {**os.environ, "UV_CACHE_DIR": str(ROOT / ".venv" / "uv-cache")}
    for name in SETS:
        uv = [
            "uv",
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--python-version",
            "3.11",
            "--generate-hashes",
        ]
        command = [sys.executable, "-m", *uv, *QUIET, *sys.argv[1:], f"{name}.in", "-o", f"{name}.txt"]
        subprocess.run(command, cwd=ROOT, env=cache, check=True)
        print(f"{name}.txt is up to date")


if __name__ == "__main__":
    main()
