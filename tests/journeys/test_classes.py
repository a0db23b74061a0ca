"""A class of five, from the poster on the wall to five products in the shop window, two of them with a helper at the
farmer's side; a consent taken back on the way; and a rehearsal that leaves the real market as it was."""

import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from marketplace import wiring
from marketplace.demo import PASSWORD
from marketplace.training import lessons
from tests.journeys.conftest import Way
from tests.journeys.test_selling import REVIEWER, come_on_board, fill_in_tea, photo
from tests.journeys.town import Town
from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser

STAGES = ("reception", "appraisal", "approval")
LOOKED_AT_ELSEWHERE = (
    "/login", "/dev/outbox", "/sell/start", "/sell/start/who", "/sell/start/farm", "/sell/start/address",
    "/sell/start/payment", "/sell/products", "/sell/products/new", "/sell/products/AAAAAA", "/products", "/admin",
    "/admin/dossiers/AAAAAA", "/admin/listings", "/admin/listings/AAAAAA",
)  # fmt: skip
"""Pages the stories of selling, papers and helping look at closely, on the same two screens."""
TRAINER, FARMER = "0900000004", "0900000002"
NAMES = ("Hoàng Thị Mơ", "Lý Văn Páo", "Nông Thị Thắm", "Trần Văn Đực", "Lâm Văn Út")
one_way = pytest.mark.parametrize(
    "way",
    [Way(360, True, "vi"), pytest.param(Way(1280, True, "en"), marks=pytest.mark.full)],
    ids=str,
)


@one_way
def test_a_class_of_five_from_the_poster_to_five_products(somebody, way):
    """Each of the five has a browser of their own, and goes every step in it."""
    number = 700_000 + zlib.crc32(str(way).encode()) % 90_000
    seen = list(LOOKED_AT_ELSEWHERE)

    def walk_in() -> Walker:
        """Somebody of a story with many: each kind of page is looked at closely once."""
        walker = somebody()
        walker.is_in_a_hurry, walker.seen = True, seen
        return walker

    trainer, handset, reviewer = walk_in(), walk_in(), walk_in()
    trainer.sign_in(TRAINER, PASSWORD)
    board, digits = open_class(trainer)
    phones = [f"0978{number + place:06d}" for place in range(len(NAMES))]
    farmers = [join(walk_in(), handset, digits, name, phones[place]) for place, name in enumerate(NAMES)]
    alone, helped = list(enumerate(farmers))[:3], list(enumerate(farmers))[3:]

    # Three bring their shop themselves, two with the trainer and a paper slip.
    dossiers = [come_on_board(farmer, phones[at], number + at) for at, farmer in alone]
    slips = print_slips(trainer, board, [NAMES[at] for at, _farmer in helped])
    for at, farmer in helped:
        dossiers.append(shop_with_help(trainer, farmer, board, NAMES[at], slips[NAMES[at]], number + at))
    reviewer.sign_in(REVIEWER, PASSWORD)
    for code in dossiers:
        approve(reviewer, code)

    goods = [f"Chè búp {name} {number}" for name in NAMES]
    for at, farmer in alone:
        fill_in_tea(farmer.open("/sell/products/new"), goods[at])
    for at, _farmer in helped:
        product_with_help(trainer, board, NAMES[at], slips[NAMES[at]], goods[at])
    for name in goods:
        look_at(reviewer, name)

    buyer = walk_in()
    shelf = f"/products?q=che+bup+{number}"
    links = buyer.open(shelf).page.locator("main a", has_text=str(number))
    buyer.wait_for(lambda: {name for name in goods if name in buyer.text} == set(goods), "five are on sale")
    assert links.count() >= 5
    trainer.open(board)
    assert trainer.page.locator(".way-up").count() == 5
    taken_back(trainer, farmers[4], board, NAMES[4], slips[NAMES[4]])


def open_class(trainer: Walker) -> tuple[str, str]:
    """A class of today, its board, and the digits on its poster."""
    trainer.open("/train/classes/new")
    trainer.fill(title="Bán chè trên chợ quê", street="Nhà văn hóa xóm", day="2030-05-20", seats="30")
    trainer.send("/train/classes/new") if trainer.form("/train/classes/new").count() else trainer.send(
        "title"
    )
    board = str(trainer.is_at(r"/train/classes/\w+")[0])
    trainer.open(f"{board}/poster")
    assert trainer.page.locator(".poster svg path").count(), "no QR is drawn"
    digits = re.sub(r"\D", "", trainer.page.locator(".poster .digits").inner_text())
    assert len(digits) == 6
    return board, digits


