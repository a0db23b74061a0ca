"""What somebody of the market looks at before buyers see it, and by which rule."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.catalog import checks, looks, service
from marketplace.catalog.models import (
    ListingReview,
    Product,
    ProductState,
    ReviewState,
)
from marketplace.catalog.service import PackDetails
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from tests import cast, make
from tests.catalog.listed import GOOD, new, owner, photo, the_product, trusted


def test_the_rules_are_loaded_once(app):
    for _ in range(2):
        with transaction():
            service.load_rules(SYSTEM)
    assert len(checks.rules_on(wall_clock.today())) == 8
    assert checks.policy_on(wall_clock.today()).first_listings == 3


def test_the_first_listings_of_a_new_farm_wait_and_price_and_stock_never_do(looked_at, visit, farmer):
    page = new(farmer, photos=photo(), **GOOD)
    product = the_product()
    assert "Chợ xem qua" in page
    assert product.state is ProductState.CHECKING
    assert visit(f"/products/{product.code}", status=404)
    with transaction():
        service.set_price(product.packs[0], 150_000, owner(looked_at))
        service.receive_stock(product.packs[0], 5, owner(looked_at))
    review = db.session.scalars(select(ListingReview)).one()
    assert [reason["key"] for reason in review.reasons] == ["first-listings"]
    with pytest.raises(Conflict, match="gian hàng bạn"), transaction():
        service.accept_listing(review, owner(looked_at))
    with transaction():
        service.accept_listing(review, Actor.of(cast.reviewer().id))
    assert product.state is ProductState.ON_SALE
    with transaction():
        service.set_price(product.packs[0], 155_000, owner(looked_at))
    assert product.state is ProductState.ON_SALE


def test_sent_back_with_a_reason_it_is_a_draft_again(looked_at, farmer):
    product = make.product(looked_at, is_looked_at=False)
    review = db.session.scalars(select(ListingReview)).one()
    reviewer = Actor.of(cast.reviewer().id)
    with pytest.raises(Refusal, match="Ghi lý do"), transaction():
        service.send_listing_back(review, reviewer, "x")
    with transaction():
        service.send_listing_back(review, reviewer, "Hình mờ, chụp lại ngoài sáng.")
    assert (product.state, review.state) == (ProductState.DRAFT, ReviewState.SENT_BACK)
    assert "Chợ gửi lại món này: Hình mờ" in farmer(f"/sell/products/{product.code}")
    with transaction():
        service.publish(product, owner(looked_at))
    assert product.state is ProductState.CHECKING
    assert "Hình mờ" not in farmer(f"/sell/products/{product.code}")


def test_a_new_name_waits_while_buyers_see_the_old_one(looked_at):
    product = trusted(looked_at)
    with transaction():
        service.describe(product, owner(looked_at), name="Trà đinh Thượng hạng", storage="Nơi mát")
    assert (product.name, product.storage, product.state) == (
        "Trà đinh Tân Cương",
        "Nơi mát",
        ProductState.ON_SALE,
    )
    review = db.session.scalars(select(ListingReview).where(ListingReview.state == ReviewState.WAITING)).one()
    with transaction():
        service.accept_listing(review, SYSTEM)
    assert product.name == "Trà đinh Thượng hạng"


def test_another_origin_waits_and_price_and_stock_do_not(looked_at, farmer):
    product = trusted(looked_at)
    page = farmer(f"/sell/products/{product.code}/details")
    page = page.form(page.path).submit(is_own_unprocessed="y")
    assert "Phần nguồn gốc bạn vừa đổi chờ chợ xem" in page
    with transaction():
        service.set_price(product.packs[0], 455_000, owner(looked_at))
        service.correct_stock(product.packs[0], 7, owner(looked_at))
    product = the_product()
    assert (product.is_own_unprocessed, product.state) == (False, ProductState.ON_SALE)
    assert (product.packs[0].price_dong, product.packs[0].on_hand) == (455_000, 7)
    review = looks.waiting_for(product)
    assert [reason["key"] for reason in review.reasons] == ["new-origin"]
    with transaction():
        service.send_listing_back(review, Actor.of(cast.reviewer().id), "Gửi giấy vùng trồng giúp.")
    assert the_product().is_own_unprocessed is False
    with transaction():
        service.describe(the_product(), owner(looked_at), is_own_unprocessed=True)
        service.accept_listing(looks.waiting_for(the_product()), Actor.of(cast.reviewer().id))
    assert the_product().is_own_unprocessed is True


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Trà giúp chữa khỏi tiểu đường", "health-claim"),
        ("tra nay chua khoi benh", "health-claim"),
        ("Sản phẩm này không phải là thuốc, không có tác dụng thay thế thuốc chữa bệnh.", None),
        ("Rau sạch, không phun thuốc trừ sâu", None),
        ("Bán thuốc trừ sâu sinh học", "medicine"),
        ("Cao hổ cốt gia truyền", "wild-animals"),
        ("Bìa đựng trà", None),
        ("Pháo nổ Bình Đà", "explosives"),
    ],
)
def test_words_that_send_a_listing_to_a_person(looked_at, text, key):
    rules = [rule for rule in checks.rules_on(wall_clock.today()) if rule.kind.value != "alcohol"]
    assert [hit.rule.key for hit in checks.hits(rules, 11, text)] == ([key] if key else [])


def test_a_health_claim_takes_a_listing_off_the_shelf_until_somebody_has_looked(looked_at):
    product = trusted(looked_at)
    with transaction():
        service.describe(product, owner(looked_at), description="Uống trà này chữa khỏi ung thư.")
    assert product.state is ProductState.CHECKING
    review = db.session.scalars(select(ListingReview).where(ListingReview.state == ReviewState.WAITING)).one()
    assert review.reasons[0]["name"] == "Nói chữa được bệnh"
    with transaction():
        service.send_listing_back(review, SYSTEM, "Thực phẩm không được nói chữa bệnh.")
    assert product.state is ProductState.PAUSED


IDENTITY = (checks.FIRST, checks.NEW_NAME, checks.NEW_ORIGIN)


def waiting(product: Product) -> ListingReview:
    found = looks.waiting_for(product)
    assert found is not None
    return found


def test_another_claim_than_the_one_that_was_accepted_is_looked_at_too(looked_at):
    product, by = trusted(looked_at), owner(looked_at)
    with transaction():
        service.describe(product, by, description="Lá này trị ho.")
    with transaction():
        service.accept_listing(waiting(product), SYSTEM)
    with transaction():
        service.describe(product, by, description="Lá này trị ho, hái tay.")
    assert product.state is ProductState.ON_SALE
    with transaction():
        service.describe(product, by, description="Lá này trị ho, chữa ung thư.")
    assert product.state is ProductState.CHECKING
    assert waiting(product).reasons[0]["word"] == "chữa ung thư, trị ho"


def test_what_is_written_while_a_listing_waits_is_named_to_the_reviewer(looked_at):
    product, by = make.product(looked_at, is_looked_at=False), owner(looked_at)
    for words, keys in (
        ("Trà đặc trị.", ["first-listings", "health-claim"]),
        ("Trà ngon.", ["first-listings"]),
    ):
        with transaction():
            service.describe(product, by, description=words)
        assert [reason["key"] for reason in waiting(product).reasons] == keys


@pytest.mark.parametrize("where", ["storage", "ingredients", "pack"])
def test_a_claim_is_found_wherever_buyers_read_it(looked_at, where):
    product, by = trusted(looked_at), owner(looked_at)
    (pack,) = product.packs
    with transaction():
        service.save_pack(product, PackDetails(460_000, grams=100, name="Hộp thiếc"), by, pack)
    assert product.state is ProductState.ON_SALE
    with transaction():
        if where == "pack":
            service.save_pack(product, PackDetails(460_000, grams=100, name="Gói trị ho"), by, pack)
        else:
            service.describe(product, by, **{where: "Sắc uống trị ho"})
    assert product.state is ProductState.CHECKING
    assert waiting(product).reasons[0]["word"] == "trị ho"


def test_a_note_of_a_lot_says_nothing_a_rule_asks_about(looked_at):
    product = trusted(looked_at)
    with pytest.raises(Refusal, match=r"trị ho.*Nói chữa được bệnh") as refusal, transaction():
        service.supply(
            product, {product.packs[0]: 5}, owner(looked_at), wall_clock.today(), note="Lứa này trị ho"
        )
    db.session.expire_all()
    assert refusal.value.field == "note"
    assert (product.packs[0].on_hand, product.lots, product.state) == (10, [], ProductState.ON_SALE)


def test_a_new_name_that_meets_a_rule_names_it_and_the_last_name_counts(looked_at):
    product, by = trusted(looked_at), owner(looked_at)
    for name, keys in (
        ("Cao hổ cốt", ["new-name", "wild-animals"]),
        ("Rượu mơ Tân Cương", ["new-name"]),
    ):
        with transaction():
            service.describe(product, by, name=name)
        review = waiting(product)
        assert [reason["key"] for reason in review.reasons] == keys
        assert (review.reasons[0]["word"], review.new_name, product.name) == (
            name,
            name,
            "Trà đinh Tân Cương",
        )
        assert not product.is_for_adults
    with transaction():
        service.accept_listing(review, SYSTEM)
    assert (product.name, product.is_for_adults) == ("Rượu mơ Tân Cương", True)


def test_a_rule_is_named_as_it_was_when_it_asked(looked_at):
    product = make.product(looked_at, is_looked_at=False, description="Trà này chữa khỏi mất ngủ.")
    first, claim = waiting(product).reasons
    assert checks.reason_words(first) is checks.REASONS["health-claim"]
    assert checks.reason_words(claim) is checks.REASONS["first-listings"]
    assert checks.reason_words({**first, "name": "Nói như thuốc"}) == "Nói như thuốc"
    shipped = json.loads(checks.FILE.read_text("utf8"))["rules"]
    assert {rule["key"]: rule["name"] for rule in shipped if rule["kind"] != "alcohol"} == {
        key: str(words) for key, words in checks.REASONS.items() if key not in IDENTITY
    }


@pytest.mark.parametrize(("name", "set_no", "adults"), [
    ("Rượu nếp cái hoa vàng", 14, True), ("Bia thủ công", None, True), ("Men rượu lá", 10, False), ("Trà đinh", 11, False),
])  # fmt: skip
def test_alcohol_is_for_adults(looked_at, name, set_no, adults):
    assert trusted(looked_at, name=name, set_no=set_no).is_for_adults is adults


def test_rules_are_dated(looked_at):
    before = wall_clock.today() - timedelta(days=3650)
    assert checks.rules_on(before) == []
    assert checks.policy_on(before) is None
