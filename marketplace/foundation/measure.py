"""How much work an answer was: counted only when DEBUG_HEADERS asks for it, told in headers."""

import time
from typing import Any

from flask import Flask, g, has_request_context
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.wrappers import Response


def attach(app: Flask) -> None:
    """`X-Sql-Count`, `X-Sql-Ms` and `X-App-Ms` on every answer (the last with the database's time in it)."""
    event.listen(Engine, "before_cursor_execute", _before)
    event.listen(Engine, "after_cursor_execute", _after)

    @app.before_request
    def begin() -> None:
        g.measured_from, g.sql_count, g.sql_seconds = time.perf_counter(), 0, 0.0

    @app.after_request
    def tell(answer: Response) -> Response:
        if "measured_from" in g:
            answer.headers["X-Sql-Count"] = str(g.sql_count)
            answer.headers["X-Sql-Ms"] = f"{g.sql_seconds * 1000:.1f}"
            answer.headers["X-App-Ms"] = f"{(time.perf_counter() - g.measured_from) * 1000:.1f}"
        return answer


def _before(connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
    connection.info["began"] = time.perf_counter()


def _after(connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
    if has_request_context() and "sql_count" in g:
        g.sql_count += 1
        g.sql_seconds += time.perf_counter() - connection.info.pop("began", time.perf_counter())
