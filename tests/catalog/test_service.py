"""Listing: what may be said of goods, priced, shown, sold; and what is refused, with nothing changed."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace.catalog import jobs, papers, queries, service
from marketplace.catalog.models import (
    Certificate,
    CertificateKind,
    CertificateState,
    Handling,
    Lot,
    Product,
    ProductPhoto,
    ProductState,
    StockMove,
)
from marketplace.catalog.service import PackDetails
from marketplace.farmers.models import FarmState
from marketplace.foundation import audit, clock, files
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import StoredPhoto
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.search.models import SearchTouch
from tests import make

PACK = PackDetails(100_000, grams=500)


@pytest.fixture
def goods(app) -> Product:
    return make.product()


@pytest.fixture
def by(goods) -> Actor:
    return make.actor_of(goods.farm)


def touches() -> int:
    return db.session.query(SearchTouch).count()


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def refused(verb, *arguments, field=None, **facts) -> str:
    """The verb says no and changes nothing; what it said."""
    before = db.session.scalar(select(func.max(audit.AuditEntry.id)))
    with pytest.raises(Refusal) as refusal, transaction():
        verb(*arguments, **facts)
    assert db.session.scalar(select(func.max(audit.AuditEntry.id))) == before
    if field:
        assert refusal.value.field == field
    return str(refusal.value)


# -- words --------------------------------------------------------------------------------------------------------


def test_a_draft_is_filled_in_step_by_step_and_nobody_sees_it(app):
    farm = make.farm()
    by = make.actor_of(farm)
    with transaction():
        product = service.draft(farm, by)
        service.describe(product, by, name="Chè búp")
        service.describe(product, by, set_no=None, handling=Handling.DRY, season_months=[3, 4])
    assert (product.name, product.is_categorised, product.season_months) == ("Chè búp", True, [3, 4])
    assert product.state is ProductState.DRAFT
    assert touches() == 0
    assert [entry.verb for entry in audit.trail(product)] == ["product.drafted", *["product.described"] * 2]


@pytest.mark.parametrize("name", ["", "ab", "12 34", "…!", "x" * 121, "a" * 10_000])
def test_a_name_that_says_nothing(goods, by, name):
    refused(service.describe, goods, by, name=name, field="name")
    assert goods.name == "Trà đinh Tân Cương"


@pytest.mark.parametrize("set_no", [0, 27, -1])
def test_a_category_there_is_not(goods, by, set_no):
    refused(service.describe, goods, by, set_no=set_no, field="set_no")
    assert goods.set_no == 11


def test_goods_on_sale_do_not_turn_into_a_service(goods, by):
    refused(service.describe, goods, by, set_no=26, field="set_no")


@pytest.mark.parametrize("said", [{"season_months": [0]}, {"season_months": [13]}, {"shelf_life_days": 0}])
def test_seasons_and_shelf_lives_there_are_not(goods, by, said):
    refused(service.describe, goods, by, **said)


def test_words_are_kept_as_typed(goods, by):
    typed = "<script>alert('chè')</script> \"ngon\" & rẻ"
    with transaction():
        service.describe(goods, by, description=typed, name=typed)
    db.session.expire_all()
    assert (goods.description, goods.name) == (typed, typed)


# -- packs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", [0, 999, -5, 10**10 + 1, 10**12])
def test_a_price_that_is_a_slip_of_the_finger(goods, by, price):
    refused(service.save_pack, goods, PackDetails(price, grams=500), by, field="price_dong")
    refused(service.set_price, goods.packs[0], price, by, field="price_dong")
    assert [pack.price_dong for pack in goods.packs] == [450_000]


@pytest.mark.parametrize("price", [1_000, 10**10])
def test_the_lowest_and_the_highest_price(goods, by, price):
    with transaction():
        service.set_price(goods.packs[0], price, by)
    assert goods.packs[0].price_dong == price


@pytest.mark.parametrize(
    ("pack", "field"),
    [
        (PackDetails(5_000), "amount"),
        (PackDetails(5_000, grams=5, pieces=1), "amount"),
        (PackDetails(5_000, grams=0), "amount"),
        (PackDetails(5_000, grams=1_000_001), "amount"),
        (PackDetails(5_000, millilitres=-1), "amount"),
        (PackDetails(5_000, pieces=0), "amount"),
        (PackDetails(5_000, pieces=10), "weight_grams"),
        (PackDetails(5_000, grams=500, weight_grams=499), "weight_grams"),
        (PackDetails(5_000, pieces=1, weight_grams=0), "weight_grams"),
        (PackDetails(5_000, grams=500, length_mm=100), "length_cm"),
        (PackDetails(5_000, grams=500, length_mm=100, width_mm=100, height_mm=5_000), "length_cm"),
        (PackDetails(5_000, grams=500, name="x" * 81), "name"),
        (PackDetails(5_000, grams=100), "amount"),  # there is one already
    ],
)
def test_a_pack_that_cannot_be(goods, by, pack, field):
    refused(service.save_pack, goods, pack, by, field=field)
    assert len(goods.packs) == 1


@pytest.mark.parametrize(
    ("pack", "grams", "name"),
    [
        (PackDetails(5_000, grams=120), 170, "120 g"),
        (PackDetails(5_000, grams=500), 550, "500 g"),
        (PackDetails(5_000, grams=1_500), 1_650, "1,5 kg"),
        (PackDetails(5_000, grams=20_005), 22_006, "20,005 kg"),
        (PackDetails(5_000, millilitres=750), 825, "750 ml"),
        (PackDetails(5_000, millilitres=5_000), 5_500, "5 l"),
        (PackDetails(5_000, pieces=10, weight_grams=700), 700, "10 cái"),
        (PackDetails(5_000, grams=100, weight_grams=130, name="Hộp thiếc"), 130, "Hộp thiếc"),
    ],
)
def test_what_the_post_weighs(goods, by, pack, grams, name):
    with transaction():
        made = service.save_pack(goods, pack, by)
    assert (made.weight_grams, made.name) == (grams, name)


def test_the_whole_list_of_packs_at_once(goods, by):
    first = goods.packs[0]
    with transaction():
        service.set_variants(goods, [PackDetails(800_000, grams=200), PackDetails(420_000, grams=100)], by)
    assert [(pack.name, pack.price_dong) for pack in goods.packs] == [("200 g", 800_000), ("100 g", 420_000)]
    assert goods.packs[1] is first
    with transaction():
        service.set_variants(goods, [PackDetails(800_000, grams=200)], by)
    assert [pack.name for pack in goods.packs] == ["200 g"]
    assert first.removed_at is not None
    with transaction():
        service.bring_back_pack(first, by)
    assert len(goods.packs) == 2


def test_goods_on_sale_keep_their_last_pack(goods, by):
    refused(service.remove_pack, goods.packs[0], by)
    assert len(goods.packs) == 1


# -- photos -------------------------------------------------------------------------------------------------------


def test_photos_are_added_ordered_taken_away_and_brought_back(goods, by):
    with transaction():
        second, third = service.add_photos(goods, [make.photo(10), make.photo(20)], by)
    first = goods.photos[0]
    with transaction():
        service.order_photos(goods, [third.code], by)
    assert goods.photos == [third, first, second]
    assert goods.photo is third.photo
    with transaction():
        service.remove_photo(third, by)
    assert goods.photos == [first, second]
    with transaction():
        service.bring_back_photo(third, by)
    assert goods.photos == [third, first, second]


def test_the_same_photo_twice_is_one(goods, by):
    with transaction():
        assert service.add_photos(goods, [make.photo(), make.photo(30), make.photo(30)], by) != []
    assert len(goods.photos) == 2


def test_goods_on_sale_keep_their_last_photo(goods, by):
    refused(service.remove_photo, goods.photos[0], by)
    assert len(goods.photos) == 1


def test_too_many_photos(goods, by):
    refused(service.add_photos, goods, [make.photo(colour) for colour in range(10)], by, field="photos")
    assert len(goods.photos) == 1


def test_a_removed_photos_file_goes_the_next_day(goods, by, clock):
    with transaction():
        (extra,) = service.add_photos(goods, [make.photo(77)], by)
        service.remove_photo(extra, by)
    jobs.clear_removed_photos()
    assert (count(ProductPhoto), count(StoredPhoto)) == (2, 2)
    clock.forward(hours=25)
    jobs.clear_removed_photos()
    assert (count(ProductPhoto), count(StoredPhoto)) == (1, 1)


def test_a_removed_photo_that_another_product_shows_stays(goods, by, clock):
    with transaction():
        (extra,) = service.add_photos(goods, [make.photo(77)], by)
        service.add_photos(make_another(goods.farm), [extra.photo], by)
        service.remove_photo(extra, by)
    clock.forward(hours=25)
    jobs.clear_removed_photos()
    assert count(StoredPhoto) == 2


def make_another(farm) -> Product:
    return service.draft(farm, make.actor_of(farm))


# -- lots ---------------------------------------------------------------------------------------------------------


def test_a_lot_is_good_for_the_shelf_life(goods, by):
    today = clock.today()
    with transaction():
        service.describe(goods, by, shelf_life_days=30)
        lot = service.add_lot(goods, today, by)
        own = service.add_lot(goods, today, by, use_by=today + timedelta(days=3))
    assert lot.use_by == today + timedelta(days=30)
    assert own.use_by == today + timedelta(days=3)


@pytest.mark.parametrize(("harvested", "use_by", "field"), [(1, None, "harvested_on"), (-5000, None, "harvested_on"),
                                                            (0, 0, "use_by"), (-3, -4, "use_by")])  # fmt: skip
def test_lots_out_of_time(goods, by, harvested, use_by, field):
    today = clock.today()
    end = None if use_by is None else today + timedelta(days=use_by)
    refused(service.add_lot, goods, today + timedelta(days=harvested), by, use_by=end, field=field)
    assert count(Lot) == 0


def test_a_harvest_is_received_with_its_lot(goods, by):
    with transaction():
        lot = service.add_lot(goods, clock.today(), by)
        service.receive_stock(goods.packs[0], 7, by, lot=lot)
    assert goods.packs[0].on_hand == 17
    assert db.session.scalars(select(StockMove).where(StockMove.lot_id == lot.id)).one().quantity == 7


# -- selling ------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_said_step_by_step(app):
    farm = make.farm(state=FarmState.APPLYING)
    by = make.actor_of(farm)
    with transaction():
        product = service.draft(farm, by)
    assert [gap.step for gap in queries.gaps(product)] == ["photos", "details", "details", "packs", "farm"]
    assert "tấm hình" in refused(service.publish, product, by)
    with transaction():
        service.add_photos(product, [make.photo()], by)
    assert "Ghi tên món" in refused(service.publish, product, by)
    with transaction():
        service.describe(product, by, name="Mật ong rừng U Minh", set_no=4)
    assert "gói" in refused(service.publish, product, by)
    with transaction():
        service.save_pack(product, PACK, by)
    assert "chưa được duyệt" in refused(service.publish, product, by)
    with transaction():
        farm.state = FarmState.OPEN
        service.publish(product, by)
    assert product.state is ProductState.ON_SALE
    assert product.published_at is not None
    assert product.available == 0


def test_a_service_needs_no_pack(app):
    with transaction():
        farm = make_farm_inside()
        by = Actor.of(1)
        visit = service.draft(farm, by)
        service.describe(visit, by, name="Ở lại bản Thái Hải", set_no=26)
        service.add_photos(visit, [make.photo()], by)
        service.publish(visit, by)
    assert visit.state is ProductState.ON_SALE


def make_farm_inside():
    from marketplace.farmers.models import Farm

    farm = Farm(name="Bản Thái Hải", state=FarmState.OPEN)
    db.session.add(farm)
    return farm


def test_a_helpers_product_waits_for_the_farmers_own_yes(app):
    product = make.product(published=False)
    farmer = make.actor_of(product.farm)
    helper = Actor.of(make.person("Cán bộ Hội").id, for_id=farmer.person_id)
    with transaction():
        service.publish(product, helper)
    assert product.state is ProductState.WAITING
    with pytest.raises(Conflict), transaction():
        service.publish(product, helper)
    with transaction():
        service.publish(product, farmer)
    assert product.state is ProductState.ON_SALE


def test_paused_and_sold_again(goods, by):
    first = goods.published_at
    with transaction():
        service.pause(goods, by)
    with pytest.raises(Conflict), transaction():
        service.pause(goods, by)
    with transaction():
        service.resume(goods, by)
    assert goods.state is ProductState.ON_SALE
    assert goods.published_at == first


def test_withdrawn_is_for_good(goods, by):
    with transaction():
        service.withdraw(goods, by, why="hết mùa")
    for verb in (service.publish, service.pause):
        with pytest.raises(Conflict), transaction():
            verb(goods, by)
    refused(service.describe, goods, by, name="Tên khác")
    refused(service.save_pack, goods, PACK, by)
    refused(service.add_photos, goods, [make.photo(9)], by)
    refused(service.add_lot, goods, clock.today(), by)


def test_the_index_hears_of_every_change_buyers_see(goods, by):
    seen = touches()
    for deed in (
        lambda: service.describe(goods, by, name="Trà đinh ngon"),
        lambda: service.set_price(goods.packs[0], 400_000, by),
        lambda: service.add_photos(goods, [make.photo(5)], by),
        lambda: service.add_lot(goods, clock.today(), by),
        lambda: service.pause(goods, by),
    ):
        with transaction():
            deed()
        assert touches() > seen
        seen = touches()


# -- certificates -------------------------------------------------------------------------------------------------

OCOP = {
    "kind": CertificateKind.OCOP,
    "number": "3981/QĐ-UBND",
    "issuer": "UBND tỉnh Thái Nguyên",
    "stars": 4,
    "source_note": "Báo Thái Nguyên 12/6/2026",
}


def send(subject, by, days=-10, **facts) -> Certificate:
    return service.add_certificate(
        subject, by=by, issued_on=clock.today() + timedelta(days=days), **{**OCOP, **facts}
    )


def test_a_proof_counts_once_a_reviewer_has_seen_it(goods, by):
    reviewer = Actor.of(make.person("Người thẩm định").id)
    with transaction():
        stored = files.keep_paper(io.BytesIO(b"%PDF-1.4\n%%EOF"), "Giấy.pdf", by)
        proof = send(goods, by, paper=stored)
    assert queries.stars_now(goods) is None
    assert papers.to_check() == [proof]
    with transaction():
        assert service.look_at_certificate(proof, reviewer).startswith(b"%PDF")
        service.verify_certificate(proof, reviewer)
    assert queries.stars_now(goods) == 4
    assert "36 tháng" in proof.legal_basis
    assert [entry.verb for entry in audit.trail(proof)] == [
        "certificate.submitted", "certificate.looked_at", "certificate.verified",
    ]  # fmt: skip
    assert proof.decided_by_id == reviewer.person_id
    with transaction():
        service.withdraw_certificate(proof, reviewer, "Quyết định đã bị thu hồi")
    assert queries.stars_now(goods) is None


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"stars": 2}, "stars"),
        ({"stars": None}, "stars"),
        ({"days": 1}, "issued_on"),
        ({"days": -365 * 3 - 5}, "issued_on"),
        ({"days": -365 * 12}, "issued_on"),
        ({"number": "không số"}, "number"),
        ({"issuer": " "}, "issuer"),
        ({"source_note": ""}, "paper"),
        ({"kind": CertificateKind.VIETGAP}, "valid_until"),
    ],
)
def test_proofs_that_prove_nothing(goods, by, facts, field):
    refused(send, goods, by, field=field, **facts)
    assert count(Certificate) == 0


def test_a_farm_has_no_stars(goods, by):
    refused(send, goods.farm, by, field="kind")


def test_the_same_paper_twice(goods, by):
    with transaction():
        send(goods, by)
    refused(send, goods, by, field="number")
    assert count(Certificate) == 1
    other = make.product(goods.farm)
    with transaction():
        send(other, by)  # one decision recognises many products


def test_nobody_checks_their_own_paper(goods, by):
    with transaction():
        proof = send(goods, by)
    for verb in (
        lambda: service.verify_certificate(proof, by),
        lambda: service.withdraw_certificate(proof, by, "sai số"),
    ):
        with pytest.raises(Conflict), transaction():
            verb()
    assert proof.state is CertificateState.SUBMITTED


def test_a_refusal_says_why(goods, by):
    with transaction():
        proof = send(goods, by)
    refused(service.withdraw_certificate, proof, SYSTEM, " ", field="reason")
    with transaction():
        service.withdraw_certificate(proof, SYSTEM, "Số quyết định không khớp với tờ giấy.")
    assert proof.reason == "Số quyết định không khớp với tờ giấy."
    with transaction():
        send(goods, by)  # mended, it may be sent again


def test_at_midnight_old_proofs_lapse_and_search_follows(goods, by, clock, run_jobs):
    clock.set("2026-01-10 09:00")
    with transaction():
        proof = send(goods, by)
        service.verify_certificate(proof, SYSTEM)
    clock.set("2028-12-31 23:59")
    jobs.lapse_certificates()
    assert proof.state is CertificateState.VERIFIED
    clock.set("2029-01-01 00:00")
    seen = touches()
    jobs.lapse_certificates()
    assert proof.state is CertificateState.LAPSED
    assert touches() == seen + 1
    jobs.lapse_certificates()
    assert touches() == seen + 1


def test_a_form_sent_twice_counts_once(goods, by):
    with transaction():
        assert service.draft(goods.farm, by, once="abc") is service.draft(goods.farm, by, once="abc")
    pack = goods.packs[0]
    for _ in range(2):
        with transaction():
            service.supply(goods, {pack: 5}, by, harvested_on=clock.today(), once="xyz")
    with transaction():
        service.supply(goods, {pack: 1}, by, once="xyz2")
    assert (pack.on_hand, count(Lot)) == (16, 1)
    assert service.check_stock() == []


def test_a_harvest_of_nothing(goods, by):
    refused(service.supply, goods, {goods.packs[0]: 0}, by)
