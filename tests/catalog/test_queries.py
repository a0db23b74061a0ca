"""What can be seen: only goods on sale of open farms, in a fixed number of statements, through one's own farm."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from marketplace.catalog import ocop, queries, service
from marketplace.catalog.models import CertificateKind, Product, ProductState
from marketplace.catalog.service import PackDetails
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing
from tests import make


@pytest.fixture
def statements(app):
    """How many statements a piece of code sends."""
    seen: list[str] = []
    listen = lambda connection, cursor, statement, *rest: seen.append(statement)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listen)
    yield seen
    event.remove(db.engine, "before_cursor_execute", listen)


def star(product, stars=4, **facts):
    with transaction():
        proof = service.add_certificate(
            product,
            CertificateKind.OCOP,
            "2361/QĐ-BNNMT",
            "UBND tỉnh Thái Nguyên",
            facts.pop("issued_on", clock.today() - timedelta(days=30)),
            make.actor_of(product.farm),
            stars=stars,
            source_note="báo Thái Nguyên",
        )
        service.verify_certificate(proof, SYSTEM)
    return proof


def test_only_goods_on_sale_of_open_farms_are_seen(app):
    seen = make.product(name="Đang bán")
    make.product(name="Bản nháp", published=False)
    away = make.product(name="Nhà nghỉ")
    gone = make.product(name="Đã gỡ")
    paused = make.product(name="Tạm dừng")
    with transaction():
        away.farm.state = FarmState.SUSPENDED
        service.withdraw(gone, SYSTEM)
        service.pause(paused, SYSTEM)
    assert [product.name for product in db.session.scalars(queries.on_sale())] == [seen.name]
    assert list(queries.all_ids()) == [seen.id]
    assert db.session.scalars(queries.on_sale().with_only_columns(Product.id)).all() == [seen.id]
    assert queries.product_on_sale(seen.code) is seen
    for product in (away, gone, paused):
        with pytest.raises(Missing):
            queries.product_on_sale(product.code)
        with pytest.raises(Missing):
            queries.variant_on_sale(product.packs[0].code)
    assert queries.products_on_sale([gone.id, seen.id, away.id]) == [seen]
    assert set(queries.variants_on_sale([p.packs[0].id for p in (seen, away, gone)])) == {seen.packs[0].id}


def test_a_service_is_seen_and_cannot_be_bought(app):
    visit = make.product(name="Đêm ở bản Thái Hải", set_no=26, packs=[PackDetails(500_000, pieces=1)])
    assert queries.product_on_sale(visit.code).is_service
    with pytest.raises(Missing):
        queries.variant_on_sale(visit.packs[0].code)


def test_a_page_of_cards_is_the_same_few_statements_however_long(app, statements):
    farm = make.farm()
    ids = []
    for number in range(8):
        product = make.product(farm, name=f"Chè số {number} ngon")
        star(product)
        ids.append(product.id)
    counts = set()
    for some in (ids[:2], ids):
        db.session.expunge_all()
        statements.clear()
        shown = queries.products_on_sale(some)
        stars = queries.stars_of(some)
        for product in shown:
            assert product.farm.name
            assert product.photo.key
            assert queries.cheapest(product).price_dong
            assert stars[product.id] == 4
        counts.add(len(statements))
    assert counts == {4}


def test_a_farmers_list_is_a_fixed_number_of_statements(app, statements):
    farm = make.farm()
    farm_id = farm.id
    counts = set()
    for more in (1, 4):
        for number in range(more):
            make.product(farm, name=f"Chè mới {number}")
        db.session.expunge_all()
        farm = db.session.get_one(Farm, farm_id)
        statements.clear()
        for product in queries.products_of(farm):
            assert product.photo is not None
            assert product.available
        counts.add(len(statements))
    assert counts == {3}


@pytest.mark.parametrize(
    ("pack", "price"),
    [
        (PackDetails(450_000, grams=100), (4_500_000, "kg")),
        (PackDetails(55_000, grams=330), (166_667, "kg")),
        (PackDetails(60_000, millilitres=750), (80_000, "l")),
        (PackDetails(55_000, pieces=10, weight_grams=800), (5_500, "piece")),
        (PackDetails(10_000, pieces=3, weight_grams=800), (3_333, "piece")),
    ],
)
def test_unit_price(app, pack, price):
    assert queries.unit_price(make.product(packs=[pack]).packs[0]) == price


def test_the_card_shows_the_cheapest_pack_that_is_there(app):
    packs = [PackDetails(90_000, grams=200), PackDetails(50_000, grams=100)]
    product = make.product(packs=packs)
    assert queries.cheapest(product).price_dong == 50_000
    with transaction():
        service.correct_stock(product.packs[1], 0, SYSTEM)
    assert queries.cheapest(product).price_dong == 90_000
    with transaction():
        service.correct_stock(product.packs[0], 0, SYSTEM)
    assert queries.cheapest(product).price_dong == 50_000


def test_the_lot_on_the_shelf_is_the_last_one_still_good(app):
    product = make.product()
    today, by = clock.today(), make.actor_of(product.farm)
    with transaction():
        service.add_lot(product, today - timedelta(days=9), by)
        middle = service.add_lot(product, today - timedelta(days=5), by, use_by=today)
        service.add_lot(product, today - timedelta(days=3), by, use_by=today - timedelta(days=1))
    assert queries.current_lot(product) is middle
    assert queries.lot_of(middle.code) is middle


def test_a_star_shows_only_while_it_is_proved(app, clock):
    clock.set("2025-07-01 08:00")
    product = make.product()
    proof = star(product, stars=5, issued_on=date(2025, 6, 26))
    assert proof.valid_until == date(2028, 6, 26)
    assert queries.stars_now(product) == 5
    clock.set("2028-06-26 23:59")
    assert queries.stars_now(product) == 5
    assert queries.stars_of([product.id]) == {product.id: 5}
    clock.set("2028-06-27 00:00")
    assert queries.stars_now(product) is None
    assert queries.stars_of([product.id]) == {}
    assert queries.certificates_now(product) == []


def test_the_farms_own_proof_counts_for_its_goods(app):
    product = make.product()
    other = make.product()
    with transaction():
        proof = service.add_certificate(
            product.farm,
            CertificateKind.VIETGAP,
            "VG-12",
            "Trung tâm chứng nhận",
            clock.today(),
            SYSTEM,
            valid_until=clock.today() + timedelta(days=365),
            source_note="thư",
        )
        service.verify_certificate(proof, SYSTEM)
    assert queries.certificates_now(product) == [proof]
    assert queries.certificate_kinds_of([product.id, other.id]) == {
        product.id: {CertificateKind.VIETGAP},
        other.id: set(),
    }


def test_anothers_product_is_not_there(app):
    mine, theirs = make.product(), make.product()
    assert queries.product_of(mine.farm, mine.code) is mine
    with pytest.raises(Missing):
        queries.product_of(mine.farm, theirs.code)
    with pytest.raises(Missing):
        queries.photo_of(mine, theirs.photos[0].code)
    with pytest.raises(Missing):
        queries.pack_of(mine, theirs.packs[0].code)


def test_withdrawn_products_leave_the_farmers_list(app):
    product = make.product()
    with transaction():
        service.withdraw(product, SYSTEM)
    assert product.state is ProductState.WITHDRAWN
    assert queries.products_of(product.farm) == []


def test_twenty_six_sets_in_six_industries(app):
    assert [found.no for found in ocop.sets()] == list(range(1, 27))
    assert [group.slug for group in ocop.groups()] == [
        "thuc-pham", "do-uong", "duoc-lieu", "thu-cong-my-nghe", "sinh-vat-canh", "du-lich", "other",
    ]  # fmt: skip
    assert {ocop.group_of(found.no) for found in ocop.sets()} == {group.slug for group in ocop.groups()[:-1]}
    assert ocop.group_of(None) == "other"
    assert [found.no for found in ocop.sets() if not found.is_goods] == [26]
