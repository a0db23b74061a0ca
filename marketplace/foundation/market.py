"""The market that is running: its settings, and which vendor stands behind each port.

There are two markets in one process (the real one and the practice market), so what is plugged in belongs to the
application, not to a module.
"""

from typing import TYPE_CHECKING, Any

from flask import Flask, current_app

if TYPE_CHECKING:
    from config import Settings


def settings() -> "Settings":
    """The settings of the market that is running."""
    found: Settings = current_app.extensions["settings"]
    return found


def plug(app: Flask, port: str, adapter: Any) -> None:
    """Put an adapter behind a port of this market (the switchboard says which)."""
    app.extensions.setdefault("ports", {})[port] = adapter


def plugged(port: str) -> Any:
    """What stands behind the port."""
    return current_app.extensions["ports"][port]
