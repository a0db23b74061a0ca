"""Somebody comes with nothing but a phone, and sells tea in the end."""

import io
import zlib

import pytest
from PIL import Image

from marketplace.demo import PASSWORD
from tests.journeys.town import ROOT
from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser

REVIEWER = "0900000006"


def test_from_registration_to_a_published_product(somebody, way):
    number = zlib.crc32(str(way).encode()) % 1_000_000
    phone, name = f"0977{number:06d}", f"Chè búp nhà chị Hạnh {number}"
    farmer = somebody()
    register(farmer, phone, somebody())
    code = come_on_board(farmer, phone, number)
    approve(somebody(), code)
    product = list_tea(farmer, name)
    look_at(somebody(), name)
    in_the_shop_window(somebody(), name, product)


def register(farmer: Walker, phone: str, handset: Walker) -> None:
    """An account, and the code that comes to the phone."""
    farmer.open("/register").fill(
        name="Đặng Thị Hạnh", phone=phone, password="che xanh thai nguyen", agree="1"
    )
    farmer.send("/register")
    letters = handset.open("/dev/outbox").page.locator("li", has_text=f"{phone[:4]} {phone[4:7]} {phone[7:]}")
    handset.wait_for(lambda: letters.locator("strong.code").count() > 0, "the code comes by SMS")
    farmer.fill(code=letters.locator("strong.code").first.inner_text()).send("/account/phone/confirmation")


def come_on_board(farmer: Walker, phone: str, number: int) -> str:
    """The four steps, then the dossier is handed in; its code."""
    farmer.open("/sell/start").send("/sell/start")
    farmer.is_at("/sell/start/who")
    farmer.fill(
        kind="household", full_name="Đặng Thị Hạnh", born_on="1980-05-19", personal_id=f"019180{number:06d}"
    )
    farmer.send("full_name")
    farmer.is_at("/sell/start/farm")
    farmer.fill(
        name=f"Vườn chè chị Hạnh {number}", phone=phone, story="Ba sào chè trung du, tự hái tự sao."
    ).send("story")
    farmer.is_at("/sell/start/address")
    farmer.choose_address("/sell/start/address", "19", "05503", "Xóm Hồng Thái 2")
    farmer.send("/sell/start/address")
    farmer.is_at("/sell/start/payment")
    farmer.fill(method="cash").send("/sell/start/payment")
    farmer.is_at("/sell/start")
    farmer.send("/sell/start/submission")
    link = farmer.page.locator('main a[href^="/dossiers/"]').first.get_attribute("href") or ""
    return link.split("/")[2].split("?")[0]


def approve(reviewer: Walker, code: str) -> None:
    """Received, appraised, approved."""
    reviewer.sign_in(REVIEWER, PASSWORD)
    reviewer.open("/admin/dossiers").follow(f"/admin/dossiers/{code}")
    for stage in ("reception", "appraisal", "approval"):
        reviewer.open(f"/admin/dossiers/{code}").send(f"/admin/dossiers/{code}/{stage}")


def list_tea(farmer: Walker, name: str) -> str:
    """Everything on one page: photo, name, pack, price, how much there is; the code of the product."""
    farmer.open("/sell").open("/sell/products").follow("/sell/products/new")
    return fill_in_tea(farmer, name)


def fill_in_tea(farmer: Walker, name: str) -> str:
    """The one page itself; the code of the product."""
    farmer.fill(photos=photo(), name=name, amount="100", unit="g", price_dong="145k", quantity="20")
    farmer.send("/sell/products/new")
    return farmer.is_at(r"/sell/products/(?P<code>\w+)")["code"]


def look_at(reviewer: Walker, name: str) -> None:
    """The first listing of a new farm shows once somebody has looked."""
    reviewer.sign_in(REVIEWER, PASSWORD)
    reviewer.open("/admin/listings").press(reviewer.page.locator("main table a", has_text=name).first)
    reviewer.press(reviewer.page.locator('form[action$="/acceptance"] button').first)


def photo() -> dict:
    """A picture as a phone sends it: a JPEG that lies on its side, and says where it was taken."""
    with Image.open(ROOT / "demo/pictures/DEMO-001.webp") as picture:
        exif = Image.Exif()
        exif[0x0112] = 6
        exif.get_ifd(0x8825)[1] = "N"
        out = io.BytesIO()
        picture.convert("RGB").rotate(90, expand=True).save(out, "JPEG", quality=88, exif=exif)
    return {"name": "IMG_2031.JPG", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def in_the_shop_window(buyer: Walker, name: str, product: str) -> None:
    """Whoever looks for it finds it, with its photo."""
    found = buyer.open("/products?q=che+bup+nha+chi+hanh").page.locator(
        f'main a[href^="/products/{product}"]'
    )
    buyer.wait_for(lambda: found.count() > 0, "the index follows")
    buyer.follow(f"/products/{product}").sees(name, "145.000 ₫", "Tân Cương")
    picture = buyer.page.locator("main picture img").first
    buyer.wait_for(lambda: picture.evaluate("e => e.complete && e.naturalWidth > 0"), "the photo is shown")
