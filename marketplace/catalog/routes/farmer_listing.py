"""Listing from a phone: one page, photo first; its pictures in pieces, its draft kept; a copy; prices and counts of
many packs at once."""

import hashlib
import io
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from werkzeug.datastructures import MultiDict

from marketplace.catalog import history as told
from marketplace.catalog import kinds, listing, ocop, queries, service
from marketplace.catalog.amounts import PIECES
from marketplace.catalog.forms import (
    OTHER,
    CountingForm,
    DuplicateForm,
    ListingForm,
    counting_form,
    grid_form,
)
from marketplace.catalog.listing import Listing
from marketplace.catalog.models import Product, ProductState, StockBy, Variant
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmRight
from marketplace.foundation import uploads
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import photo_url
from marketplace.foundation.form import tidy
from marketplace.foundation.photos import read_photo
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("catalog_listing", __name__)
bp.before_request(lambda: farmers.must_have_right(person(), FarmRight.LIST))

TOLD = {"name", "price_dong", "quantity"}
"""One of these was typed: there is something to keep."""
TYPED = (*sorted(TOLD), "amount", "unit", "set_no", "harvested_on", "weight_grams", "is_own_unprocessed")


# -- one page -----------------------------------------------------------------------------------------------------


@bp.route("/products/new", methods=["GET", "POST"])
def new() -> Any:
    """Everything on one page. With nothing but pictures it goes on step by step."""
    farm = farmers.my_farm(person())
    if farm is None:
        return redirect_to("farmers_farmer.start")
    if request.method == "GET" and (code := request.args.get("draft", "")):
        return _go_on(farm, code)
    form = ListingForm(data=_suggested(request.args.get("from", "")))
    if form.is_submitted() and form.only_photos and form.photos.validate(form) and form.once.validate(form):
        return _step_by_step(farm, form)
    draft = listing.begun(farm, form.once.data) if form.is_submitted() and form.once.data else None
    if draft is not None and draft.state is not ProductState.DRAFT:
        return redirect_to("catalog_farmer.edit", code=draft.code)
    if form.is_submitted() and "try" in request.form:
        return _show(farm, form, draft, 200)
    if form.is_submitted() and not form.photos.data and not (draft and draft.photos):
        form.photos.must = _("Hãy chụp hoặc chọn ít nhất một tấm hình.")
    if form.validate_on_submit() and _is_sensible(form):
        try:
            with transaction():
                product = listing.list_at_once(
                    farm, _said(form), form.photos.data, form.once.data, current_actor()
                )
                code, state = product.code, product.state
            _say(state, farm)
            return redirect_to("catalog_farmer.edit", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    return _show(farm, form, draft, 422 if form.is_submitted() else 200)


def _go_on(farm: Farm, code: str) -> Any:
    """The page as it was left, on this phone or another."""
    product = queries.product_for(person(), code)
    if not product.is_half_typed:
        return redirect_to("catalog_farmer.edit", code=product.code)
    typed = {**(product.typed or {}), "once": product.once or ""}
    return _show(farm, ListingForm(formdata=MultiDict(typed)), product, 200)


def _suggested(key: str) -> dict[str, Any]:
    """What a chosen kind of goods fills in."""
    kind = kinds.kind_of(key)
    if kind is None:
        return {}
    return {
        "set_no": str(kind.set_no), "amount": kind.amount, "unit": kind.unit, "weight_grams": kind.weight_grams,
        "is_own_unprocessed": kind.is_own_unprocessed,
    }  # fmt: skip


def _said(form: ListingForm) -> Listing:
    chosen = form.set_no.data
    return Listing(
        name=form.name.data,
        pack=form.details(),
        set_no=int(chosen) if chosen and chosen != OTHER else None,
        is_other=chosen == OTHER,
        quantity=form.quantity.data or 0,
        harvested_on=form.harvested_on.data,
        is_own_unprocessed=form.is_own_unprocessed.data,
    )


def _is_sensible(form: ListingForm) -> bool:
    """Is the price like that of such goods, or does the farmer say it is right?"""
    kind = kinds.suggest(form.name.data or "")
    chosen = form.set_no.data
    set_no = int(chosen) if chosen and chosen != OTHER else kind.set_no if kind and not chosen else None
    try:
        return form.is_sensible(set_no, form.details())
    except Refusal as refusal:
        form.refuse(refusal)
        return False


def _step_by_step(farm: Farm, form: ListingForm) -> Any:
    try:
        with transaction():
            by = current_actor()
            product = service.draft(farm, by, form.once.data)
            service.add_photos(product, form.photos.data, by)
            code = product.code
        return redirect_to("catalog_farmer.details", code=code)
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(farm, form, None, 422)


def _say(state: ProductState, farm: Farm) -> None:
    if state is ProductState.ON_SALE:
        notice(_("Đã đăng bán. Người mua thấy món này ngay bây giờ."))
    elif state is ProductState.CHECKING:
        notice(_("Đã gửi. Chợ xem qua rồi mới hiện ra cho người mua; xem xong chợ nhắn bạn ngay."))
    elif state is ProductState.WAITING:
        notice(_("Đã gửi cho người bán xem và đồng ý."))
    else:
        notice(queries.farm_sentence(farm), "warn")


def _show(farm: Farm, form: ListingForm, draft: Product | None, status: int) -> Any:
    kind = kinds.suggest(form.name.data or "")
    is_service = form.set_no.data == str(ocop.SERVICE_SET)
    return page(
        "catalog/farmer/new.html",
        status,
        form=form,
        draft=draft,
        likenesses=_likenesses(farm),
        chosen_sort="service" if is_service else "own" if form.is_own_unprocessed.data else "other",
        kind=kind,
        kinds=kinds.kinds(),
        pieces=PIECES,
    )


def _likenesses(farm: Farm) -> dict[str, Product]:
    """Goods of this farm of each sort the money makes a difference of; nothing of it is kept."""
    return {
        "other": Product(farm_id=farm.id, farm=farm),
        "own": Product(farm_id=farm.id, farm=farm, is_own_unprocessed=True),
        "service": Product(farm_id=farm.id, farm=farm, set_no=ocop.SERVICE_SET),
    }


# -- the draft and its pictures, while somebody types ----------------------------------------------------------------


@bp.post("/products/new/draft")
def keep_draft() -> Any:
    """What is typed so far."""
    farm, once = _my_farm(), _once()
    typed = {name: request.form[name] for name in TYPED if request.form.get(name)}
    if not TOLD & typed.keys() and listing.begun(farm, once) is None:
        return jsonify(code=None)
    with transaction():
        code = listing.keep_draft(farm, once, typed, current_actor()).code
    return jsonify(code=code)


@bp.get("/products/new/draft")
def draft() -> Any:
    """What the server has of a page that was left: its pictures; or where it went when it was sent already."""
    farm, once = farmers.my_farm(person()), request.args.get("once", "")
    if farm is None:
        raise Missing()
    found = listing.begun(farm, once)
    if found is not None and found.state is not ProductState.DRAFT:
        return jsonify(photos=[], done=url_for("catalog_farmer.edit", code=found.code))
    return jsonify(photos=[photo_url(shown.photo, 400) for shown in found.photos] if found else [])


@bp.post("/uploads")
def begin_upload() -> Any:
    """A picture will come in pieces."""
    farm, once = _my_farm(), _once()
    try:
        size = int(request.form.get("size", ""))
    except ValueError:
        return _no(Refusal(_("Không đọc được cỡ của tệp. Hãy chọn lại hình.")))
    try:
        with transaction():
            upload = uploads.begin(
                person().id,
                size,
                request.form.get("name", ""),
                f"{farm.code} {once}",
                _photo_key(once),
            )
            answer = _as_it_stands(upload)
        return jsonify(answer), 201
    except Refusal as refusal:
        return _no(refusal)


@bp.get("/uploads/<code>")
def upload(code: str) -> Any:
    """How much has come."""
    return jsonify(_as_it_stands(uploads.upload_of(person().id, code)))


@bp.post("/uploads/<code>/pieces")
def add_piece(code: str) -> Any:
    """The next piece; with the last one the picture is looked at and put to its draft."""
    found = uploads.upload_of(person().id, code)
    try:
        offset = int(request.args.get("offset", ""))
        data = request.stream.read(uploads.MOST_PIECE_BYTES + 1)
    except ValueError:
        return _no(Refusal(_("Phần này gửi sai chỗ. Hãy gửi tiếp từ chỗ đang dở.")))
    try:
        with transaction():
            uploads.add_piece(found, offset, data)
            answer = _as_it_stands(found)
    except uploads.WrongPlace as wrong:
        if not (wrong.offset == found.size_bytes and found.photo_id is None):
            return jsonify(offset=wrong.offset, message=str(wrong)), 409
        answer = {}
    except Refusal as refusal:
        return _no(refusal)
    if found.is_whole and found.photo_id is None:
        return _finish(found)
    return jsonify(answer)


def _finish(found: uploads.Upload) -> Any:
    farm_code, _space, once = found.about.partition(" ")
    farm = farmers.farm_for(person(), farm_code)
    try:
        ready = read_photo(io.BytesIO(uploads.data_of(found)))  # slow: outside the transaction
        with transaction():
            by = current_actor()
            photo = uploads.finish(found, ready, by, "product")
            listing.add_uploaded(farm, once, photo, by)
            answer = _as_it_stands(found)
        return jsonify(answer)
    except Refusal as refusal:
        with transaction():
            uploads.drop(uploads.upload_of(person().id, found.code))
        return _no(refusal)


def _as_it_stands(found: uploads.Upload) -> dict[str, Any]:
    return {
        "code": found.code,
        "offset": found.received_bytes,
        "size": found.size_bytes,
        "photo": photo_url(found.photo, 400) if found.photo else None,
    }


def _no(refusal: Refusal) -> Any:
    return jsonify(message=str(refusal.sentence)), refusal.status


def _photo_key(once: str) -> str | None:
    """The same picture of the same page is one upload; on another page it is another."""
    key = request.form.get("key", "")
    return hashlib.sha256(f"{once} {key}".encode()).hexdigest() if key else None


def _my_farm() -> Farm:
    farm = farmers.my_farm(person())
    if farm is None:
        raise Conflict(_("Bạn chưa có gian hàng. Hãy mở gian hàng trước."))
    return farm


def _once() -> str:
    once = request.values.get("once", "")
    if not (8 <= len(once) <= 40 and once.replace("-", "").replace("_", "").isalnum() and once.isascii()):
        raise Conflict(_("Trang này đã cũ. Hãy mở lại trang đăng món."))
    return once


# -- how it is counted, and its lots ------------------------------------------------------------------------------


@bp.route("/products/<code>/counting", methods=["GET", "POST"])
def counting(code: str) -> Any:
    """How the stock is counted, when it is sold, how many an order may have."""
    product = queries.product_for(person(), code)
    form = counting_form(product)
    if form.validate_on_submit():
        try:
            with transaction():
                _count_so(product, form)
            notice(_("Đã lưu."))
            return redirect_to("catalog_farmer.edit", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    status = 422 if form.is_submitted() else 200
    return page("catalog/farmer/counting.html", status, form=form, product=product)


def _count_so(product: Product, form: CountingForm) -> None:
    by = current_actor()
    service.count_by(
        product, StockBy(form.stock_by.data), by, form.daily_capacity.data, form.lead_days.data or 0
    )
    service.sell_between(product, by, form.sale_from.data, form.sale_until.data)
    for pack, least, most in form.limits():
        service.limit_orders(pack, by, least, most)


# -- lots --------------------------------------------------------------------------------------------------------


@bp.get("/products/<code>/lots")
def lots(code: str) -> Any:
    """Every lot: how much is left, its page for the pack, the way to call it back."""
    product = queries.product_for(person(), code)
    return page("catalog/farmer/lots.html", product=product, heap_words=queries.heap_words)


@bp.get("/products/<code>/history")
def history(code: str) -> Any:
    """Who did what with it, for whom, when."""
    product = queries.product_for(person(), code)
    pager = Pager(told.count_written(product), per_page=50)
    return page(
        "catalog/farmer/history.html",
        product=product,
        written=told.written(product, pager.offset, pager.limit, names_reviewers=False),
        pager=pager,
    )


# -- another like it, many at once -----------------------------------------------------------------------------------


@bp.post("/products/<code>/copy")
def duplicate(code: str) -> Any:
    """A draft like this one."""
    product = queries.product_for(person(), code)
    form = DuplicateForm()
    if not form.validate_on_submit():
        raise Conflict(_("Trang này đã cũ. Hãy mở lại trang của món."))
    with transaction():
        made = listing.duplicate(product, current_actor(), form.once.data).code
    notice(_("Đã chép thành một bản nháp. Sửa tên, giá rồi đăng."))
    return redirect_to("catalog_farmer.edit", code=made)


@bp.route("/products/grid", methods=["GET", "POST"])
def grid() -> Any:
    """Prices and counts of all packs, as many on a page as a phone bears."""
    farm = farmers.my_farm(person())
    if farm is None:
        return redirect_to("farmers_farmer.start")
    words = tidy(request.args.get("q", ""))[:60]
    asked = queries.packs_of(farm, words)
    pager = Pager(queries.count(asked), per_page=40)
    typed = [name.removeprefix("price-") for name in request.form if name.startswith("price-")]
    # What is sent is of the packs the page showed, whatever was listed meanwhile.
    shown = asked.where(Variant.code.in_(typed)) if typed else asked.offset(pager.offset)
    packs = list(db.session.scalars(shown.limit(pager.limit)))
    form = grid_form(packs)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit() and form.are_sensible():
        try:
            with transaction():
                changed = listing.save_grid(form.rows(), current_actor())
            notice(_("Đã lưu %(n)s gói.", n=changed) if changed else _("Không có gì thay đổi."))
            return redirect_to(
                "catalog_listing.grid", q=words or None, page=pager.page if pager.page > 1 else None
            )
        except Conflict as conflict:
            form.refuse(conflict)
            form.see_again()
            status = 409
        except Refusal as refusal:
            form.refuse(refusal)
    return page(
        "catalog/farmer/grid.html",
        status,
        farm=farm,
        form=form,
        packs=packs,
        pager=pager,
        words=words,
        heap_words=queries.heap_words,
    )
