"""Three farms of one commune send together: the postman picks up on one trip, its saving is split in the open, one
parcel is refused at the door and goes home, the drawer balances. The buyer, who has no account, follows it all."""

from collections.abc import Sequence, Set

import pytest

from marketplace.demo import PASSWORD
from marketplace.foundation.money import dong
from marketplace.payments.models import BANKNOTES
from tests import cast
from tests.journeys.conftest import FULL, SHORT, Way
from tests.journeys.test_buying import TEA, amount, put_in, to_the_till
from tests.journeys.test_delivering import CLERK, FARMER, PHONE_ENDS, calls_to_make, new_orders
from tests.journeys.town import NEIGHBOURS
from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser

USUAL = Way(360, True, "vi")
WAYS = (USUAL, *(pytest.param(way, marks=pytest.mark.full) for way in (*SHORT, *FULL) if way != USUAL))
HERE, THERE = "Tân Cương", "Cầu Giấy"
REFUSED = "4"
"""Among the reasons why a parcel could not be handed out: whom it goes to does not want it."""
GRAMS = (700, 1_250, 600)
"""What the scales say: tea, dried bamboo, noodles."""

DELIVERED = {"vi": "Đã giao", "en": "Delivered"}
RETURNED = {"vi": "Đã hoàn về nhà vườn", "en": "Returned to the farm"}
BALANCED = {"vi": "Khớp sổ", "en": "Fits the books"}


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_shared_trip_a_refusal_at_the_door_and_a_drawer_that_balances(somebody, way):
    seen: list[str] = []

    def walk_in() -> Walker:
        walker = somebody()
        walker.is_in_a_hurry, walker.seen = True, seen
        return walker

    farmer, guest = walk_in().sign_in(FARMER, PASSWORD), walk_in()
    orders, calls = new_orders(farmer), calls_to_make(farmer)
    order = order_of_three(walk_in(), phone_of(way))
    accept(farmer, orders, calls)
    for _farm, _owner, phone, *_goods in NEIGHBOURS:
        accept(walk_in().sign_in(phone, cast.PASSWORD))

    clerk = walk_in().sign_in(CLERK, PASSWORD)
    numbers = pick_up(clerk)
    shares, saved = close_the_trip(clerk)
    assert 0 < sum(shares) == saved
    guest.open(order).sees(*map(dong, shares), dong(saved))

    at_the_counter(clerk).send("/post/departures")
    stand_at(clerk, THERE)
    scan(clerk, "at_point", *numbers)
    before = in_the_drawer(clerk)
    wanted, refused = (numbers[0], numbers[2]), numbers[1]
    taken = sum(hand_out(clerk, number) for number in wanted)
    send_back(clerk, refused)
    guest.open(order).sees(DELIVERED[guest.language], RETURNED[guest.language])
    guest.follow(f"/tracking/{refused}")
    guest.sees(HERE, THERE)

    stand_at(clerk, THERE)
    assert in_the_drawer(clerk) == before + taken
    count_the_drawer(clerk, before + taken)


def phone_of(way: Way) -> str:
    """Each telling has a buyer of its own: who left parcels at the door before pays ahead."""
    number = 1 + 4 * (way.width > 360) + 2 * way.has_script + (way.language == "en")
    return f"0912 {number:02} {PHONE_ENDS}"


def order_of_three(buyer: Walker, phone: str) -> str:
    """Goods of the three farms in one cart, paid at the door; the secret link to the order."""
    put_in(buyer, "che tan cuong", TEA)
    for _farm, _owner, _phone, goods, _grams in NEIGHBOURS:
        put_in(buyer, goods, goods)
    to_the_till(buyer, "cod", farms=3, phone=phone)
    buyer.send("/checkout")
    buyer.is_at(r"/account/orders/\w+")
    assert "key=" in buyer.page.url
    return buyer.page.url


def accept(farmer: Walker, orders: Set[str] = frozenset(), calls: Set[str] = frozenset()) -> None:
    """The farm calls the buyer where nobody has yet, says yes, and waits for the postman. `orders` and `calls` were
    there before."""
    for answer in calls_to_make(farmer) - calls:
        farmer.press(farmer.page.locator(f'form[action="{answer}"]:has(input[value="yes"]) button'))
    (order,) = new_orders(farmer) - orders
    farmer.open(order).send(f"{order}/acceptance")


