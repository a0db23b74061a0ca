"""The same person, quickly: when a story walks a way again that it has just walked before the eyes of the browser, it
sends the same forms over the same session without painting the pages. Each page is read all the same, as `tests.visit`
reads it: valid, labelled, whole."""

from typing import Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from tests.journeys.walker import Walker
from tests.visit import HOST, Visitor

NOT_KEPT = ("content-encoding", "content-length", "transfer-encoding", "set-cookie")


class Answer(Response):
    """What the town answered."""

    @property
    def text(self) -> str:
        return self.get_data(as_text=True)


class Quick(Visitor):
    """Pages and forms of this person's browser, as requests. A form with a file is for the browser itself."""

    def __init__(self, walker: Walker) -> None:
        self.walker, self.last = walker, None
        self.address = walker.town.address

    def raw(self, method: str, path: str, **how: Any) -> Any:
        headers = {
            name: value.replace(HOST, self.address) for name, value in (how.get("headers") or {}).items()
        }
        fields = how.get("data") or {}
        assert not any(isinstance(value, list) for value in fields.values()), (
            f"{path}: a field stands there twice"
        )
        asked = {"form": dict(fields)} if method == "POST" else {}
        got = self.walker.page.context.request.fetch(
            self.address + path, method=method, headers=headers, max_redirects=0, **asked
        )
        # Already unpacked; several cookies stand in one header here, and the browser has kept them.
        kept = {name: value for name, value in got.headers.items() if name not in NOT_KEPT}
        if "location" in kept:
            parts = urlsplit(kept["location"])
            kept["location"] = parts.path + (f"?{parts.query}" if parts.query else "")
        return Answer(got.body(), got.status, kept)
