"""Makes .venv and installs what is asked for; does nothing when that was done already.

Runs on the system's Python with its standard library only:

    python3 scripts/environment.py          what the market needs to run
    python3 scripts/environment.py dev      and what tests and checks need
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("Chợ Quê needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": "requirements.txt", "scale": "requirements-scale.txt", "dev": "requirements-dev.txt"}


def ensure(kind: str = "run") -> None:
    """Returns with .venv holding what `kind` needs. Two callers at once wait for each other."""
    if _is_ready(kind):
        return
    with (ROOT / LOCKS[kind]).open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _is_ready(kind):
            return
        if not _works():
            _make_venv()
        _install(kind)


def _is_ready(kind: str) -> bool:
    """A kind is there when its stamp names today's lock file; `dev` holds everything `run` holds."""
    if not os.access(PYTHON, os.X_OK):
        return False
    return any(_stamp(k).is_file() and _stamp(k).read_text() == _fingerprint(k) for k in {kind, "dev"})


def _stamp(kind: str) -> Path:
    return VENV / f".installed-{kind}"


def _fingerprint(kind: str) -> str:
    """What .venv must be made of: the locked packages, at this place in the file system."""
    return hashlib.sha256(str(ROOT).encode() + (ROOT / LOCKS[kind]).read_bytes()).hexdigest()


def _works() -> bool:
    """Whether .venv is a whole environment of a Python that is still there, made at this very place."""
    if not os.access(PYTHON, os.X_OK) or not (VENV / "bin" / "pip").is_file():
        return False
    question = "import sys; print(sys.prefix); sys.exit(sys.version_info < (3, 11))"
    answer = subprocess.run([PYTHON, "-c", question], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == str(VENV)


def _make_venv() -> None:
    try:
        import ensurepip  # noqa: F401  # Debian leaves it out unless python3-venv is installed
        import venv
    except ImportError:
        sys.exit(
            "This Python has no venv. On Debian and Ubuntu one line installs it:\n\n    sudo apt install python3-venv\n"
        )
    print(f"Making {VENV.name} with Python {sys.version.split()[0]} …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True, symlinks=True)


def _install(kind: str) -> None:
    print(f"Installing {LOCKS[kind]} (half a minute, only the first time) …", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--require-hashes"]
    done = subprocess.run([*pip, "-r", LOCKS[kind]], cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"pip could not install {LOCKS[kind]}; what it said is above. Mend that and start again.")
    _stamp(kind).write_text(_fingerprint(kind))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] not in LOCKS:
        sys.exit(f"Which environment? One of: {', '.join(LOCKS)}")
    ensure(*sys.argv[1:2])
