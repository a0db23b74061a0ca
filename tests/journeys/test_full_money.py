"""All the money of a market, once round, in a browser: two farms; a transfer the bank tells of, a card, cash at the door
and at a counter; less supplied than ordered, a claim, a parcel refused at the door, a carrier's list that is short, a
payout that bounced and went again, the month's tax. Nobody is owed anything in the end, and the pages say so.

The rules one by one are in tests/payments; the same story without a browser is test_all_the_money.py there.
"""

import csv
import io
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from openpyxl import load_workbook
from PIL import Image

from marketplace.demo import PASSWORD
from tests.doubles import bank, stripe
from tests.journeys import town as towns
from tests.journeys.conftest import Way
from tests.journeys.test_buying import TEA, amount, fill_the_cart, put_in, to_the_till
from tests.journeys.test_delivering import FARMER, PHONE_ENDS, call_the_buyer, calls_to_make
from tests.journeys.town import BANK_ACCOUNT, BANK_KEY, Town
from tests.journeys.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("way", [Way(1280, True, "vi")], ids=str)]

SHRIMPER, CLERK, CASHIER, ADMIN = "0900000003", "0900000005", "0900000007", "0900000008"
TEA_FARM, SHRIMP_FARM = "HTX Chè Hảo Đạt", "HTX Tân Phát Lợi"
SECRET = "whsec_of_the_journey"
MONEY = "/admin/money"
NOT_WANTED = "4"


class Bought(NamedTuple):
    """An order: its code, and where its buyer sees it; a guest keeps that address."""

    code: str
    page: str


@pytest.fixture
def card_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def town(seeded: Path, tmp_path: Path, card_port: int) -> Iterator[Town]:
    """A town of its own, whose books are empty when the story begins, with a card company."""
    cards = {
        "STRIPE_SECRET_KEY": "sk_test_journey",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": f"http://127.0.0.1:{card_port}",
    }
    with (
        towns.running(seeded, tmp_path, **cards) as opened,
        stripe.running(SECRET, opened.address, card_port),
    ):
        # Cooperatives declare their tax themselves; from what a household sells the market withholds it.
        asked(opened, "UPDATE farm SET kind = 'household' WHERE name = ?", SHRIMP_FARM)
        yield opened


def test_every_dong_once_round(somebody, town: Town, card_port: int):
    looked_at: list[str] = []

    def someone(phone: str = "") -> Walker:
        walker = somebody()
        walker.is_in_a_hurry, walker.seen = True, looked_at
        walker.abroad = (f"http://127.0.0.1:{card_port}/",)
        return walker.sign_in(phone, PASSWORD) if phone else walker

    an, binh, lan = someone(FARMER), someone(SHRIMPER), someone()
    clerk, cashier, boss = someone(CLERK), someone(CASHIER), someone(ADMIN)
    open_the_drawer(clerk)

    transferred = pay_by_transfer(lan, town)
    by_card = pay_by_card(lan)
    at_counter = pay_at_the_counter(lan, clerk)
    at_door = order_cash_at_the_door(lan, an)

    # An has one box less than was paid by transfer; the rest goes as ordered. Nobody takes the shrimp at the door.
    tea_short = send(an, transferred, less=True)
    tea = [send(an, bought) for bought in (by_card, at_counter, at_door)]
    shrimp, shrimp_refused = send(binh, transferred), send(binh, at_door)
    for number in (tea_short, *tea, shrimp):
        hand_out(clerk, number)
    refuse(clerk, shrimp_refused)

    refund_by_claim(lan, binh, transferred)
    send_money_back(lan, cashier, boss, transferred)
    remit(cashier, tea[-1], town)
    count_the_drawer(clerk, town)
    pay_farms(cashier, boss, town)

    nobody_is_owed_anything(town)
    pages_agree(an, binh, lan, boss, town, transferred)


# -- the buyer pays ------------------------------------------------------------------------------------------------


def order_cash_at_the_door(lan: Walker, an: Walker) -> Bought:
    """Tea and shrimp; somebody new is called before anything is sent."""
    calls = calls_to_make(an)
    fill_the_cart(lan)
    to_the_till(lan, "cod")
    bought = bought_at(lan.send("/checkout"))
    call_the_buyer(an, calls)
    return bought


