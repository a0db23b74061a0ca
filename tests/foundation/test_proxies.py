"""Behind a proxy the visitor's address and scheme are read from its headers, and from nobody else's."""

import pytest
from flask import request

from config import Settings
from marketplace.app import create_app


@pytest.mark.parametrize(
    ("proxies", "address", "scheme"),
    [(0, "127.0.0.1", "http"), (1, "203.0.113.7", "https"), (2, "198.51.100.1", "http")],
)
def test_the_visitors_address(tmp_path, proxies, address, scheme):
    market = create_app(Settings(app_env="test", proxies=proxies, instance_path=tmp_path))
    seen = {}

    @market.before_request
    def look() -> str:
        seen.update(address=request.remote_addr, scheme=request.scheme)
        return "seen"

    market.test_client().get(
        "/", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7", "X-Forwarded-Proto": "https"}
    )
    assert seen == {"address": address, "scheme": scheme}
