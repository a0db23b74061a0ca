"""The counter of the post: one box to scan into, today's lists, one parcel with its deeds.

Who may see and do what. A clerk stands at one of the points they hold. They see a parcel that was sent from their
point, goes to it, or was last seen at it; any other is not there (404). But whoever holds a parcel in their hands may
say so: a scan that says "it is with us" or "it left" (nhận gửi, lấy hàng, chuyển đi, tới bưu cục) is taken from any
point, and with it the parcel is that point's to look after. Handing out, failing, sending back, losing: only the point
where it goes or where it was last seen (`shipping.service.record_scan` holds that rule, for pages and programs alike).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, request, session
from werkzeug.wrappers import Response

from marketplace.desks import counter, runs, sending
from marketplace.desks.forms import (
    FAILED_BECAUSE,
    FOR_A_PILE,
    DisposalForm,
    FailureForm,
    FindOrderForm,
    HandOutForm,
    KeptScanForm,
    PickupForm,
    ScanForm,
    WeightForm,
)
from marketplace.desks.routes import standing
from marketplace.foundation import clock
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Forbidden, Missing, Refusal
from marketplace.foundation.show import grams
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import Text, _
from marketplace.orders import service as orders
from marketplace.payments import service as payments
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import (
    carriers,
    compensation,
    dispatches,
    labels,
    manifests,
    queries,
    s10,
    service,
    spoiling,
)
from marketplace.shipping.dispatch_models import Dispatch
from marketplace.shipping.models import SCAN_WORDS, Parcel, Scan, ScanKind

bp = Blueprint("desks_post", __name__)

GONE_FROM_POINT = _("Bạn không còn làm ở bưu cục đã quét. Hãy đưa kiện cho người ở đó quét lại.")
TWICE_WITHIN_SECONDS = 60
"""A scanner that reads twice, or a form sent twice, is no mistake of the clerk's."""


# -- where the clerk stands ---------------------------------------------------------------------------------------


@bp.post("/point")
def point() -> Response:
    wanted = request.form.get("point", "")
    if wanted not in {one.code for one in counter.points_of(person())}:
        raise Missing(_("Bạn không làm ở bưu cục này. Hãy chọn lại."))
    session["post_point"] = wanted
    return redirect_to("desks_post.counter")


# -- the counter --------------------------------------------------------------------------------------------------


@bp.get("", endpoint="counter")
def counter_page() -> tuple[str, int]:
    here, points = standing.chosen(), counter.points_of(person())
    if here is None:
        return page("desks/post/no_point.html", points=points, sentence=standing.NO_POINT)
    shown = queries.find_parcel(request.args.get("parcel", "")[:100])
    form = ScanForm(formdata=None, event=_mode(request.args.get("mode")))
    return _counter(here, form, shown)


def _mode(asked: str | None) -> str:
    """What every scan of a pile means, while the clerk says so."""
    return asked if asked in {kind.value for kind in FOR_A_PILE} else ""


def _counter(here: ServicePoint, form: ScanForm, shown: Parcel | None, status: int = 200) -> tuple[str, int]:
    # The box is empty again: a scanner would type the next number behind this one.
    typed, form.tracking.data = form.tracking.data or "", ""
    form.shown.data = shown.tracking if shown is not None else ""
    # A button beside a parcel sends the mode the counter is in; the box's own event is the mode.
    form.event.data = _mode(request.form.get("mode", form.event.data))
    form.offer_piles()
    return page(
        "desks/post/counter.html",
        status,
        form=form,
        typed=s10.grouped(s10.tidy(typed)),
        points=counter.points_of(person()),
        now=places.seen_now(here),
        counter=counter.counter_of(here),
        most=counter.MOST_ROWS,
        mode=form.event.data,
        **_parcel_facts(shown, here),
    )