def bought_at(lan: Walker) -> Bought:
    """The order the buyer has come to, straight or over its pay page."""
    if lan.path.startswith("/pay/"):
        lan.follow("/account/orders/")
    return Bought(lan.is_at(r"/account/orders/(?P<code>\w+)")["code"], lan.page.url)


def pay_by_transfer(lan: Walker, town: Town) -> Bought:
    put_in(lan, "che tan cuong", TEA)
    fill_the_cart(lan)
    total = to_the_till(lan, "vietqr")
    lan.send("/checkout")
    payment = lan.is_at(r"/pay/(?P<code>\w+)")["code"]
    with bank.running(BANK_KEY, town.address, "hmac") as ours:
        content = f"MBVCB.123.{payment[:4]} {payment[4:]} CT tu"
        assert ours.transfer(content=content, amount=amount(total), account=BANK_ACCOUNT, times=2) == [
            200,
            200,
        ]
    lan.wait_for(lambda: not lan.page.locator("[data-follow]").count(), "the bank's word is heard")
    return bought_at(lan)


def pay_by_card(lan: Walker) -> Bought:
    put_in(lan, "che tan cuong", TEA)
    total = to_the_till(lan, "card", farms=1)
    lan.send("/checkout")
    lan.is_at(r"/pay/\w+")
    lan.page.locator('main a[href*="/card"]').first.click()
    lan.page.wait_for_url("**/c/pay/**")
    assert int(re.sub(r"\D", "", lan.page.locator("#amount").inner_text())) == amount(total)
    lan.page.get_by_role("button", name="Pay").click()
    lan.page.wait_for_url("**/pay/*returned=1*")
    lan.wait_for(lambda: not lan.page.locator("[data-follow]").count(), "the card company's word is heard")
    return bought_at(lan)


def pay_at_the_counter(lan: Walker, clerk: Walker) -> Bought:
    put_in(lan, "che tan cuong", TEA)
    total = to_the_till(lan, "counter", farms=1)
    lan.send("/checkout")
    payment = lan.is_at(r"/pay/(?P<code>\w+)")["code"]
    clerk.open("/post/till/pay-ins").fill(q=payment).send("/post/till/pay-ins").sees(total)
    clerk.send(f"/post/till/pay-ins/{payment}").sees(total)
    lan.wait_for(lambda: not lan.page.locator("[data-follow]").count(), "the counter's word is heard")
    return bought_at(lan)


# -- the goods -----------------------------------------------------------------------------------------------------


def send(farmer: Walker, bought: Bought, less: bool = False) -> str:
    """Accepted, perhaps one pack less, packed, handed over; the number on the parcel."""
    farmer.open("/sell/orders?view=new")
    links = [
        str(link.get_attribute("href")) for link in farmer.page.locator('main a[href^="/sell/orders/"]').all()
    ]
    (order_page,) = {link for link in links if "?" not in link and belongs(farmer.town, link, bought)}
    farmer.open(order_page).send(f"{order_page}/acceptance")
    if less:
        farmer.page.locator("#supply > summary").click()
        quantity = farmer.page.locator('#supply [name^="quantity-"]').first
        quantity.fill(str(int(quantity.input_value()) - 1))
        farmer.fill(why="Mẻ mới chưa sao xong", is_agreed="y").send("why")
    for deed in ("packing", "handover"):
        farmer.send(f"{order_page}/{deed}")
    return str(farmer.page.locator("main").get_by_text("VN").first.inner_text().strip())


def belongs(town: Town, link: str, bought: Bought) -> bool:
    """A farm's part has a code of its own; which order it is of, the books know."""
    query = "SELECT order_.code FROM order_ JOIN farm_order ON order_.id = order_id WHERE farm_order.code = ?"
    return one(town, query, link.rsplit("/", 1)[1]) == (bought.code,)


def hand_out(clerk: Walker, number: str) -> None:
    clerk.open("/post").fill(tracking=number, event="at_point").send("/post/scans")
    clerk.open(f"/post/parcels/{number}/handout").fill(proof=PHONE_ENDS).send(
        f"/post/parcels/{number}/handout"
    )
    clerk.is_at("/post")


