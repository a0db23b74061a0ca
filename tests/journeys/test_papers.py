"""Papers on their way: a farmer alone is sent back for something, mends it, and the shop opens; a clerk does it with
somebody at the counter."""

import zlib

import pytest

from marketplace.demo import PASSWORD
from tests.journeys.conftest import Way
from tests.journeys.test_selling import approve, come_on_board, photo, register
from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser

CLERK, REVIEWER = "0900000005", "0900000006"


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
    in_the_window(somebody(), farmer, f"Vườn chè chị Hạnh {number}")


def in_the_window(anybody: Walker, farmer: Walker, name: str) -> None:
    """Anybody may look at the farm from now on."""
    farmer.open("/sell/farm")
    code = farmer.text.split("Cài đặt gian hàng · ")[-1].split("Shop settings · ")[-1].split()[0]
    anybody.open(f"/shops/{code}").sees(name, "Tân Cương")


def ask_again(reviewer: Walker, at: str) -> None:
    form = reviewer.form(f"{at}/request")
    reviewer.page.locator(f'details:has(form[action="{at}/request"]) > summary').click()
    reviewer.tick(form.locator('[name="missing"][value="address"]'), True)
    form.locator('[name="reason"]').fill("Hãy ghi thêm tên xóm.")
    reviewer.send(f"{at}/request")


@pytest.mark.parametrize(
    "way", [Way(360, True, "vi"), pytest.param(Way(1280, True, "en"), marks=pytest.mark.full)], ids=str
)
def test_a_walk_in_at_the_counter(somebody, way):
    """The clerk asks and photographs, the slip is ready to print; the reviewer decides; the shop is open."""
    number = (zlib.crc32(str(way).encode()) + 21) % 1_000_000
    phone, clerk = f"0978{number:06d}", somebody()
    clerk.sign_in(CLERK, PASSWORD).open("/post/dossiers/new?procedure=open_farm_shop")
    clerk.fill(name="Hoàng Thị Mận", phone=phone, seen="1").send("/post/dossiers/new")
    clerk.is_at("/post/farms/new")
    clerk.send("/post/farms")
    at = clerk.is_at(r"(?P<at>/post/farms/\w+)/steps/who")["at"]
    clerk.fill(
        kind="household", full_name="Hoàng Thị Mận", born_on="1975-03-02", personal_id=f"019175{number:06d}",
        id_photo=photo(),
    ).send("full_name")  # fmt: skip
    clerk.fill(name=f"Vườn na bà Mận {number}", phone=phone, story="Na dai Võ Nhai.").send("story")
    clerk.choose_address(f"{at}/steps/address", "19", "05503", "Xóm 3").send(f"{at}/steps/address")
    clerk.fill(method="cash").send(f"{at}/steps/payment")
    clerk.is_at(at)
    clerk.send(f"{at}/submission")
    code = clerk.is_at(r"/post/dossiers/(?P<code>\w+)")["code"]
    slip = clerk.page.locator(f'main a[href*="/dossiers/{code}/slips/receipt?"]').first
    sheet = clerk.page.locator(f'main a[href*="/dossiers/{code}/slips/receipt.pdf"]').first
    answer = clerk.page.request.get(clerk.town.address + (sheet.get_attribute("href") or ""))
    assert answer.ok and answer.body().startswith(b"%PDF-")
    clerk.press(slip).sees("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "Hoàng Thị Mận")
    reviewer = somebody().sign_in(REVIEWER, PASSWORD)
    for stage in ("appraisal", "approval"):
        reviewer.open(f"/admin/dossiers/{code}").send(f"/admin/dossiers/{code}/{stage}")
    somebody().open(f"/shops/{at.rsplit('/', 1)[-1]}").sees(f"Vườn na bà Mận {number}", "Tân Cương")
