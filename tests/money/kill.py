"""A process that is killed at a named point: forked, armed, gone. What it left is then looked at from here."""

import os
import signal
from collections.abc import Callable

from flask import Flask

from marketplace.foundation import faults
from marketplace.foundation.db import db


def killed_at(app: Flask, name: str, deed: Callable[[], object]) -> None:
    """Do the deed in a process of its own that gets SIGKILL at the point. Fails when the point is never reached."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            faults.arm(lambda here: os.kill(os.getpid(), signal.SIGKILL) if here == name else None)
            deed()
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"{name} was never reached"
