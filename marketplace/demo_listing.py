"""Stock with a story in the demo market: tea by weight out of one heap with lots, one of them called back after
somebody ordered of it; tea made when ordered; a listing left half typed; a list that was imported and one that waits;
listings that wait for a reviewer, one looked at already.
Built by calling services; asked for twice it adds nothing."""

import io
from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.catalog import importing, listing, looks
from marketplace.catalog import queries as seen
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Handling, Lot, Product, StockBy
from marketplace.catalog.service import PackDetails
from marketplace.catalog.sheet_models import GoodsSheet, SheetState
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm
from marketplace.foundation import clock, sheets
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.orders import queries as orders_seen
from marketplace.orders import recall
from marketplace.orders.models import Order

BY_WEIGHT, ON_ORDER = "DEMO-WEIGHT", "DEMO-ON-ORDER"
LIKE = "DEMO-001"
"""Whose picture they borrow."""
NEW_FARM = "Cơ sở mắm Thới Bình"
"""One product on its shelf, so what it lists next is looked at first."""
HALF_TYPED = {"name": "Chè đinh mùa đông", "amount": "100", "unit": "g", "price_dong": "320k"}
DONE = """Tên món,Trong gói có,Tính bằng,Giá một gói,Có sẵn mấy gói,Loại hàng OCOP (1–26)
Bột trà xanh Hảo Đạt,100,g,95.000,15,11
Trà túi lọc Hảo Đạt,50,g,42.000,40,11
Hồng trà Hảo Đạt,200,g,hỏi giá,10,11
"""
WAITS = """Sản phẩm,Khối lượng,ĐVT,Đơn giá,Tồn kho,Nhóm
Bột trà xanh Hảo Đạt,100,g,99.000,15,11
Trà túi lọc Hảo Đạt,50,g,42.000,60,11
Bạch trà Hảo Đạt,50,g,320.000,6,11
Trà ướp nhài,100,bó,120.000,8,11
"""


def stock(people: Mapping[str, Person], order: Callable[..., Order]) -> None:
    """All of it, for the tea cooperative; `order` places one of the demo's orders."""
    farm, by = farmers.my_farm(people["0900000002"]), Actor.of(people["0900000002"].id)
    if farm is None or _product(BY_WEIGHT) is not None or (like := _product(LIKE)) is None:
        return
    with transaction():
        first = _by_weight(farm, like, by).code
        _on_order(farm, like, by)
        listing.keep_draft(farm, "demo-half-typed", HALF_TYPED, by)
    with transaction():
        once = "demo-recalled-0"
        if orders_seen.order_of_once(once) is None:
            order(once, 0, "cod", wanted=(BY_WEIGHT,))
    with transaction():
        lot = db.session.scalars(select(Lot).where(Lot.code == first)).one()
        recall.recall(lot, "Một mẻ sao quá lửa, nước trà có mùi khét.", by)
    _imported(farm, by)
    with transaction():
        _keep(farm, WAITS, "hang-thang-12.csv", by)
    _to_look_at(farm, people)


def _product(demo_id: str) -> Product | None:
    return db.session.scalar(select(Product).where(Product.demo_id == demo_id))


def _listed(
    farm: Farm, like: Product, demo_id: str, name: str, description: str, packs: list[PackDetails], by: Actor
) -> Product:
    product = catalog.draft(farm, by)
    catalog.describe(
        product, by, name=name, description=description, set_no=like.set_no, handling=Handling.DRY,
        storage="Nơi khô mát, tránh nắng.", shelf_life_days=365,
    )  # fmt: skip
    catalog.mark_as_illustration(product, demo_id, by)
    catalog.set_variants(product, packs, by)
    catalog.add_photos(product, [like.photos[0].photo], by)
    db.session.flush()
    return product


def _by_weight(farm: Farm, like: Product, by: Actor) -> Lot:
    """Three sizes out of one heap, three harvests; the oldest comes back."""
    packs = [
        PackDetails(48_000, grams=100),
        PackDetails(225_000, grams=500),
        PackDetails(430_000, grams=1_000),
    ]
    product = _listed(
        farm, like, BY_WEIGHT, "Chè búp Hảo Đạt bán theo cân",
        "Một đống chè, cân ra gói nào cũng được: chè búp hái tay ở Tân Cương, sao trong ngày.", packs, by,
    )  # fmt: skip
    catalog.count_by(product, StockBy.HEAP, by)
    today, kilo = clock.today(), product.packs[2]
    lots = [
        catalog.supply(product, {kilo: count}, by, today - timedelta(days=ago), note=note)
        for ago, count, note in (
            (40, 6, "Lứa tháng mười"),
            (12, 18, "Lứa đầu tháng mười một"),
            (1, 25, "Hái hôm qua"),
        )
    ]
    catalog.publish(product, by)
    assert lots[0] is not None
    return lots[0]