def join(farmer: Walker, handset: Walker, digits: str, name: str, phone: str) -> Walker:
    """Six digits from the poster, a name, a number, the code that comes; then the yes."""
    farmer.open("/join").fill(code=digits).send("/join")
    farmer.fill(name=name, phone=phone, agree="1").send("name")
    if handset.path != "/dev/outbox":
        handset.open("/dev/outbox")
    letters = handset.page.locator("li", has_text=f"{phone[:4]} {phone[4:7]} {phone[7:]}")
    handset.wait_for(lambda: letters.locator("strong.code").count() > 0, "the code comes by SMS")
    farmer.fill(code=letters.locator("strong.code").first.inner_text()).send("/login/code/entry")
    farmer.is_at("/join")
    farmer.send(f"/learn/classes/{digits}")
    farmer.is_at("/learn")
    return farmer


def approve(reviewer: Walker, code: str) -> None:
    """A dossier through its three stages."""
    reviewer.open(f"/admin/dossiers/{code}")
    for stage in STAGES:
        reviewer.send(f"/admin/dossiers/{code}/{stage}")


def look_at(reviewer: Walker, name: str) -> None:
    """A listing is accepted."""
    reviewer.open("/admin/listings")
    reviewer.press(reviewer.page.locator("main table a", has_text=name).first)
    reviewer.press(reviewer.page.locator('form[action$="/acceptance"] button').first)


def print_slips(trainer: Walker, board: str, names: list[str]) -> dict[str, list[str]]:
    """Paper slips for these two; the numbers in their order, used from the front."""
    trainer.open(f"{board}/slips")
    for row in trainer.page.locator(".present li").all():
        trainer.tick(row.locator("input"), any(name in row.inner_text() for name in names))
    trainer.send(f"{board}/slips" if trainer.form(f"{board}/slips").count() else "learner")
    found = {}
    for slip in trainer.page.locator(".slip").all():
        said = slip.inner_text()
        found[next(name for name in names if name in said)] = re.findall(r"\d{4} \d{4}", said)
    assert all(len(numbers) == 12 for numbers in found.values())
    return found


def at_the_side_of(trainer: Walker, board: str, name: str) -> str:
    """The page on which the trainer helps this farmer."""
    row = trainer.open(board).page.locator("main tr", has_text=name)
    trainer.press(row.locator('a[href$="/help"]').first)
    return trainer.path


def shop_with_help(
    trainer: Walker, farmer: Walker, board: str, name: str, numbers: list[str], number: int
) -> str:
    """Consent by the slip's next number, the application filled in, the farmer chooses how to be paid, and the next
    number hands it in; the dossier's code."""
    side = at_the_side_of(trainer, board, name)
    trainer.send(f"{side}/consents/papers").fill(code=numbers.pop(0)).send(f"{side}/consents/papers/code")
    trainer.follow(f"{side}/shop").fill(
        kind="household", full_name=name, born_on="1988-03-08", personal_id=f"019188{number:06d}",
        name=f"Nhà vườn {name} {number}", street="Xóm 3",
    ).send("full_name")  # fmt: skip
    trainer.is_at(side)
    farmer.open("/sell/start/payment").fill(method="cash").send("/sell/start/payment")
    yes = trainer.page.locator('form[action$="/agreement"]')
    yes.locator("[name=code]").fill(numbers.pop(0))
    trainer.press(yes.locator("button"))
    link = farmer.open("/sell/start").page.locator('main a[href^="/dossiers/"]').first
    return str(link.get_attribute("href")).split("/")[2].split("?")[0]


def product_with_help(trainer: Walker, board: str, name: str, numbers: list[str], tea: str) -> None:
    """A new consent for goods, the product written by the trainer, and the farmer's yes to it by the next number."""
    side = at_the_side_of(trainer, board, name)
    trainer.send(f"{side}/consents/list").fill(code=numbers.pop(0)).send(f"{side}/consents/list/code")
    trainer.fill(photos=photo(), name=tea, grams="100", price_dong="145k", quantity="20")
    trainer.send(f"{side}/listings")
    yes = trainer.page.locator('form[action$="/agreement"]')
    yes.locator("[name=code]").fill(numbers.pop(0))
    trainer.press(yes.locator("button"))


def taken_back(trainer: Walker, farmer: Walker, board: str, name: str, numbers: list[str]) -> None:
    """The farmer takes the consent back while the trainer's form is open: what is sent then is refused, and is
    nowhere."""
    row = trainer.open(board).page.locator("main tr", has_text=name)
    deed = row.locator('form[action*="/learners/"]').first.get_attribute("action") or ""
    side = deed.rsplit("/", 1)[0] + "/help"
    trainer.open(side).fill(
        photos=photo(), name="Chè chưa ai cho phép", grams="100", price_dong="90k", quantity="5"
    )
    farmer.open("/account/consents")
    listing = farmer.page.locator(".panel", has_text=re.compile("Đăng và sửa|List and edit"))
    farmer.press(listing.locator('form[action$="/withdrawal"] button').first)
    trainer.is_refused(403, f"{side}/listings")
    farmer.open("/sell/products")
    assert "Chè chưa ai cho phép" not in farmer.text