def _parcel_facts(parcel: Parcel | None, here: ServicePoint) -> dict[str, Any]:
    """What a page shows of one parcel. Of a parcel this point has nothing to do with: its number and its way only."""
    last = (
        max((scan for scan in parcel.scans if scan.counts), key=lambda scan: scan.id, default=None)
        if parcel
        else None
    )
    return {
        "point": here,
        "parcel": parcel,
        "is_ours": parcel is not None and queries.concerns(parcel, here),
        "deeds": counter.deeds_for(parcel, here) if parcel is not None else None,
        "scan_words": SCAN_WORDS,
        "scan_kinds": ScanKind,
        "undo": last if last is not None and service.may_take_back(last, current_actor()) else None,
        "weight_form": WeightForm(formdata=None),
    }


@bp.post("/scans")
def scans() -> Response | tuple[str, int]:
    """One scan (CONTRACT): the number, what it means, what the scales say. Without an event the parcel is shown with
    its next steps; scanned again, the usual one is done."""
    form = ScanForm()
    if form.shown.data and form.weight_grams.data and not (form.tracking.data or form.deed.data):
        form.tracking.data = form.shown.data
        return _weigh_shown(form)
    if not form.validate_on_submit():
        return _counter(standing.point(), form, queries.find_parcel(form.shown.data or ""), 422)
    parcel = queries.find_parcel(form.tracking.data)
    if parcel is None:
        dispatch = dispatches.find(form.tracking.data)
        return _no_such_parcel(form) if dispatch is None else _scan_dispatch(form, dispatch)
    kind = ScanKind(form.event.data) if form.event.data else None
    here = standing.point(parcel, kind)
    if kind is None:
        deeds = counter.deeds_for(parcel, here)
        if form.shown.data != parcel.tracking or deeds.usual is None or form.weight_grams.data:
            return _show(parcel, form)
        if deeds.asks_who and not parcel.is_ended:
            return redirect_to("desks_post.handout", tracking=parcel.tracking)
        kind = deeds.usual
    once = form.once.data or None
    try:
        with transaction():
            if once is None or not queries.is_scanned(once):
                _scan(parcel.tracking, kind, here, form.weight_grams.data, once=once)
    except Refusal as refusal:
        parcel = queries.parcel_by_tracking(form.tracking.data)
        if not (isinstance(refusal, Conflict) and _just_did(parcel, kind)):
            form.refuse(Refusal(refusal.sentence, refusal.field or "tracking"))
            return _counter(here, form, parcel, refusal.status)
    notice(_said(queries.parcel_by_tracking(parcel.tracking), kind))
    # A button beside a parcel sends the mode the counter is in; the box's own event is the mode.
    return redirect_to(
        "desks_post.counter",
        parcel=parcel.tracking,
        mode=_mode(request.form.get("mode", request.form.get("event"))) or None,
    )


@bp.post("/kept-scans")
def kept_scans() -> Response:
    """A scan made while the line was down, sent by the counter's own script when it is back: exactly once by its mark.
    What the script is told is said in one sentence; without a deed chosen the usual next step is meant."""
    form = KeptScanForm()
    if not form.validate_on_submit():
        return _told(False, form.problems[0][1])
    if form.clerk.data not in ("", None, person().code):
        return _told(False, _("Người khác đã quét lần này. Người ấy đăng nhập lại thì tự gửi."))
    parcel = queries.find_parcel(form.tracking.data)
    if parcel is None:
        dispatch = dispatches.find(form.tracking.data)
        if dispatch is None:
            return _told(False, queries.why_no_parcel(form.tracking.data))
        return _keep_dispatch_scan(form, dispatch)
    kind = ScanKind(form.event.data) if form.event.data else None
    here = standing.stood_at(form.point.data) if form.point.data else standing.point(parcel, kind)
    if here is None:
        return _told(False, GONE_FROM_POINT)
    if kind is None:
        deeds = counter.deeds_for(parcel, here)
        if deeds.usual is None or deeds.asks_who:
            return _told(False, _("Bưu gửi này cần hỏi người nhận. Hãy quét lại khi có mạng."))
        kind = deeds.usual
    try:
        with transaction():
            if not queries.is_scanned(form.once.data):
                _scan(
                    parcel.tracking, kind, here, form.weight_grams.data, at=form.moment, once=form.once.data
                )
    except Refusal as refusal:
        found = queries.parcel_by_tracking(form.tracking.data)
        is_done = queries.is_scanned(form.once.data) or _just_did(found, kind)
        return _told(is_done, refusal.sentence)
    return _told(True, _said(queries.parcel_by_tracking(parcel.tracking), kind))