def refuse(clerk: Walker, number: str) -> None:
    """The buyer does not want it; it goes back and arrives."""
    clerk.open("/post").fill(tracking=number, event="at_point").send("/post/scans")
    clerk.open(f"/post/parcels/{number}").tell(f"/post/parcels/{number}/failure", reason=NOT_WANTED)
    back = clerk.open(f"/post/parcels/{number}").page.locator('main form:has([value="returning"]) button')
    clerk.press(back.first)
    clerk.open("/post").fill(tracking=number, event="returned").send("/post/scans")


# -- money back ----------------------------------------------------------------------------------------------------


def refund_by_claim(lan: Walker, binh: Walker, bought: Bought) -> None:
    """The shrimp is damp: Lan shows it, Bình gives 60.000 back."""
    lan.open(bought.page)
    part = lan.page.locator('main a[href*="/claims/new"]').last
    lan.follow(part)
    picture = io.BytesIO()
    Image.new("RGB", (600, 400), "brown").save(picture, "JPEG")
    photo = {"name": "tom.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    lan.tell(
        f"/account/orders/{bought.code}/claims/new",
        reason="spoiled", words="Tôm bị ẩm", asked="60.000", photos=[photo],
    )  # fmt: skip
    claim = lan.is_at(rf"/account/orders/{bought.code}/claims/(?P<code>\w+)")["code"]
    binh.open(f"/sell/claims/{claim}").tell(f"/sell/claims/{claim}/answer", agrees="yes")
    lan.open(bought.page).sees("60.000")


def send_money_back(lan: Walker, cashier: Walker, boss: Walker, bought: Bought) -> None:
    """Lan writes where to; one draws the list up, another approves it, the first sends it."""
    at = f"/account/orders/{bought.code}/refund-account"
    lan.open(bought.page).follow(at)
    lan.tell(at, bank="970436", number="0123456789", holder="TRAN THI LAN").sees("•••• 6789")
    cashier.open(MONEY).send(f"{MONEY}/refund-lists")
    action = str(
        boss.open(MONEY)
        .page.locator('form[action*="/refund-lists/"][action$="/approval"]')
        .get_attribute("action")
    )
    boss.send(action)
    cashier.open(MONEY).tell(action.replace("approval", "sending"), reference="FT-HOAN")
    assert not cashier.page.locator('form[action$="/sending"]').count()


# -- the post and the farms ----------------------------------------------------------------------------------------


def remit(cashier: Walker, number: str, town: Town) -> None:
    """The post pays the door's cash in, a thousand short, then the rest; the counter's by hand."""
    (collected,) = one(town, "SELECT received_dong FROM payment WHERE state = 'collected'")
    for name, sum_ in (("ngay-7.csv", collected - 1_000), ("ngay-8.csv", 1_000)):
        sheet = f"so hieu buu gui;tien thu ho\n{number};{sum_}\n".encode()
        cashier.open(f"{MONEY}/cod").tell(
            f"{MONEY}/remittances", file={"name": name, "mimeType": "text/csv", "buffer": sheet}
        )
        here = cashier.is_at(rf"{MONEY}/remittances/\w+")[0]
        cashier.tell(f"{here}/settlement", received=str(sum_), reference=f"FT-{name}")
    cashier.open(f"{MONEY}/cod").tell(f"{MONEY}/cod-remittances", reference="FT-QUAY")
    assert not {"post_cod", "counter_cash"} & set(balances(town))


def pay_farms(cashier: Walker, boss: Walker, town: Town) -> None:
    """Two working days later: listed, approved by another, sent; one transfer bounces and goes again; all arrive."""
    at = f"{MONEY}/payouts"
    for round_ in (1, 2):
        asked(town, "UPDATE payout SET due_on = date('now', '-3 day') WHERE state = 'due'")
        cashier.open(at).send(f"{MONEY}/batches")
        for action in actions(boss.open(at), "/batches/", "/approval"):
            boss.send(action)
        for action in actions(cashier.open(at), "/batches/", "/sending"):
            cashier.tell(action, reference=f"FT-{round_}")
        if round_ == 1:
            bounce = actions(cashier.open(at), "/slips/", "/bounce")[0]
            unfold(cashier, bounce)
            cashier.tell(bounce, reason="Sai tên chủ tài khoản")
            while release := actions(cashier, "/payouts/", "/release"):
                cashier.send(release[0])
    while arrival := actions(cashier.open(at), "/slips/", "/arrival"):
        unfold(cashier, arrival[0])
        cashier.send(arrival[0])


