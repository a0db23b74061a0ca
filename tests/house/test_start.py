"""`make run` in earnest: killed, started again, asked for twice. Nothing is doubled and nothing is left behind."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = [
    pytest.mark.network_double,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]
PATIENCE = 180.0


class Start:
    """One `scripts/run.py` on a folder and a port of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.lock, self.port = folder / "run.lock", port
        settings = {
            "INSTANCE_PATH": str(folder),
            "PORT": str(port),
            "APP_ENV": "test",
            "HOME": str(folder / "home"),
        }
        self.log = folder / "log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "scripts/run.py"], cwd=ROOT, env={**os.environ, **settings},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def said(self) -> str:
        return self.log.read_text()

    def is_open(self) -> bool:
        """Somebody answers, and it is this start: one that was killed may still be saying good-bye."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request("GET", "/static/none")
            line.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()
        return bool(self.facts().get("watcher") == self.process.pid)

    def get(self, address: str) -> int:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
            line.request("GET", address)
            return line.getresponse().status

    def wait_until_open(self) -> "Start":
        until = time.monotonic() + PATIENCE
        while not self.is_open():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.05)
        return self

    def facts(self) -> dict[str, Any]:
        """What stands in the lock; empty while it is being written."""
        try:
            return dict(json.loads(self.lock.read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def children(self) -> dict[str, int]:
        return {name: self.facts()[name] for name in ("server", "worker")}

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


def is_alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(processes: list[int]) -> None:
    until = time.monotonic() + PATIENCE
    while any(is_alive(process) for process in processes):
        assert time.monotonic() < until, f"left behind: {processes}"
        time.sleep(0.05)


def descendants(process: int) -> list[int]:
    found = []
    with contextlib.suppress(FileNotFoundError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[type]:
    started: list[Start] = []

    def begin() -> Start:
        started.append(Start(tmp_path, port))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait(PATIENCE)


def test_a_killed_start_leaves_nothing_and_the_next_doubles_nothing(start):
    first = start().wait_until_open()
    until = time.monotonic() + PATIENCE
    while len(family := descendants(first.process.pid)) < 4:
        assert time.monotonic() < until, "not a server with two processes, and a worker"
        time.sleep(0.05)

    again = start()
    assert again.process.wait(PATIENCE) == 1
    assert f"already runs at http://127.0.0.1:{first.port} (process {first.process.pid})" in again.said()

    first.stop(signal.SIGKILL)
    second = start().wait_until_open()
    wait_until_gone(family)
    assert set(second.children().values()) <= set(descendants(second.process.pid))
    assert len(set(second.children().values())) == 2

    family = descendants(second.process.pid)
    assert second.stop(signal.SIGINT) == 0, second.said()
    wait_until_gone(family)
    assert not second.is_open()


def test_a_worker_that_dies_is_started_again_and_never_doubled(start, tmp_path):
    one = start().wait_until_open()
    before = one.children()
    assert one.get("/products?q=" + "a" * 10_000) == 200  # the server itself does not refuse it
    assert one.get("/products?q=" + "a" * 170_000) == 414
    os.kill(before["worker"], signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while one.facts().get("worker") in (None, before["worker"]):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert one.children()["server"] == before["server"]

    # `flask work` beside it finds the lock taken.
    settings = {**os.environ, "INSTANCE_PATH": str(tmp_path), "APP_ENV": "test"}
    until = time.monotonic() + PATIENCE
    while not _is_locked(tmp_path / "worker.lock"):
        assert time.monotonic() < until
        time.sleep(0.1)
    other = subprocess.run(
        [sys.executable, "-m", "flask", "work"], cwd=ROOT, env=settings, capture_output=True, text=True,
        check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert other.returncode == 1
    assert "already running" in other.stderr
    assert one.stop(signal.SIGTERM) == 0


def _is_locked(path: Path) -> bool:
    import fcntl

    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def test_a_taken_port_is_said_in_a_sentence(start, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        refused = start()
        assert refused.process.wait(PATIENCE) == 1
    assert f"Port {port} is taken" in refused.said()
    assert f"make run PORT={port + 1}" in refused.said()
    assert "Traceback" not in refused.said()
