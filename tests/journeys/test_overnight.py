"""A certificate ends at midnight: in the morning its badge is nowhere."""

import sqlite3
from datetime import datetime, time, timedelta

import pytest

from marketplace.foundation.clock import ZONE
from tests.journeys import town as towns
from tests.journeys.conftest import Way

pytestmark = pytest.mark.browser
BEFORE_MIDNIGHT = timedelta(seconds=10)


@pytest.fixture(scope="module")
def certified(seeded):
    """The product whose star ends last: its code, its stars, its proof, the last day."""
    with sqlite3.connect(seeded / "market.db") as market:
        code, stars, proof, last_day = market.execute(
            "select product.code, stars, certificate.code, valid_until from certificate"
            " join product on product.id = product_id where kind = 'ocop' and certificate.state = 'verified'"
            " order by valid_until desc limit 1"
        ).fetchone()
    return code, stars, proof, datetime.fromisoformat(last_day).date()


@pytest.fixture(scope="module")
def town(seeded, certified, tmp_path_factory):
    """A market that opens ten seconds before that day ends."""
    midnight = datetime.combine(certified[3] + timedelta(days=1), time.min, ZONE)
    with towns.running(seeded, tmp_path_factory.mktemp("midnight"), midnight - BEFORE_MIDNIGHT) as opened:
        yield opened


@pytest.mark.parametrize("way", [Way(360, True, "vi")], ids=str)
def test_the_badge_is_gone_in_the_morning(somebody, certified, way):
    code, stars, proof, _last_day = certified
    buyer = somebody()
    ask = buyer.page.request

    def told(path: str) -> dict:
        return ask.get(buyer.town.address + path).json()

    star = buyer.open(f"/products/{code}").page.locator('main a[href="#certificates"]')
    # The server's own midnight passes, and its worker does what is to be done then.
    buyer.wait_for(lambda: star.count() == 0, "the page shows no star")
    assert told(f"/api/v1/products/{code}")["stars"] is None
    buyer.wait_for(lambda: told(f"/api/v1/products?stars={stars}")["total"] == 0, "the index follows")
    assert {one["value"] for one in told("/api/v1/products")["facets"]["stars"]} == set()
    buyer.open(f"/products?stars={stars}").sees("Chưa tìm thấy")
    buyer.open(f"/certificates/{proof}").sees("Đã hết hạn")
