import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def in_its_own_process(name: str, *options: str) -> Iterator[int]:
    """The double of this name until the block ends; it says on which port it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.doubles.{name}", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
