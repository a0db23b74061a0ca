"""`make run`: the market on this machine. Everything it needs is made on the way, then a server and a worker run until
Ctrl-C.

One process imports the application, looks whether database, demo and index are there (and has the `flask …` commands
make what is missing), and then becomes three by forking: this one watches, one serves, one works. The children end with
this one however it ends; instance/run.lock says who it is.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
SERVER_PROCESSES, SERVER_THREADS = 2, 4
PATIENCE = 10.0
"""Seconds for what a killed start left behind to go away, and for children to end before they are made to."""


def main() -> None:
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    # Some machines ask Python not to keep what it compiled; then every start would compile the house again.
    sys.dont_write_bytecode = False

    port = _asked_port()
    address = f"http://{HOST}:{port}"
    os.environ.setdefault("SITE_URL", address)

    from config import read_settings

    instance = read_settings().instance_path
    instance.mkdir(parents=True, exist_ok=True)
    turn = _take_turn(instance / "run.lock", address)
    listener = _listen(port, turn)

    from scripts import compress, translations

    translations.compile_new()
    compress.compress_new()

    from wsgi import app

    _prepare(app)
    _watch(app, listener, turn, address)


def _asked_port() -> int:
    asked = os.environ.get("PORT", "8000")
    if not asked.isdigit() or not 0 < int(asked) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, not {asked!r}.")
    return int(asked)


# -- who runs already ---------------------------------------------------------------------------------------------


def _take_turn(path: Path, address: str) -> IO[str]:
    """The lock of this market, held until this process ends; in it stands who runs. One start at a time."""
    turn = path.open("a+")
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        turn.seek(0)
        other = _read(turn)
        sys.exit(
            f"The market already runs at {other.get('address', address)} (process {other.get('watcher', '?')})."
        )
    return turn


def _read(turn: IO[str]) -> dict[str, Any]:
    turn.seek(0)
    with contextlib.suppress(ValueError):
        return dict(json.loads(turn.read()))
    return {}


def _write(turn: IO[str], facts: dict[str, Any]) -> None:
    turn.seek(0)
    turn.truncate()
    json.dump(facts, turn)
    turn.flush()


def _listen(port: int, turn: IO[str]) -> socket.socket:
    """The socket people come in by. What a killed start left behind is given a moment to let go of it."""
    left_over = _is_alive(_read(turn).get("server"))
    until = time.monotonic() + (PATIENCE if left_over else 1.0)
    while True:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            listener.close()
            if time.monotonic() < until:
                time.sleep(0.1)
                continue
            sys.exit(f"Port {port} is taken ({error.strerror}). Use another: make run PORT={port + 1}")
        listener.listen(256)
        return listener


def _is_alive(process: int | None) -> bool:
    if not process:
        return False
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


# -- what must be there -------------------------------------------------------------------------------------------


def _prepare(app: "Flask") -> None:
    """Database at its newest, the demo market in it, an index to search."""
    from marketplace import demo
    from marketplace.foundation.db import db

    with app.app_context():
        settings = app.extensions["settings"]
        is_older = not _is_migrated(settings.database)
        if is_older:
            _say("Preparing the database …")
            _flask("db", "upgrade")
        if not _is_migrated(settings.for_practice().database):
            _flask("db", "upgrade", PRACTICE="1")
        if settings.app_env == "development" and not demo.is_complete():
            _say("Filling the demo market, only the first time …")
            _flask("seed", "demo")
        elif is_older:
            _say("Bringing rules and search up to date …")
            _flask("rules", "load")
            _flask("search", "rebuild")
        elif not _is_indexed():
            _say("Building the search index …")
            _flask("search", "rebuild")
        # No connection may cross the fork.
        db.session.remove()
        db.engine.dispose()


def _is_migrated(database: str) -> bool:
    """Whether the database stands at the newest migration. They are numbered in one line, so no Alembic is asked (it
    takes longer to load than the database to answer)."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    newest = max(file.name.partition("_")[0] for file in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    try:
        with create_engine(database, poolclass=NullPool).connect() as connection:
            return connection.scalar(text("SELECT version_num FROM alembic_version")) == newest
    except SQLAlchemyError:
        return False


