"""The farmer's goods: a list with quick deeds; a new product step by step, photo first; each part on its own page.

A draft is saved at every step. A part of a product that is finished leads on to the next one while it is a draft, and
back to the product's own page later.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for

from marketplace.catalog import looks, ocop, queries, service
from marketplace.catalog.forms import (
    OTHER,
    CertificateForm,
    DetailsForm,
    DuplicateForm,
    PackForm,
    PhotosForm,
    StoryForm,
    WithdrawalForm,
    stock_form,
    supply_form,
)
from marketplace.catalog.models import (
    CERTIFICATE_WORDS,
    HANDLING_WORDS,
    STOCK_BY_WORDS,
    Certificate,
    CertificateKind,
    Handling,
    Product,
    ProductState,
)
from marketplace.catalog.routes import proofs
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import FarmRight
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.form import Form, tidy
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import Text, _

bp = Blueprint("catalog_farmer", __name__)
bp.before_request(lambda: farmers.must_have_right(person(), FarmRight.LIST))
bp.register_blueprint(proofs.bp, url_prefix="/certificates")

STEPS: list[tuple[str, Text]] = [
    ("photos", _("Hình")),
    ("details", _("Tên và loại")),
    ("packs", _("Gói và giá")),
    ("supply", _("Số lượng")),
    ("story", _("Kể thêm")),
    ("preview", _("Xem lại")),
]


# -- the list -----------------------------------------------------------------------------------------------------


@bp.get("/products")
def products() -> Any:
    """The farm's goods, drafts first, a page at a time; by name when there are many."""
    farm = farmers.my_farm(person())
    if farm is None:
        return redirect_to("farmers_farmer.start")
    words = tidy(request.args.get("q", ""))[:60]
    asked = queries.of_farm(farm, words)
    pager = Pager(queries.count(asked))
    shown = asked.options(*queries.shelf_parts()).offset(pager.offset).limit(pager.limit)
    listed = db.session.scalars(shown).all()
    return page(
        "catalog/farmer/products.html",
        farm=farm,
        pager=pager,
        words=words,
        closed=None if farm.may_sell else queries.farm_sentence(farm),
        listed=listed,
        stars=queries.stars_of([product.id for product in listed]),
        cheapest=queries.cheapest,
        unit_price=queries.unit_price,
        units=queries.UNIT_WORDS,
    )


# -- one product --------------------------------------------------------------------------------------------------


@bp.get("/products/<code>")
def edit(code: str) -> Any:
    """One product: how it stands, and a way to each of its parts."""
    product = queries.product_for(person(), code)
    gaps = queries.gaps(product)
    return page(
        "catalog/farmer/edit.html",
        product=product,
        gaps=gaps,
        next_step=_next_gap(product),
        lot=queries.current_lot(product),
        stars=queries.stars_now(product),
        category=ocop.category_name(product.set_no) if product.is_categorised else None,
        handlings=HANDLING_WORDS,
        counting=STOCK_BY_WORDS[product.stock_by],
        heap_words=queries.heap_words,
        copy_form=DuplicateForm(),
        sent_back=looks.sent_back(product),
        waiting=looks.waiting_for(product) if product.published_at is not None else None,
        **_prices(),
    )