def _scan_dispatch(form: ScanForm, dispatch: Dispatch) -> Response | tuple[str, int]:
    """A result or goods that go back, in the same box: in a pile it is scanned at once, else its own page asks."""
    here = standing.point()
    if not form.event.data:
        return redirect_to("desks_dispatches.dispatch", tracking=dispatch.tracking)
    try:
        with transaction():
            said = sending.scan(
                dispatch, ScanKind(form.event.data), current_actor(), here, once=form.once.data or None
            )
    except Refusal as refusal:
        form.refuse(Refusal(refusal.sentence, "tracking"))
        return _counter(here, form, None, refusal.status)
    notice(said)
    return redirect_to("desks_post.counter", mode=_mode(form.event.data) or None)


def _keep_dispatch_scan(form: KeptScanForm, dispatch: Dispatch) -> Response:
    """The same, from a device that had no line."""
    here = standing.stood_at(form.point.data) if form.point.data else standing.point()
    if here is None:
        return _told(False, GONE_FROM_POINT)
    kind = ScanKind(form.event.data) if form.event.data else None
    try:
        with transaction():
            said = sending.scan(dispatch, kind, current_actor(), here, at=form.moment, once=form.once.data)
    except Refusal as refusal:
        return _told(dispatches.is_scanned(form.once.data), refusal.sentence)
    return _told(True, said)


def _told(done: bool, sentence: Any) -> Response:
    answer: Response = jsonify(done=done, sentence=str(sentence))
    return answer


def _show(parcel: Parcel, form: ScanForm) -> Response:
    """Nothing is done yet but what the scales say: the counter asks."""
    if form.weight_grams.data:
        _weigh(parcel.tracking, form.weight_grams.data)
    return redirect_to("desks_post.counter", parcel=parcel.tracking)


def _weigh_shown(form: ScanForm) -> Response | tuple[str, int]:
    """The box was empty: the weight is that of the parcel on the page."""
    parcel = _parcel(form.shown.data or "")
    try:
        _weigh(parcel.tracking, form.weight_grams.data or 0)
    except Refusal as refusal:
        form.refuse(refusal)
        return _counter(standing.point(parcel), form, _parcel(parcel.tracking), refusal.status)
    return redirect_to("desks_post.counter", parcel=parcel.tracking, mode=_mode(form.event.data) or None)


def _weigh(tracking: str, on_scales: int) -> None:
    with transaction():
        service.weigh(tracking, on_scales, current_actor())
    parcel = queries.parcel_by_tracking(tracking)
    facts = {"now": grams(parcel.grams_now), "declared": grams(parcel.weight_grams)}
    if parcel.weight_differs:
        notice(
            _(
                "Cân được %(now)s, khai %(declared)s: lệch hơn 10%%. Hãy cân lại; vẫn lệch thì báo nhà vườn.",
                **facts,
            ),
            "warn",
        )
    else:
        notice(_("Cân được %(now)s, khai %(declared)s.", **facts))


def _no_such_parcel(form: ScanForm) -> Response | tuple[str, int]:
    """Perhaps it is an order's slip without a label."""
    found = counter.order_by_code(form.tracking.data)
    if found is not None:
        return redirect_to("desks_post.drop_offs", q=found.code)
    form.refuse(Refusal(queries.why_no_parcel(form.tracking.data), "tracking"))
    return _counter(standing.point(), form, None, 404)


def _scan(
    tracking: str,
    kind: ScanKind,
    here: ServicePoint,
    weight: int | None = None,
    note: str = "",
    at: datetime | None = None,
    once: str | None = None,
) -> None:
    """One scan, and the cash with it: whoever says a COD parcel is handed out says they have the money."""
    by = current_actor()
    scan = service.record_scan(tracking, kind, by, here, weight_grams=weight, note=note, at=at, once=once)
    _take_cash(scan, here, is_now=at is None)