def at_the_counter(clerk: Walker) -> Walker:
    """A clerk who has just scanned is there already."""
    return clerk if clerk.path == "/post" else clerk.open("/post")


def stand_at(clerk: Walker, name: str) -> None:
    """Say at which counter they work now: the first time by a button, later from a list that sends itself."""
    form = at_the_counter(clerk).form("/post/point")
    there, where = form.locator("option", has_text=name), form.locator("select")
    if not there.count():
        clerk.press(clerk.page.locator('form[action="/post/point"] button', has_text=name).first)
    elif where.input_value() != (code := str(there.get_attribute("value"))):
        if not clerk.has_script:
            clerk.fill(point=code).send("/post/point")
            return
        with clerk.page.expect_navigation():
            where.select_option(code)


def scan(clerk: Walker, event: str, *numbers: str, grams: Sequence[int] = ()) -> None:
    """A pile: each scan means the same. With `grams` each is put on the scales, too."""
    at_the_counter(clerk)
    for place, number in enumerate(numbers):
        weight = {"weight_grams": str(grams[place])} if grams else {}
        clerk.fill(tracking=number, event=event, **weight).send("/post/scans")


def pick_up(clerk: Walker) -> list[str]:
    """The walk of the day leads to all three farms; their parcels, weighed as they are picked up."""
    stand_at(clerk, HERE)
    clerk.open("/post/run")
    numbers = []
    for name in ("Hảo Đạt", *(farm for farm, *_ in NEIGHBOURS)):
        stop = clerk.page.locator("main li.block", has_text=name)
        numbers.append(stop.locator("a.mono").last.inner_text().replace(" ", ""))
    scan(clerk, "picked_up", *numbers, grams=GRAMS)
    return numbers


def close_the_trip(clerk: Walker) -> tuple[list[int], int]:
    """The postman is back: what each farm's order is given, and what the trip saved."""
    clerk.open("/post/shared-runs").follow("/post/shared-runs/")
    clerk.send(f"{clerk.path}/closing")
    rows = clerk.page.locator("main table").first.locator("tbody tr")
    *shares, saved = (amount(row.locator("td").last.inner_text().split("\n")[-1]) for row in rows.all())
    assert len(shares) == 3
    return shares, saved


def hand_out(clerk: Walker, number: str) -> int:
    """The buyer came to the counter, says who they are and pays; the cash that was taken."""
    clerk.open(f"/post/parcels/{number}/handout")
    cash = amount(clerk.page.locator("main .money b").first.inner_text())
    clerk.fill(proof=PHONE_ENDS).send(f"/post/parcels/{number}/handout")
    return cash


def send_back(clerk: Walker, number: str) -> None:
    """The postman takes it to the door, where nobody wants it; it travels home, and the farm's counter gives it back."""
    scan(clerk, "out_for_delivery", number)
    page = clerk.open(f"/post/parcels/{number}")
    page.tell(f"/post/parcels/{number}/failure", reason=REFUSED)
    clerk.open(f"/post/parcels/{number}")
    clerk.press(clerk.page.locator('form:has(input[name="event"][value="returning"]) button').first)
    stand_at(clerk, HERE)
    scan(clerk, "returned", number)


def in_the_drawer(clerk: Walker) -> int:
    """What should be in the drawer; where nobody holds it, it is taken over with what the shift before left."""
    if clerk.open("/post/till").form("/post/till/opening").count():
        left = clerk.page.locator("main .notice.info")
        clerk.tell("/post/till/opening", float=str(amount(left.inner_text())) if left.count() else "0")
    return amount(clerk.page.locator("main .money b").first.inner_text())


def count_the_drawer(clerk: Walker, there: int) -> None:
    """Note by note, down to the loose đồng; it is right at once, and the shift is handed on."""
    notes = {}
    for note in BANKNOTES:
        notes[f"n{note}"], there = divmod(there, note)
    clerk.tell("/post/till/count", **notes).sees(BALANCED[clerk.language])
    clerk.send("/post/till/closing").is_at(r"/post/till/\w+/slip")