@bp.route("/products/<code>/photos", methods=["GET", "POST"])
def photos(code: str) -> Any:
    """Add pictures, put them in order, take one away."""
    product = queries.product_for(person(), code)
    form = PhotosForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.add_photos(product, form.photos.data, current_actor())
            notice(_("Đã thêm hình."))
            return redirect_to("catalog_farmer.photos", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    return page(
        "catalog/farmer/photos.html",
        _status(form),
        form=form,
        product=product,
        removed=_removed(product, "photo", queries.photo_of),
        **_place(product, "photos"),
    )


@bp.post("/products/<code>/photos/<photo>/<any(first, earlier, later):where>")
def move_photo(code: str, photo: str, where: str) -> Any:
    """Another order, one press at a time."""
    product = queries.product_for(person(), code)
    codes = [shown.code for shown in product.photos]
    if photo not in codes:
        raise Missing()
    at = codes.index(photo)
    codes.insert({"first": 0, "earlier": max(0, at - 1), "later": at + 1}[where], codes.pop(at))
    with transaction():
        service.order_photos(product, codes, current_actor())
    return redirect_to("catalog_farmer.photos", code=code)


@bp.post("/products/<code>/photos/<photo>/removal")
def remove_photo(code: str, photo: str) -> Any:
    found = queries.photo_of(queries.product_for(person(), code), photo)
    return _deed(lambda: service.remove_photo(found, current_actor()), code, "photos", removed=photo)


@bp.post("/products/<code>/photos/<photo>/return")
def bring_back_photo(code: str, photo: str) -> Any:
    """Undo."""
    found = queries.photo_of(queries.product_for(person(), code), photo)
    return _deed(
        lambda: service.bring_back_photo(found, current_actor()), code, "photos", _("Hình đã trở lại.")
    )


@bp.route("/products/<code>/details", methods=["GET", "POST"])
def details(code: str) -> Any:
    """Name and category."""
    product = queries.product_for(person(), code)
    form = DetailsForm(
        data={
            "name": product.name,
            "set_no": (str(product.set_no or OTHER) if product.is_categorised else None),
            "is_own_unprocessed": product.is_own_unprocessed,
        }
    )
    if form.validate_on_submit():
        said: service.Description = {
            "name": form.name.data,
            "set_no": form.chosen_set,
            "is_own_unprocessed": form.is_own_unprocessed.data,
        }
        if form.chosen_set and form.chosen_set != product.set_no:
            said["handling"] = Handling(ocop.set_of(form.chosen_set).handling)
        if answer := _save(form, lambda: service.describe(product, current_actor(), **said)):
            return answer(product, "details")
    return page(
        "catalog/farmer/details.html",
        _status(form),
        form=form,
        product=product,
        groups=[(group, ocop.sets_in(group.slug)) for group in ocop.groups()],
        **_place(product, "details"),
    )


@bp.route("/products/<code>/packs", methods=["GET", "POST"])
def packs(code: str) -> Any:
    """The packs there are, and one more."""
    product = queries.product_for(person(), code)
    form = PackForm(data={"unit": _usual_unit(product)})
    is_trying, tried = _tried(form)
    if (
        not is_trying
        and form.validate_on_submit()
        and _is_sensible(product, form)
        and _save(form, lambda: service.save_pack(product, form.details(), current_actor()))
    ):
        notice(_("Đã thêm gói."))
        return redirect_to("catalog_farmer.packs", code=code)
    return page(
        "catalog/farmer/packs.html",
        200 if tried else _status(form),
        form=form,
        tried=tried,
        product=product,
        removed=_removed(product, "pack", queries.pack_of),
        **_place(product, "packs"),
        **_prices(),
    )


@bp.route("/products/<code>/packs/<pack>", methods=["GET", "POST"])
def pack(code: str, pack: str) -> Any:
    """One pack: price, size, weight, box."""
    product = queries.product_for(person(), code)
    found = queries.pack_of(product, pack)
    if found.removed_at is not None:
        raise Missing()
    form = PackForm.of(found)
    is_trying, tried = _tried(form)
    if (
        not is_trying
        and form.validate_on_submit()
        and _is_sensible(product, form)
        and _save(form, lambda: service.save_pack(product, form.details(), current_actor(), found))
    ):
        notice(_("Đã lưu gói %(name)s.", name=found.name))
        return redirect_to("catalog_farmer.packs", code=code)
    return page(
        "catalog/farmer/pack.html",
        200 if tried else _status(form),
        form=form,
        tried=tried,
        product=product,
        pack=found,
        **_place(product, "packs"),
        **_prices(),
    )


@bp.post("/products/<code>/packs/<pack>/removal")
def remove_pack(code: str, pack: str) -> Any:
    found = queries.pack_of(queries.product_for(person(), code), pack)
    return _deed(lambda: service.remove_pack(found, current_actor()), code, "packs", removed=pack)


@bp.post("/products/<code>/packs/<pack>/return")
def bring_back_pack(code: str, pack: str) -> Any:
    """Undo."""
    found = queries.pack_of(queries.product_for(person(), code), pack)
    return _deed(lambda: service.bring_back_pack(found, current_actor()), code, "packs", _("Gói đã trở lại."))


@bp.route("/products/<code>/supply", methods=["GET", "POST"])
def supply(code: str) -> Any:
    """A harvest or a batch comes in."""
    product = queries.product_for(person(), code)
    form = supply_form(product)
    is_draft = product.published_at is None
    if form.validate_on_submit():
        wanted = form.quantities()
        is_nothing = not any(wanted.values()) and form.heap.number is None and form.harvested_on.data is None
        if is_draft and is_nothing:
            return _onward(product, "supply")
        if answer := _save(
            form,
            lambda: service.supply(
                product,
                wanted,
                current_actor(),
                form.harvested_on.data,
                form.use_by.data,
                form.note.data or "",
                form.once.data,
                form.heap_amount(),
            ),
        ):
            return answer(product, "supply", _("Đã nhập hàng."))
    return page(
        "catalog/farmer/supply.html",
        _status(form),
        form=form,
        product=product,
        heap_words=queries.heap_words,
        heap_unit=queries.heap_unit(product),
        **_place(product, "supply"),
    )


@bp.route("/products/<code>/stock", methods=["GET", "POST"])
def stock(code: str) -> Any:
    """Counted by hand: so many there are."""
    product = queries.product_for(person(), code)
    form = stock_form(product)
    status = 200
    if form.validate_on_submit():
        try:
            with transaction():
                for found, counted, seen in form.counts():
                    if counted != seen:
                        service.correct_stock(found, counted, current_actor(), seen)
                if (heap := form.heap_count()) is not None:
                    service.correct_heap(product, heap, current_actor(), form.seen_heap.data)
            notice(_("Đã ghi số mới."))
            return redirect_to("catalog_farmer.edit", code=code)
        except Conflict as conflict:
            # What was typed stays; the number it is measured against is today's.
            form.refuse(conflict)
            status = 409
            for found, _counted, _seen in form.counts():
                form[f"seen-{found.code}"].data = found.on_hand
            form.seen_heap.data = product.heap_on_hand
        except Refusal as refusal:
            form.refuse(refusal)
    return page(
        "catalog/farmer/stock.html",
        status if status != 200 else _status(form),
        form=form,
        product=product,
        heap_unit=queries.heap_unit(product),
        **_place(product, "stock"),
    )


@bp.route("/products/<code>/story", methods=["GET", "POST"])
def story(code: str) -> Any:
    """What else a buyer wants to know."""
    product = queries.product_for(person(), code)
    form = StoryForm(
        data={
            "description": product.description,
            "handling": product.handling.value,
            "ingredients": product.ingredients,
            "storage": product.storage,
            "shelf_life_days": product.shelf_life_days,
            "season_months": [str(month) for month in product.season_months],
        }
    )
    if form.validate_on_submit():
        said: service.Description = {
            "description": form.description.data or "",
            "handling": Handling(form.handling.data),
            "ingredients": form.ingredients.data or "",
            "storage": form.storage.data or "",
            "shelf_life_days": form.shelf_life_days.data,
            "season_months": sorted(int(month) for month in form.season_months.data or ()),
        }
        if answer := _save(form, lambda: service.describe(product, current_actor(), **said)):
            return answer(product, "story")
    return page(
        "catalog/farmer/story.html", _status(form), form=form, product=product, **_place(product, "story")
    )


@bp.get("/products/<code>/preview")
def preview(code: str) -> Any:
    """The product as a buyer will see it, and what is still missing."""
    product = queries.product_for(person(), code)
    return page(
        "catalog/farmer/preview.html",
        product=product,
        gaps=queries.gaps(product),
        lot=queries.current_lot(product),
        proof=queries.star_certificate(product),
        category=ocop.category_name(product.set_no) if product.is_categorised else None,
        handlings=HANDLING_WORDS,
        **_place(product, "preview"),
        **_prices(),
    )


# -- selling ------------------------------------------------------------------------------------------------------


@bp.post("/products/<code>/publication")
def publish(code: str) -> Any:
    """Offer it to everybody; also what was paused."""
    product = queries.product_for(person(), code)
    was_paused = product.state is ProductState.PAUSED
    said = _("Đã bán lại.") if was_paused else _("Đã đăng bán. Người mua thấy món này ngay bây giờ.")
    return _deed(lambda: service.publish(product, current_actor()), code, _pressed_on(), said)


@bp.post("/products/<code>/pause")
def pause(code: str) -> Any:
    product = queries.product_for(person(), code)
    said = _("Đã tạm dừng bán. Đơn đã đặt vẫn giao như thường.")
    return _deed(lambda: service.pause(product, current_actor()), code, _pressed_on(), said)


@bp.route("/products/<code>/withdrawal", methods=["GET", "POST"])
def withdraw(code: str) -> Any:
    """Off the market for good, once it was said what that means."""
    product = queries.product_for(person(), code)
    form = WithdrawalForm()
    if form.validate_on_submit():
        name = product.name
        with transaction():
            service.withdraw(product, current_actor(), form.why.data or None)
        notice(_("Đã gỡ “%(name)s” khỏi chợ.", name=name or _("Bản nháp")))
        return redirect_to("catalog_farmer.products")
    return page(
        "catalog/farmer/withdraw.html",
        _status(form),
        form=form,
        product=product,
        waiting_orders=queries.held_orders(product),
    )


# -- proofs -------------------------------------------------------------------------------------------------------


@bp.get("/products/<code>/certificates")
def certificates(code: str) -> Any:
    """Every proof of the product, and how it stands."""
    product = queries.product_for(person(), code)
    return page(
        "catalog/farmer/certificates.html",
        product=product,
        listed=queries.certificates_of(product),
        words=CERTIFICATE_WORDS,
        kinds=list(CertificateKind),
        **_place(product, "certificates"),
    )


@bp.route("/products/<code>/certificates/new", methods=["GET", "POST"])
def new_certificate(code: str) -> Any:
    """Send in a proof with its paper."""
    product = queries.product_for(person(), code)
    form = CertificateForm(data={"kind": request.args.get("kind", CertificateKind.OCOP.value)})
    kind = form.chosen_kind
    is_ocop = kind is CertificateKind.OCOP
    if form.validate_on_submit() and _save(form, lambda: proofs.send(product, form, _renewed(product))):
        notice(_("Đã gửi giấy. Người thẩm định sẽ kiểm tra và báo cho bạn."))
        return redirect_to("catalog_farmer.certificates", code=code)
    return page(
        "catalog/farmer/certificate.html",
        _status(form),
        form=form,
        product=product,
        kind=kind,
        kind_name=CERTIFICATE_WORDS[kind],
        renews=request.values.get("renews", "")[:40],
        is_ocop=is_ocop,
        **_place(product, "certificates"),
    )


def _renewed(product: Product) -> Certificate | None:
    """The certificate this one follows, when it was begun from there."""
    code = request.values.get("renews", "")[:40]
    return queries.certificate_of(product.farm, code) if code else None


# -- what the pages share -----------------------------------------------------------------------------------------


def _status(form: Form) -> int:
    return 422 if form.is_submitted() else 200


def _save(form: Form, verb: Callable[[], Any]) -> "Callable[..., Any] | None":
    """The verb in a transaction of its own; a refusal goes beside its field. What comes back leads onward."""
    try:
        with transaction():
            verb()
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    return _onward


def _onward(product: Product, step: str, said: Text | None = None) -> Any:
    """While it is a draft: the next step. Later: back to the product."""
    if product.published_at is None and product.state is ProductState.DRAFT:
        order = [name for name, _words in STEPS]
        return redirect_to(f"catalog_farmer.{order[order.index(step) + 1]}", code=product.code)
    notice(said or _("Đã lưu."))
    return redirect_to("catalog_farmer.edit", code=product.code)


def _deed(
    verb: Callable[[], Any], code: str, place: str, said: Text | None = None, removed: str | None = None
) -> Any:
    """A deed of one press: done, or the reason, on the page it belongs to. `removed`: what can be brought back."""
    back = _same_page() if place == "products" else {"code": code}
    try:
        with transaction():
            verb()
    except (Missing, Conflict):
        raise
    except Refusal as refusal:
        notice(refusal.sentence, "bad")
        return redirect_to(f"catalog_farmer.{place}", **back)
    if said is not None:
        notice(said)
    if removed is not None:
        back["removed"] = removed
    return redirect_to(f"catalog_farmer.{place}", **back)


def _same_page() -> dict[str, str]:
    """The page of the list a quick deed was pressed on."""
    number = request.form.get("page", "")[:6]
    return {"page": number} if number.isdigit() and number != "1" else {}


def _pressed_on() -> str:
    """Quick deeds of the list lead back to the list."""
    return "products" if request.form.get("from") == "list" else "edit"


def _steps(product: Product | None) -> list[dict[str, Any]]:
    """The way of a new product; steps may be visited in any order once it has begun."""
    return [
        {"label": words, "href": url_for(f"catalog_farmer.{name}", code=product.code) if product else None}
        for name, words in STEPS
    ]


def _place(product: Product, step: str) -> dict[str, Any]:
    """Where the page stands: the row of steps for a draft, the way back for a product that was published."""
    order = [name for name, _words in STEPS]
    guided = product.published_at is None and product.state is not ProductState.WITHDRAWN and step in order
    at = order.index(step) + 1 if step in order else 0
    return {
        "guided": guided,
        "steps": _steps(product),
        "at": at,
        "before": order[at - 2] if guided and at > 1 else None,
        "after": order[at] if guided and at < len(order) else None,
    }


def _next_gap(product: Product) -> str:
    """The step where a draft goes on."""
    steps = [gap.step for gap in queries.gaps(product) if gap.step != "farm"]
    return steps[0] if steps else "preview"


def _removed(product: Product, what: str, find: Callable[[Product, str], Any]) -> Any:
    """What was just taken away, for the button that brings it back."""
    code = request.args.get("removed")
    if not code:
        return None
    try:
        found = find(product, code)
    except Missing:
        return None
    return found if found.removed_at is not None else None


def _is_sensible(product: Product, form: PackForm) -> bool:
    """Is the price like that of such goods? What is no pack at all is refused when it is saved."""
    try:
        return form.is_sensible(product.set_no, form.details())
    except Refusal:
        return True


def _tried(form: PackForm) -> tuple[bool, "tuple[int, queries.Unit] | None"]:
    """Was "what will I get" pressed, and the unit price of what was typed; nothing is saved then."""
    if "try" not in request.form:
        return False, None
    if not form.validate():
        return True, None
    try:
        return True, queries.unit_price(form.details())
    except Refusal as refusal:
        form.refuse(refusal)
        return True, None


def _usual_unit(product: Product) -> str:
    if product.packs:
        last = product.packs[-1]
        return "g" if last.grams else "ml" if last.millilitres else "piece"
    if product.handling is Handling.LIQUID:
        return "ml"
    return "piece" if product.set_no in range(21, 27) else "g"


def _prices() -> dict[str, Any]:
    return {"unit_price": queries.unit_price, "units": queries.UNIT_WORDS, "cheapest": queries.cheapest}
