"""Pictures of a map come from where the market says, and from nowhere when it says nothing."""

import re

import pytest

from config import Settings
from marketplace.app import create_app


@pytest.mark.parametrize(
    ("tiles", "sources"),
    [
        ("", "'self' data: blob:"),
        ("https://tiles.example.vn/{z}/{x}/{y}.png", "'self' data: blob: https://tiles.example.vn"),
        ("/static/tiles/{z}/{x}/{y}.png", "'self' data: blob:"),
    ],
)
def test_the_host_of_the_tiles_may_be_shown_only_when_it_is_set(tmp_path, tiles, sources):
    market = create_app(Settings(app_env="test", map_tiles_url=tiles, instance_path=tmp_path))
    policy = market.test_client().get("/login").headers["Content-Security-Policy"]
    assert re.findall(r"img-src ([^;]+);", policy) == [sources]
    assert policy.count("tiles.example.vn") == ("tiles.example.vn" in tiles), "and only as a picture"