def _take_cash(scan: Scan, here: ServicePoint, is_now: bool = True) -> None:
    """Cash said at the counter lies in the drawer at once. A scan kept from before (no line, at a door) cannot wait for
    a drawer: its cash stands on the drawer's page as on the way, until the clerk takes it in."""
    if scan.kind is not ScanKind.DELIVERED or not scan.parcel.cod_dong:
        return
    if is_now:
        payments.take_door_cash(scan.parcel.farm_order, here, current_actor())
    else:
        payments.collect_cod(scan.parcel.farm_order, current_actor())


def _just_did(parcel: Parcel, kind: ScanKind) -> bool:
    """Did this clerk make the very same scan a moment ago?"""
    last = parcel.last_scan
    return (
        last is not None
        and last.kind is kind
        and last.person_id == person().id
        and (clock.now() - last.created_at).total_seconds() < TWICE_WITHIN_SECONDS
    )


def _said(parcel: Parcel, kind: ScanKind) -> Text:
    number = parcel.number_in_groups
    if kind is ScanKind.DELIVERED and parcel.cod_dong:
        return _("%(number)s: đã phát, đã thu %(cod)s.", number=number, cod=dong(parcel.cod_dong))
    return _("%(number)s: %(state)s.", number=number, state=parcel.state.label)


@bp.post("/departures")
def departures() -> Response:
    """Everything that was weighed and waits to be sent on leaves at once: closed and handed to the van in one press."""
    here = standing.point()
    with transaction():
        waiting = [one for one in counter.counter_of(here).to_send if manifests.may_stand(one)]
        manifest = manifests.close(waiting, here, current_actor()) if waiting else None
        count = manifests.collect(manifest, here, current_actor()) if manifest is not None else 0
        code = manifest.code if manifest is not None else ""
    if not count:
        notice(_("Không có bưu gửi nào chờ chuyển đi."), "warn")
        return redirect_to("desks_post.counter")
    notice(_("Đã chốt chuyến: %(count)s bưu gửi rời %(point)s.", count=count, point=here.name))
    return redirect_to("desks_manifests.manifest", code=code)


# -- the walk, and what needs a person ----------------------------------------------------------------------------


@bp.get("/run")
def run() -> Response | tuple[str, int]:
    """Today's pick-up run in walking order; who works at several points says first at which."""
    if standing.chosen() is None and counter.points_of(person()):
        return redirect_to("desks_post.counter")
    return page("desks/post/run.html", run=runs.run_of(standing.point()))


@bp.get("/troubles")
def troubles() -> tuple[str, int]:
    """Parcels that do not go on by themselves."""
    here = standing.point()
    return page("desks/post/troubles.html", point=here, troubles=runs.troubles_of(here))


# -- one parcel ---------------------------------------------------------------------------------------------------


@bp.get("/parcels/<tracking>")
def parcel(tracking: str) -> tuple[str, int]:
    return _parcel_page(_parcel(tracking), WeightForm(formdata=None), FailureForm(formdata=None))


def _parcel(tracking: str) -> Parcel:
    """A parcel the clerk may look at, at the point they stand at or, when they did not choose, at any of theirs."""
    points = counter.points_of(person())
    chosen = standing.chosen()
    for here in [chosen] if chosen is not None else points:
        try:
            return queries.parcel_at(here, tracking[:100])
        except Missing:
            continue
    if not points:
        raise Forbidden(standing.NO_POINT)
    raise Missing(queries.NO_SUCH_PARCEL)


