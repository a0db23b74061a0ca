"""Papers on their way: a walk-in at a counter, from the door to the result; and a farmer sent back for something."""

import zlib

import pytest

from marketplace.demo import PASSWORD
from marketplace.foundation import clock
from tests.journeys.test_selling import approve, come_on_board, photo, register
from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser

CLERK, REVIEWER = "0900000005", "0900000006"
KEY = "civil_status_copy"


def test_a_walk_in_with_a_clerk_at_a_counter(somebody, way):
    """Papers photographed, the slip, the list to the commune, what it decided, the fee and the result."""
    number = zlib.crc32(str(way).encode()) % 1_000_000
    clerk = somebody()
    clerk.sign_in(CLERK, PASSWORD)
    clerk.open("/post/dossiers").follow("/post/dossiers/new")
    clerk.fill(procedure=KEY, name="Hoàng Thị Mận", phone=f"0978{number:06d}", seen="1")
    clerk.send("/post/dossiers/new")
    code = clerk.is_at(r"/post/dossiers/(?P<code>\w+)")["code"]
    at = f"/post/dossiers/{code}"
    facts = {
        "full_name": "Hoàng Thị Mận",
        "born_on": "1975-03-02",
        "personal_id": f"019175{number:06d}",
        "address": "Xóm Hồng Thái 2",
        "kind": "birth",
        "of_whom": "Hoàng Văn Sơn",
        "copies": "2",
    }
    clerk.fill(**{f"fact_{key}": value for key, value in facts.items()}).send(f"{at}/facts")
    for kind in ("id_photo", "form"):
        form = clerk.form(f"{at}/papers/{kind}")
        form.locator('input[type="file"]').set_input_files(photo())
        clerk.send(f"{at}/papers/{kind}")
    clerk.send(f"{at}/reception")
    slip = clerk.page.locator(f'main a[href*="/dossiers/{code}/slips/receipt?"]').first
    address = slip.get_attribute("href") or ""
    # The customer reads the slip on their own phone, without signing in.
    customer = somebody()
    customer.open(address).sees("TNHS", "8.000")
    customer.open(f"/dossiers/{code}?{address.partition('?')[2]}")
    clerk.open("/post/hand-overs").send("/post/hand-overs/to_agency")
    clerk.is_at(r"/post/hand-overs/\w+")
    clerk.open("/post/hand-overs").send("/post/hand-overs/from_agency")
    clerk.open(at).fill(outcome="approved", number="125/UBND-TP", signed_on=clock.today().isoformat())
    clerk.fill(scan=photo()).send(f"{at}/agency-decision")
    clerk.send(f"{at}/fee")
    clerk.fill(taker="Hoàng Thị Mận, căn cước").send(f"{at}/result")
    clerk.is_at("/post/dossiers")
    clerk.open(at).sees("125/UBND-TP")


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
