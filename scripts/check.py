"""`make check`: everything about the code that can be said without running it. All of it runs, two at a time, and what
is wrong is told at the end."""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent

CHECKS: dict[str, list[list[str]]] = {
    "types": [[PYTHON, "-m", "mypy", "--no-error-summary"]],
    "style": [[PYTHON, "-m", "ruff", "check", "--quiet", "--output-format=concise", "."]],
    "format": [[PYTHON, "-m", "ruff", "format", "--check", "--output-format=concise", "."]],
    "floors": [[str(BIN / "lint-imports"), "--cache-dir", ".import_linter_cache"]],
    "translations": [[PYTHON, "scripts/translations.py", "check"]],
    "stylesheet": [[PYTHON, "scripts/build_css.py", "--check"]],
    "migrations": [[PYTHON, "-m", "flask", "db", "upgrade"], [PYTHON, "-m", "flask", "db", "check"]],
}
REMEDY = {
    "style": "make fix",
    "format": "make fix",
    "translations": "make translations",
    "stylesheet": "make css",
    "migrations": 'make migration WHY="…"',
}


class Outcome(NamedTuple):
    name: str
    is_right: bool
    seconds: float
    said: str


def run(name: str) -> Outcome:
    began = time.monotonic()
    said = ""
    with tempfile.TemporaryDirectory() as instance:
        # A database of its own, as a fresh installation has it.
        environment = {**os.environ, "INSTANCE_PATH": instance, "DATABASE_URL": "", "APP_ENV": "test"}
        for command in CHECKS[name]:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, text=True, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            said = done.stdout.strip()
            if done.returncode:
                return Outcome(name, False, time.monotonic() - began, said)
    return Outcome(name, True, time.monotonic() - began, said)


def main() -> None:
    with ThreadPoolExecutor(2) as hands:
        outcomes = list(hands.map(run, CHECKS))
    wrong = [outcome for outcome in outcomes if not outcome.is_right]
    for outcome in wrong:
        remedy = f"   ({REMEDY[outcome.name]})" if outcome.name in REMEDY else ""
        print(f"\n── {outcome.name}{remedy}\n{outcome.said[-6000:]}")
    print()
    for outcome in outcomes:
        print(f"{'right' if outcome.is_right else 'WRONG'}  {outcome.name:<13} {outcome.seconds:5.1f} s")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
