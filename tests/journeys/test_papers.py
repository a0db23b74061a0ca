"""Papers on their way: a farmer is sent back for something, mends it, and the shop opens."""

import zlib

import pytest

from marketplace.demo import PASSWORD
from tests.journeys.test_selling import approve, come_on_board, register
from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser

REVIEWER = "0900000006"


def test_sent_back_for_papers_and_in_again(somebody, way):
    """The reviewer asks for the address once more; the farmer mends it and the shop opens."""
    number = (zlib.crc32(str(way).encode()) + 7) % 1_000_000
    phone, farmer = f"0979{number:06d}", somebody()
    register(farmer, phone, somebody())
    code = come_on_board(farmer, phone, number)
    reviewer = somebody()
    reviewer.sign_in(REVIEWER, PASSWORD)
    at = f"/admin/dossiers/{code}"
    reviewer.open(at).send(f"{at}/reception")
    ask_again(reviewer, at)
    farmer.open("/sell/start").sees("Hãy ghi thêm tên xóm.")
    farmer.open("/sell/start/address").choose_address(
        "/sell/start/address", "19", "05503", "Xóm Hồng Thái 2, số 5"
    )
    farmer.send("/sell/start/address")
    farmer.open("/sell/start").send("/sell/start/submission")
    approve(somebody(), code)
    farmer.open("/sell").is_at("/sell")


def ask_again(reviewer: Walker, at: str) -> None:
    form = reviewer.form(f"{at}/request")
    reviewer.page.locator(f'details:has(form[action="{at}/request"]) > summary').click()
    form.locator('[name="missing"][value="address"]').check(force=True)
    form.locator('[name="reason"]').fill("Hãy ghi thêm tên xóm.")
    reviewer.send(f"{at}/request")