def _is_indexed() -> bool:
    from marketplace.search import port

    try:
        port.engine().mark()
    except port.SearchUnavailable:
        return False
    return True


def _flask(*command: str, **settings: str) -> None:
    environment = {**os.environ, **settings}
    done = subprocess.run(
        [sys.executable, "-m", "flask", *command], env=environment, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        sys.exit(f"`flask {' '.join(command)}` did not work; what it said is above.")


def _say(text: str) -> None:
    print(text, flush=True)


# -- server and worker --------------------------------------------------------------------------------------------


def _serve(app: "Flask", listener: socket.socket, address: str) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in {
                "bind": [f"fd://{listener.fileno()}"],
                "worker_class": "gthread",
                "workers": SERVER_PROCESSES,
                "threads": SERVER_THREADS,
                "graceful_timeout": 5,
                "limit_request_line": 0,  # only this machine comes in; the market itself cuts a long question
                "control_socket_disable": True,
                "loglevel": "warning",
                "post_fork": lambda _, __: _die_with(os.getppid()),
                "when_ready": lambda _: _greet(app, address),
            }.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    Server().run()


def _work(app: "Flask", listener: socket.socket) -> None:
    listener.close()
    from marketplace.foundation import worker

    worker.work(app, wait=True)


def _greet(app: "Flask", address: str) -> None:
    from marketplace import demo

    _say(f"\nChợ Quê is open: {address}    (Ctrl-C closes it)\n")
    if app.extensions["settings"].app_env == "development":
        for line in demo.accounts_in_words():
            _say(line)
        _say("")


def _watch(app: "Flask", listener: socket.socket, turn: IO[str], address: str) -> None:
    """Start both and wait. A worker that ends is started again; without a server there is nothing to watch."""
    os.set_inheritable(listener.fileno(), True)
    stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: stop.append(number))

    def serve() -> int:
        return _start(lambda: _serve(app, listener, address), turn)

    def work() -> int:
        return _start(lambda: _work(app, listener), turn)

    children = {"server": serve(), "worker": work()}
    listener.close()
    worker_began = time.monotonic()
    while not stop:
        _write(turn, {"watcher": os.getpid(), "address": address, **children})
        ended = _wait(stop)
        if ended == children["server"]:
            _say("The server ended by itself; what it said is above.")
            break
        if ended == children["worker"] and not stop:
            if time.monotonic() - worker_began < 5:
                time.sleep(2)
            _say("The worker ended by itself; starting it again.")
            children["worker"], worker_began = work(), time.monotonic()
    _end(children)
    _write(turn, {})
    sys.exit(0 if stop else 1)


def _wait(stop: list[int]) -> int | None:
    while not stop:
        ended, _ = os.waitpid(-1, os.WNOHANG)
        if ended:
            return ended
        time.sleep(0.2)
    return None


def _start(deed: Callable[[], None], turn: IO[str]) -> int:
    watcher = os.getpid()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        # Ctrl-C is for the watcher; it tells the others.
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _die_with(watcher)
        # The lock is the watcher's: it must end with the watcher alone.
        turn.close()
        deed()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_with(parent: int) -> None:
    """End when the parent ends, however that happens (Linux; elsewhere a left-over is noticed by its port and lock)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _end(children: dict[str, int]) -> None:
    """Let the server finish its answers and the worker its job; then make them."""
    left = set(children.values())
    for name, child in children.items():
        with contextlib.suppress(ProcessLookupError):
            # The worker finishes its job on SIGINT.
            os.kill(child, signal.SIGINT if name == "worker" else signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while left and time.monotonic() < until:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        left.discard(ended)
        if not ended:
            time.sleep(0.05)
    for child in left:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
