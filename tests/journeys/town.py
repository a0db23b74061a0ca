"""A whole market running for the browser: a server and a worker in processes of their own, on a copy of a small market
that is made once per test run.

    python -m tests.journeys.town        makes that market in INSTANCE_PATH
"""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PRODUCERS = {"HTX Chè Hảo Đạt", "HTX Tân Phát Lợi"}
"""The farms of the demo's two farmers: tea from Thái Nguyên, dried shrimp and honey from Cà Mau."""

NEIGHBOURS = (
    ("Vườn măng Hồng Thái", "Nguyễn Thị Măng", "0900000011", "Măng khô lưỡi lợn", 1_000),
    ("Xưởng miến Xóm Đội", "Dương Văn Miến", "0900000012", "Miến dong sợi nhỏ", 500),
)
"""Two households that sell beside the tea farm, in its commune: farm, owner, number, goods, grams a pack."""

BANK_KEY, BANK_ACCOUNT = "the-bank-signs-with-this", "8500201000017"
PATIENCE = 60.0
SETTINGS = {
    "APP_ENV": "development",
    # Every story comes from one address; the limits have tests of their own.
    "LIMITS": "off",
    "BANK_BIN": "970405",
    "BANK_ACCOUNT": BANK_ACCOUNT,
    "BANK_ACCOUNT_NAME": "CHO QUE",
    "SEPAY_WEBHOOK_KEY": BANK_KEY,
}


@dataclass(frozen=True)
class Town:
    """A market that is open."""

    address: str
    folder: Path

    def log(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


def seeded(folder: Path) -> Path:
    """The folder of the small market, made by the first who asks (pytest-xdist's others wait)."""
    with (folder / "journeys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "journeys"
        if not made.exists():
            new = folder / "journeys-new"
            new.mkdir()
            _run(new, "-m", "tests.journeys.town")
            new.rename(made)
    return made


def _run(instance: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=_environment(instance), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def _environment(instance: Path, **more: str) -> dict[str, str]:
    return {**os.environ, **SETTINGS, "INSTANCE_PATH": str(instance), **more}


@contextlib.contextmanager
def running(made: Path, folder: Path, since: datetime | None = None, **settings: str) -> Iterator[Town]:
    """The market on a copy of `made`, until the block ends. `since`: its clocks begin at that moment;
    `settings` on top of what every town has."""
    instance = folder / "instance"
    shutil.copytree(made, instance)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        port = listener.getsockname()[1]
        town = Town(f"http://127.0.0.1:{port}", folder)
        environment = _environment(instance, SITE_URL=town.address, **settings)
        server = ["gunicorn", "wsgi:app", "-b", f"fd://{listener.fileno()}", "-k", "gthread", "--threads", "4",
                  "--no-control-socket", "--log-level", "warning"]  # fmt: skip
        commands = {"server": server, "worker": ["flask", "work"]}
        later = ["tests.journeys.later", since.isoformat()] if since is not None else []
        processes = []
        for name, command in commands.items():
            with (folder / f"{name}.log").open("w") as log:
                processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", *later, *command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                        stdout=log, stderr=log, pass_fds=[listener.fileno()],
                    )
                )  # fmt: skip
        try:
            _wait_until_open(port, town, processes)
            yield town
            if since is None:
                # After all of the stories everything still adds up.
                _run(instance, "-m", "flask", "ledger", "check")
                _run(instance, "-m", "flask", "stock", "check")
        finally:
            for process in processes:
                # Whose clock was moved waits by it: it is not asked, and its market is thrown away.
                process.terminate() if since is None else process.kill()
            for process in processes:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait_until_open(port: int, town: Town, processes: list[subprocess.Popen]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert all(process.poll() is None for process in processes), town.log()
        with contextlib.suppress(OSError), closing(HTTPConnection("127.0.0.1", port, timeout=20)) as line:
            line.request("GET", "/login")
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200, town.log()
            return
        time.sleep(0.1)
    raise AssertionError(f"the market did not open in {PATIENCE:.0f} s\n{town.log()}")


def make() -> None:
    """The small market, with its photos in every size, so that the worker has nothing left to do."""
    from marketplace import demo, rulebook
    from marketplace.foundation import jobs
    from marketplace.foundation.audit import SYSTEM
    from marketplace.foundation.db import db, transaction
    from marketplace.search import service as search
    from wsgi import app

    def quietly(_: str) -> None: ...

    with app.app_context():
        db.create_all()
        with transaction():
            rulebook.load(SYSTEM)
        demo.service_points(quietly)
        people = demo.staff()
        demo.goods(people, quietly, only=PRODUCERS)
        _neighbours(people["0900000006"])
        db.session.rollback()
        search.rebuild()
        jobs.run_due()


def _neighbours(reviewer: Any) -> None:
    from marketplace.accounts.models import Role
    from tests import cast
    from tests import make as making

    for number, (name, owner, phone, goods, grams) in enumerate(NEIGHBOURS, 1):
        farm = making.approved_farm(
            cast.another(owner, phone, Role.FARMER),
            reviewer,
            name=name,
            personal_id=making.personal_id(date(1980, 5, 20), last=number),
        )
        making.product(farm, goods, packs=[making.PackDetails(120_000, grams=grams)], set_no=1, stock=200)


if __name__ == "__main__":
    make()