def _on_order(farm: Farm, like: Product, by: Actor) -> None:
    """Scented when somebody wants it, so many a day, while there are flowers."""
    product = _listed(
        farm, like, ON_ORDER, "Trà ướp hoa bưởi, làm khi có người đặt",
        "Ướp ba lần với hoa bưởi nhà, xong trong ba ngày.", [PackDetails(180_000, grams=100)], by,
    )  # fmt: skip
    catalog.count_by(product, StockBy.ORDER, by, daily_capacity=12, lead_days=3)
    catalog.sell_between(product, by, clock.today(), clock.today() + timedelta(days=120))
    catalog.limit_orders(product.packs[0], by, least=2, most=10)
    catalog.publish(product, by)


def _to_look_at(tea: Farm, people: Mapping[str, Person]) -> None:
    """What waits at the reviewers' desk: words no food may say, a new name, a first listing made with somebody's help;
    and one that was sent back."""
    grower, reviewer = Actor.of(people["0900000002"].id), Actor.of(people["0900000006"].id)
    with transaction():
        claim = _put_up(tea, "Trà dây Hảo Đạt", "Uống đều mỗi ngày, trà dây trị đau dạ dày.", grower)
        cured = _put_up(tea, "Cao chè Hảo Đạt", "Cao chè đặc trị mất ngủ.", grower)
        renamed = _put_up(tea, "Chè móc câu Hảo Đạt", "Cánh chè cong như móc câu.", SYSTEM)
        catalog.describe(renamed, grower, name="Chè nõn tôm Hảo Đạt")
        for demo_id, product in (("DEMO-CLAIM", claim), ("DEMO-CURED", cured), ("DEMO-RENAMED", renamed)):
            catalog.mark_as_illustration(product, demo_id, SYSTEM)
        look = looks.waiting_for(cured)
        assert look is not None, "the rules about words are not loaded"
        catalog.send_listing_back(
            look, reviewer, "Thực phẩm không được nói chữa bệnh. Bỏ chữ “đặc trị” giúp."
        )
    if (new := db.session.scalar(select(Farm).where(Farm.name == NEW_FARM))) is None:
        return  # a demo of fewer goods
    owner = farmers.owner_of(new)
    with transaction():
        helped = Actor.of(people["0900000004"].id, for_id=owner.id)
        first = _put_up(
            new, "Mắm sặc Thới Bình", "Cá sặc đồng ủ thính gạo rang, sáu tháng mới mở khạp.", helped
        )
        catalog.publish(first, Actor.of(owner.id))
        catalog.mark_as_illustration(first, "DEMO-FIRST", SYSTEM)


def _put_up(farm: Farm, name: str, description: str, by: Actor) -> Product:
    """Listed as its farm would, with a picture of the farm's own, so looked at as any other; that it is made up is said
    afterwards."""
    like = next(one for one in seen.products_of(farm) if one.photo is not None)
    product = catalog.draft(farm, by)
    catalog.describe(
        product, by, name=name, description=description, set_no=like.set_no, handling=like.handling,
        storage=like.storage,
    )  # fmt: skip
    catalog.set_variants(product, [PackDetails(85_000, grams=200)], by)
    catalog.add_photos(product, [like.photos[0].photo], by)
    db.session.flush()
    catalog.supply(product, {product.packs[0]: 20}, by, clock.today() - timedelta(days=2))
    catalog.publish(product, by)
    return product


def _imported(farm: Farm, by: Actor) -> None:
    """A list of three rows, written: two drafts that wait for their picture, and one row that could not be."""
    with transaction():
        number = _keep(farm, DONE, "hang-moi.csv", by).id
        importing.start(db.session.get_one(GoodsSheet, number), by)
    while db.session.get_one(GoodsSheet, number).state is SheetState.WAITING:
        with transaction():
            importing.write_some(number)


def _keep(farm: Farm, text: str, name: str, by: Actor) -> GoodsSheet:
    read = sheets.read(io.BytesIO(text.encode()), name, importing.MOST_ROWS)
    kept = importing.keep(farm, read, name, by)
    db.session.flush()
    return kept
