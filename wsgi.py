"""The market, and the practice market mounted beside it. `gunicorn wsgi:app`; `flask …` finds `app` here too."""

import gc
from collections.abc import Iterable
from threading import Lock
from typing import Any

from flask import Flask

from config import Settings, read_settings
from marketplace.app import create_app, make_ready


class PracticeMarket:
    """The second market under /practice: the same application on its own database, both made when first asked for, so
    that the real market's start and memory do not pay for them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.for_practice()
        self.app: Flask | None = None
        self.lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self.lock:
            if self.app is None:
                made = create_app(self.settings)
                make_ready(made)
                self.app = made
        return self.app.wsgi_app(environ, start_response)


class Street:
    """/practice goes to the practice market, everything else to the real one."""

    def __init__(self, market: Any, practice: Any) -> None:
        self.market, self.practice = market, practice

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != "/practice" and not path.startswith("/practice/"):
            return self.market(environ, start_response)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/practice"
        environ["PATH_INFO"] = path.removeprefix("/practice") or "/"
        return self.practice(environ, start_response)


settings = read_settings()
app = create_app(settings)
if not settings.practice:
    app.wsgi_app = Street(app.wsgi_app, PracticeMarket(settings))  # type: ignore[method-assign]

# What the start made stays for good: the collector need not look through it again and again while pages are served.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
