"""Addresses in templates: what `url_for` built once is not built again.

An address follows from the endpoint, its values and where the market hangs, from nothing else of a visit; the two
markets of one process hang in different places, so each has a table of its own.
"""

from functools import lru_cache
from typing import Any

import flask
from flask import current_app, request

TABLE = "addresses"


def attach(app: flask.Flask) -> None:
    """Templates of this market find `url_for` here."""

    @lru_cache(maxsize=4_096)
    def built(root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        return flask.url_for(endpoint, **dict(values))

    app.extensions[TABLE] = built
    app.jinja_env.globals["url_for"] = address


def address(endpoint: str, **values: Any) -> str:
    """`url_for`, by the table where it can be: not for whole addresses, nor for parts of this very visit."""
    if endpoint.startswith(".") or any(name.startswith("_") for name in values):
        return flask.url_for(endpoint, **values)
    try:
        return str(current_app.extensions[TABLE](request.script_root, endpoint, tuple(values.items())))
    except TypeError:  # a list, say: no key of a table
        return flask.url_for(endpoint, **values)