def _parcel_page(
    parcel: Parcel, weight: WeightForm, failure: FailureForm, status: int = 200
) -> tuple[str, int]:
    order = parcel.farm_order.order
    commune = places.commune(order.commune_code)
    return page(
        "desks/post/parcel.html",
        status,
        address=places.print_address(order.street, commune) if commune else order.street,
        failure=failure,
        service_name=queries.service_name(parcel),
        loss=compensation.share(parcel.farm_order, parcel.farm_order.lost_goods_dong)
        if parcel.state in compensation.LOST and parcel.farm_order.lost_goods_dong
        else None,
        disposal=DisposalForm(formdata=None) if spoiling.is_given_up(parcel, clock.now()) else None,
        **{**_parcel_facts(parcel, standing.point(parcel)), "weight_form": weight},
    )


@bp.post("/parcels/<tracking>/weight")
def weight(tracking: str) -> Response | tuple[str, int]:
    form, found = WeightForm(), _parcel(tracking)
    if form.validate_on_submit() and (on_scales := form.weight_grams.data):
        try:
            _weigh(found.tracking, on_scales)
            return redirect_to("desks_post.counter", parcel=found.tracking)
        except Refusal as refusal:
            form.refuse(refusal)
    return _parcel_page(_parcel(tracking), form, FailureForm(formdata=None), 422)


@bp.get("/parcels/<tracking>/handout")
def handout(tracking: str) -> tuple[str, int]:
    found = _parcel(tracking)
    return _handout_page(found, _who_form(found, formdata=None))


def _who_form(parcel: Parcel, **options: Any) -> HandOutForm:
    """What the recipient is asked."""
    return PickupForm(**options) if parcel.is_for_pickup else HandOutForm(**options)


@bp.post("/parcels/<tracking>/handout")
def hand_out(tracking: str) -> Response | tuple[str, int]:
    """The recipient said who they are and paid: the parcel is theirs."""
    found = _parcel(tracking)
    form = _who_form(found)
    if not form.validate_on_submit():
        return _handout_page(found, form, 422)
    try:
        with transaction():
            here = standing.point(found)
            paper = form.paper_end.data if isinstance(form, PickupForm) else ""
            scan = service.hand_out(found.tracking, form.proof.data, current_actor(), here, paper)
            _take_cash(scan, here)
    except Refusal as refusal:
        form.refuse(refusal)
        return _handout_page(_parcel(tracking), form, refusal.status)
    notice(_said(queries.parcel_by_tracking(tracking), ScanKind.DELIVERED))
    return redirect_to("desks_post.counter")


def _handout_page(parcel: Parcel, form: HandOutForm, status: int = 200) -> tuple[str, int]:
    return page("desks/post/handout.html", status, form=form, **_parcel_facts(parcel, standing.point(parcel)))


@bp.post("/parcels/<tracking>/failure")
def failure(tracking: str) -> Response | tuple[str, int]:
    """It could not be handed out; the reason is told to the buyer."""
    form, found = FailureForm(), _parcel(tracking)
    if form.validate_on_submit():
        words = str(FAILED_BECAUSE[int(form.reason.data)])
        note = f"{words}: {form.note.data}" if form.note.data else words
        try:
            with transaction():
                _scan(found.tracking, ScanKind.FAILED, standing.point(found), note=note)
            notice(_said(queries.parcel_by_tracking(tracking), ScanKind.FAILED), "warn")
            return redirect_to("desks_post.counter")
        except Refusal as refusal:
            form.refuse(refusal)
    return _parcel_page(_parcel(tracking), WeightForm(formdata=None), form, 422)


@bp.post("/parcels/<tracking>/scans/<code>/withdrawal")
def withdrawal(tracking: str, code: str) -> Response:
    """The clerk takes back their last scan."""
    with transaction():
        found = _parcel(tracking)
        service.take_back(queries.scan_of(found, code), current_actor())
    notice(_("Đã lùi lại: %(number)s lại ở bước trước.", number=found.number_in_groups))
    return redirect_to("desks_post.counter", parcel=tracking)


@bp.get("/parcels/<tracking>/label")
def label(tracking: str) -> tuple[str, int]:
    found = _labelled(tracking)
    return page("desks/post/label.html", parcel=found, labels=[labels.label_of(found)])


