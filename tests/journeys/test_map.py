"""The map of an address: with pictures from a server of tiles, and without any, where communes are dots."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cast import PASSWORD
from tests.journeys import town as towns

pytestmark = [pytest.mark.browser, pytest.mark.full]

TILE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000b49444154789c63600002000005"
    "00017a5eab3f0000000049454e44ae426082"
)
"""A picture of one clear point."""


class Tiles(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(TILE)

    def log_message(self, *_said: object) -> None: ...


@pytest.fixture
def tiles() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def open_map(page: Page, address: str, phone: str) -> None:
    """Somebody new begins a shop; at its address they unfold the map."""
    page.goto(f"{address}/register")
    for name, value in {"name": "Hoàng Thị Đồ", "phone": phone, "password": PASSWORD}.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=agree]")
    for path in ("", "/sell/start"):
        if path:
            page.goto(address + path)
        with page.expect_navigation():
            page.locator("main form button:not([name]):not([type=button])").last.click()
    page.goto(f"{address}/sell/start/address")
    page.locator("[data-map] button").first.click()
    page.wait_for_selector(".leaflet-container")


def test_tiles_of_a_server_are_shown_and_a_press_fills_the_pin(
    seeded: Path, tmp_path: Path, browser: Browser, tiles: str
) -> None:
    with towns.running(seeded, tmp_path, MAP_TILES_URL=tiles + "/{z}/{x}/{y}.png") as town:
        page = browser.new_page(viewport={"width": 360, "height": 800})
        page.set_default_timeout(20_000)
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        open_map(page, town.address, "0987000001")
        page.wait_for_selector("img.leaflet-tile-loaded")
        assert Tiles.asked
        assert all(path.endswith(".png") for path in Tiles.asked)
        page.locator(".leaflet-container").click()
        expect(page.locator("[name=pin]")).to_have_value(re.compile(r"\d+\.\d+, \d+\.\d+"))
        assert wrong == []
        page.close()


def test_without_tiles_the_communes_are_dots(town: towns.Town, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.set_default_timeout(20_000)
    open_map(page, town.address, "0987000002")
    page.select_option("select[data-province]", "19", force=True)
    expect(page.locator(".leaflet-container path.map-dot")).to_have_count(92, timeout=20_000)
    assert page.locator("img.leaflet-tile").count() == 0
    page.close()