# -- the rehearsal ------------------------------------------------------------------------------------------------


@one_way
def test_a_practice_order_from_arrival_to_payout_leaves_the_real_market_as_it_was(somebody, town: Town):
    farmer = somebody()
    farmer.is_in_a_hurry, farmer.seen = True, ["/login"]
    farmer.sign_in(FARMER, PASSWORD).open("/learn")
    before = everything(market_of(town))
    farmer.send("/learn/practice")
    farmer.press(farmer.page.locator("main form button").first)
    farmer.is_at("/practice/rehearsal")
    assert farmer.page.locator(".practice-strip").count(), "the frame that says: practice"
    farmer.open("/practice/sell/products/new").fill(
        photos=photo(), name="Chè búp tập", amount="100", unit="g", price_dong="145k", quantity="20"
    )
    farmer.send("/practice/sell/products/new")
    farmer.open("/practice/rehearsal").send("/practice/rehearsal/orders")
    farmer.open("/practice/sell/orders?view=new")
    farmer.follow("/practice/sell/orders/")
    order = farmer.path
    farmer.send(f"{order}/acceptance")
    farmer.open("/practice/rehearsal")
    for _stage in range(3):
        farmer.send("/practice/rehearsal/scans")
    farmer.send("/practice/rehearsal/payments")
    farmer.open("/practice/sell/money").sees("134.850")
    assert everything(market_of(town)) == before

    farmer.open("/practice/rehearsal").follow("/practice/rehearsal/way-back")
    farmer.is_at("/learn")
    after = everything(market_of(town))
    assert not before - after
    came = {tuple(row.split("|")[:2]) for row in after - before}
    told = {what for table, what in came if table == "practice_report"}
    assert len(came) == len(told), "the bridge's rows, and no others"
    assert told - lessons.PRACTISED == {"listing", "order", "delivered", "paid"}
    assert told >= {"chup-anh", "gia-tien", "tra-loi-khach", "gui-hang"}


def market_of(town: Town) -> Path:
    return town.folder / "instance" / "market.db"


def everything(market: Path) -> Counter[str]:
    """Every row of every table of a market, its pictures and its papers, each as one line; but for what its worker
    does by the clock and when a session was last seen."""
    found = Counter(
        f"media|{path.relative_to(market.parent)}|{path.stat().st_size}"
        for path in (market.parent / "media").rglob("*")
        if path.is_file()
    )
    with closing(sqlite3.connect(f"file:{market}?mode=ro", uri=True)) as line:
        line.row_factory = sqlite3.Row
        for table in tables(line):
            found.update(rows(line, table))
    return found


def tables(line: sqlite3.Connection) -> list[str]:
    asked = line.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [row[0] for row in asked if row[0] != "worker_beat"]


def rows(line: sqlite3.Connection, table: str) -> Iterator[str]:
    for row in map(dict, line.execute(f'SELECT * FROM "{table}"')):
        if table == "outbox_job" and row["name"] in wiring.SCHEDULE:
            continue
        if table == "sign_in":
            del row["last_seen_at"]
        yield f"{table}|{row['step'] if table == 'practice_report' else ''}|{row}"


def test_whatever_changes_in_a_market_is_seen(town: Town, tmp_path):
    """So that "as it was" can be believed: a row less in any table, a letter more in a name, a picture that came."""
    copied = tmp_path / "market.db"
    with closing(sqlite3.connect(market_of(town))) as line, closing(sqlite3.connect(copied)) as copy:
        line.backup(copy)
        before = everything(copied)
        for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            copy.execute(f"DROP TRIGGER {row[0]}")
        filled = [name for name in tables(copy) if any(rows_of(copy, name))]
        for name in filled:
            copy.execute(f'DELETE FROM "{name}" WHERE rowid = (SELECT max(rowid) FROM "{name}")')
        copy.execute("UPDATE person SET name = name || '.' WHERE id = (SELECT min(id) FROM person)")
        copy.commit()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "photo.jpg").write_bytes(b"x")
    after = everything(copied)
    assert len(filled) > 30
    # What the worker does by the clock is left out: the last of its jobs is one of those.
    assert {row.split("|")[0] for row in before - after} >= {*filled} - {"outbox_job"}
    assert sorted(row.split("|")[0] for row in after - before) == ["media", "person"]


def rows_of(line: sqlite3.Connection, table: str) -> list[tuple]:
    return line.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchall()