def actions(walker: Walker, begin: str, end: str) -> list[str]:
    found = walker.page.locator(f'form[action*="{begin}"][action$="{end}"]').all()
    return [str(form.get_attribute("action")) for form in found]


def unfold(walker: Walker, action: str) -> None:
    walker.page.locator(f'details:has(form[action="{action}"]) > summary').last.click()


def open_the_drawer(clerk: Walker) -> None:
    clerk.open("/post")
    clerk.press(clerk.page.get_by_role("button", name="Cầu Giấy"))
    clerk.open("/post/till").tell("/post/till/opening", float="1.000.000")


def count_the_drawer(clerk: Walker, town: Town) -> None:
    """What the drawer took over the counter and for parcels goes to the safe; the float is left, in two notes."""
    (taken,) = one(town, "SELECT SUM(amount_dong) FROM till_move")
    clerk.open("/post/till").tell("/post/till/moves", cause="to_safe", amount=str(taken))
    clerk.tell("/post/till/count", n500000="2")
    assert one(town, "SELECT state FROM till") == ("balanced",)
    clerk.send("/post/till/closing")


# -- the end -------------------------------------------------------------------------------------------------------


def nobody_is_owed_anything(town: Town) -> None:
    """The ledger sums to zero, and so does every account of a buyer, a farm or money on its way."""
    left = balances(town)
    assert sum(left.values()) == 0
    assert set(left) == {"bank", "stripe", "carrier", "tax_withheld", "losses"}


def pages_agree(an: Walker, binh: Walker, lan: Walker, boss: Walker, town: Town, bought: Bought) -> None:
    """The market's pages, the farms' and the buyer's, their statements and tax sheets say what the books say."""
    left = balances(town)
    now, month = boss.open(MONEY).text, boss.open(f"{MONEY}/books").text
    for account, amount_dong in left.items():
        assert shown(abs(amount_dong)) in month, account
    for account in ("bank", "carrier", "tax_withheld"):
        assert shown(abs(left[account])) in now, account

    withheld = 0
    for farmer, farm in ((an, TEA_FARM), (binh, SHRIMP_FARM)):
        got, taken = one(
            town,
            "SELECT SUM(net_dong), SUM(deducted_dong) FROM payout_slip JOIN farm ON farm.id = farm_id"
            " WHERE payout_slip.state = 'settled' AND name = ?",
            farm,
        )
        farmer.open("/sell/money").sees(shown(got))
        statement = fetched(farmer, "/sell/money/statement.csv").decode("utf-8-sig")
        *_, last = csv.reader(io.StringIO(statement))
        assert last[4] == "0", statement
        sold, taxes = tax_sheet(farmer)
        assert got == sold - taxes
        assert bool(taxes) == bool(taken) == (farmer is binh)
        withheld += taxes
    assert withheld == -left["tax_withheld"]

    (given_back,) = one(town, "SELECT refunded_dong FROM payment WHERE method = 'vietqr'")
    refunds = [dong for (dong,) in asked(town, "SELECT amount_dong FROM refund")]
    assert given_back == sum(refunds)
    lan.open(bought.page).sees(*map(shown, refunds))


def tax_sheet(farmer: Walker) -> tuple[int, int]:
    """What the month's sheet says was sold, and what was withheld of it."""
    sheet = load_workbook(io.BytesIO(fetched(farmer, "/sell/money/tax.xlsx"))).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    return sum(row[4] for row in rows), sum(row[6] + row[8] for row in rows)


def fetched(walker: Walker, path: str) -> bytes:
    answer = walker.page.request.get(walker.town.address + path)
    assert answer.ok, path
    return answer.body()


def shown(dong: int) -> str:
    return f"{dong:,}".replace(",", ".")


# -- the books themselves ------------------------------------------------------------------------------------------


def asked(town: Town, query: str, *values: str) -> list[tuple]:
    with closing(sqlite3.connect(town.folder / "instance" / "market.db")) as books, books:
        return books.execute(query, values).fetchall()


def one(town: Town, query: str, *values: str) -> tuple:
    return asked(town, query, *values)[0]


def balances(town: Town) -> dict[str, int]:
    """The accounts that are not at zero."""
    query = "SELECT account, SUM(amount_dong) FROM ledger_line GROUP BY account HAVING SUM(amount_dong) <> 0"
    return dict(asked(town, query))