@bp.get("/parcels/<tracking>/label.pdf")
def label_pdf(tracking: str) -> Response:
    found = _labelled(tracking)
    made = Response(labels.pdf([labels.label_of(found)]), mimetype="application/pdf")
    made.headers["Content-Disposition"] = f'inline; filename="nhan-{found.tracking}.pdf"'
    return made


@bp.get("/labels.pdf")
def waiting_labels() -> Response:
    """The labels of everything that farms are bringing today, four on an A4 sheet."""
    here = standing.point()
    coming = [one for one in counter.counter_of(here).coming if not carriers.waits_for_number(one)]
    if not coming:
        raise Conflict(_("Không có bưu gửi nào nhà vườn sắp mang tới để in nhãn."))
    drawn = labels.pdf_on_a4([labels.label_of(one) for one in coming[: counter.MOST_ROWS]])
    made = Response(drawn, mimetype="application/pdf")
    made.headers["Content-Disposition"] = 'inline; filename="nhan-hom-nay.pdf"'
    return made


def _labelled(tracking: str) -> Parcel:
    found = _parcel(tracking)
    if found.cancelled_at is not None:
        raise Conflict(_("Bưu gửi này thuộc đơn đã hủy nên không in nhãn. Hãy trả hàng lại cho nhà vườn."))
    if carriers.waits_for_number(found):
        raise Conflict(
            _(
                "Hãng vận chuyển chưa cấp số cho bưu gửi này. Hãy ghi mã %(code)s lên kiện và nhận bằng mã ấy.",
                code=found.code,
            )
        )
    return found


# -- goods brought without a booking ------------------------------------------------------------------------------


@bp.get("/drop-offs")
def drop_offs() -> tuple[str, int]:
    form = FindOrderForm(request.args)
    asked = bool(form.q.data)
    found = counter.orders_to_drop_off(form.q.data) if asked and form.validate() else []
    return page("desks/post/drop_offs.html", form=form, asked=asked, found=found, point=standing.point())


@bp.post("/drop-offs")
def drop_off() -> Response | tuple[str, int]:
    """The goods lie on the counter: the order is accepted if nobody said so yet, gets its numbers, and is taken in."""
    here, code = standing.point(), request.form.get("order", "")[:40]
    try:
        with transaction():
            parcels = _take_in(code, here)
            numbers = [one.number_in_groups for one in parcels]
            first = parcels[0].tracking
    except Refusal as refusal:
        form = FindOrderForm(formdata=None, q=code)
        form.refuse(Refusal(refusal.sentence, "q"))
        return page("desks/post/drop_offs.html", refusal.status, form=form, asked=True, found=[], point=here)
    notice(_("Đã nhận gửi: %(numbers)s. In nhãn và cân.", numbers=", ".join(numbers)))
    return redirect_to("desks_post.counter", parcel=first)


def _take_in(code: str, here: ServicePoint) -> Sequence[Parcel]:
    farm_order = counter.order_by_code(code)
    if farm_order is None:
        raise Missing(_("Không có đơn nào mang mã này. Hãy xem lại mã trên phiếu."))
    parcels = service.drop_off_without_booking(farm_order, current_actor())
    for one in parcels:
        if one.state in (queries.P.ASKED, queries.P.BOOKED):
            service.record_scan(one.tracking, ScanKind.DROPPED_OFF, current_actor(), here)
    return parcels


# -- farms that do not answer -------------------------------------------------------------------------------------


@bp.post("/calls")
def calls() -> Response:
    """The clerk called the farm."""
    here = standing.point()
    with transaction():
        wanted = s10.tidy(request.form.get("order", "")[:40])
        found = next(
            (
                call
                for call in counter.calls_to_make(here)
                if wanted in [farm_order.code for farm_order in call.farm_orders]
            ),
            None,
        )
        if found is None:
            raise Missing(_("Đơn này không còn chờ gọi. Hãy tải lại trang."))
        for farm_order in found.farm_orders:
            orders.note_call(farm_order, current_actor())
    notice(_("Đã ghi: bạn vừa gọi %(farm)s.", farm=found.farm.name))
    return redirect_to("desks_post.counter")
