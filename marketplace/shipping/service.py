"""What can be done with goods on their way, in the order of life.

Every verb locks the farm's order first and its parcels after it, so a scan and a cancellation at the same moment queue
up and the second finds what the first has done.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from marketplace.foundation import audit, clock, rules, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db
from marketplace.foundation.events import publish
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import Text, _
from marketplace.orders import service as orders
from marketplace.orders.events import (
    FarmOrderAccepted,
    FarmOrderCancelled,
    FarmOrderRefused,
    FarmOrderShort,
)
from marketplace.orders.models import CALLED_OFF, FarmOrder, FarmOrderState
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import (
    booking,
    carriers,
    contents,
    differences,
    fees,
    handing_in,
    parting,
    policies,
    price_list,
    queries,
    s10,
    sharing,
    spoiling,
    tables,
    telling,
    way,
)
from marketplace.shipping.events import CashTaken, ParcelScanned
from marketplace.shipping.models import (
    ENDED,
    SCANS_LEAD,
    TAKING_BACK_LEADS,
    CartonList,
    GoodsBack,
    Parcel,
    ParcelState,
    PickupRun,
    RemoteCommune,
    RunState,
    Scan,
    ScanKind,
    ServiceNumber,
    Tariff,
)
from marketplace.shipping.tables import Remote

TAKE_BACK_WITHIN = timedelta(minutes=5)
"""A scan may be taken back so long by the clerk who made it."""
MAX_WEIGHED_GRAMS = 50_000
"""No parcel of the post is heavier: a slip of the finger."""

K, P = ScanKind, ParcelState


load_rules = policies.load_rules
adopt_sharing_rule = policies.adopt_sharing_rule
adopt_difference_rule = policies.adopt_difference_rule
adopt_perishable_rule = policies.adopt_perishable_rule
adopt_hand_in_rule = policies.adopt_hand_in_rule
propose_compensation_rule = policies.propose_compensation_rule
switch_compensation_rule = policies.switch_compensation_rule


def load_tables(by: Actor) -> None:
    """Put what only illustrates a contract with the post in place, once: the tariff, the remote communes (the special
    zones: islands), the first parcel numbers, what a shared trip saves."""
    policies.load_sharing(by)
    if fees.has_tariff():
        return
    table = fees.shipped_tariff()
    tariff = Tariff(
        name="Biểu cước minh họa",
        valid_from=date(2026, 1, 1),
        legal_basis="Minh họa: chưa có bảng giá hợp đồng với bưu điện; mọi con số chỉ để xem thử",
        table=table,
        is_illustration=True,
    )
    db.session.add(tariff)
    for province in places.provinces():
        for commune in places.communes(province.code):
            if places.is_special_zone(commune.code):
                db.session.add(
                    RemoteCommune(
                        commune_code=commune.code,
                        valid_from=date(2026, 1, 1),
                        legal_basis="13 đặc khu, Nghị quyết 202/2025/QH15; danh sách vùng xa minh họa",
                    )
                )
    for indicator in sorted({row["number_prefix"] for row in table["services"]}):
        db.session.add(ServiceNumber(indicator=indicator, next_serial=1, begun_on=clock.today()))
    audit.record(by, "tariff.loaded", tariff)


def adopt_tariff(
    *,
    name: str,
    table: Mapping[str, Any],
    valid_from: date,
    legal_basis: str,
    is_illustration: bool,
    by: Actor,
) -> Tariff:
    """A price list of the embedded carrier, from a day to come. Quotes given before keep their own."""
    price_list.check(table)
    if not name.strip():
        raise Refusal(_("Hãy đặt tên cho biểu cước."), "name")
    tariff = Tariff(
        name=name,
        table=dict(table),
        valid_from=valid_from,
        legal_basis=legal_basis,
        is_illustration=is_illustration,
    )
    return rules.adopt(tariff, by)


def adopt_remote_commune(
    *, commune_code: str, valid_from: date, legal_basis: str, by: Actor
) -> RemoteCommune:
    """The commune pays the remote surcharge from a day to come."""
    commune = places.commune(commune_code)
    if commune is None:
        raise Refusal(_("Không có xã, phường nào mang mã này. Hãy chọn lại xã, phường."), "commune")
    if rules.rule_on(RemoteCommune, valid_from, RemoteCommune.commune_code == commune_code) is not None:
        raise Refusal(_("%(commune)s đã có trong danh sách vùng xa.", commune=commune.name), "commune")
    rule = RemoteCommune(commune_code=commune_code, valid_from=valid_from, legal_basis=legal_basis)
    return rules.adopt(rule, by, same={"commune_code": commune_code})


def end_remote_commune(rule: RemoteCommune, last_day: date, by: Actor) -> None:
    """The commune pays the remote surcharge up to and including this day."""
    rules.end(rule, last_day, by)


def adopt_remote_list(rows: Remote, *, valid_from: date, legal_basis: str, by: Actor) -> int:
    """The far communes from a day to come, as one list: who is on it no more pays to the day before. Returns how many
    lines changed."""
    tables.checked_remote(rows)
    if not rows:
        raise Refusal(_("Danh sách đang trống. Hãy ghi ít nhất một xã."), "file")
    now = tables.remote_now(queries.remote_communes(), valid_from)
    before = valid_from - timedelta(days=1)
    changed = {
        code for code in {*now, *rows} if (now[code].is_reached if code in now else None) != rows.get(code)
    }
    if not changed:
        raise Refusal(_("Danh sách này giống hệt danh sách đang dùng."), "file")
    for code in sorted(changed):
        if (old := now.get(code)) is not None:
            if old.valid_from >= valid_from:
                rules.drop(old, by)
            else:
                rules.end(old, before, by)
        if code in rows:
            rule = RemoteCommune(
                commune_code=code, is_reached=rows[code], valid_from=valid_from, legal_basis=legal_basis
            )
            rules.adopt(rule, by, same={"commune_code": code})
    return len(changed)


def adopt_cartons(
    rows: Sequence[Sequence[int]], *, valid_from: date, legal_basis: str, by: Actor
) -> CartonList:
    """The cartons parcels are packed into, from a day to come."""
    cartons = [list(sides) for sides in tables.checked_cartons(rows)]
    return rules.adopt(CartonList(cartons=cartons, valid_from=valid_from, legal_basis=legal_basis), by)


# -- sharing a way ------------------------------------------------------------------------------------------------

open_collection_point = sharing.open_collection_point
end_collection_point = sharing.end_collection_point
bring_to = sharing.bring_to
close_run = sharing.close


# -- parcels ------------------------------------------------------------------------------------------------------

book, split, rebook = booking.book, booking.split, booking.rebook


def when_accepted(event: FarmOrderAccepted) -> None:
    """The farm said yes: book its parcels."""
    book(db.session.get_one(FarmOrder, event.farm_order_id), SYSTEM)


def when_short(event: FarmOrderShort) -> None:
    """The farm sends less: what lies in its parcels and what is taken at the door follow."""
    farm_order = db.session.get_one(FarmOrder, event.farm_order_id)
    if event.why == "short":
        contents.lessen(farm_order, queries.parcels_of(farm_order), SYSTEM)


def when_called_off(event: FarmOrderCancelled | FarmOrderRefused) -> None:
    """The order will not be sent: its parcels that have not left are cancelled."""
    farm_order = db.session.get_one(FarmOrder, event.farm_order_id)
    for parcel in queries.parcels_of(farm_order):
        if parcel.state in (P.ASKED, P.BOOKED):
            carriers.let_go(parcel, SYSTEM)


def drop_off_without_booking(farm_order: FarmOrder, by: Actor) -> list[Parcel]:
    """A farmer brings goods to the counter whose order was not answered yet: bringing them is the answer, and the
    parcels get their numbers there."""
    booking.lock(farm_order)
    if farm_order.state is FarmOrderState.PLACED:
        raise Conflict(_("Đơn này chưa trả tiền, chưa gửi được. Hãy giữ hàng lại cho nhà vườn."))
    if farm_order.state in CALLED_OFF:
        raise Conflict(
            _(
                "Đơn này đã khép lại (%(state)s), không gửi nữa. Hãy trả hàng lại cho nhà vườn.",
                state=str(farm_order.state.label).lower(),
            )
        )
    if farm_order.state is FarmOrderState.CONFIRMED:
        orders.accept(farm_order, by)
    return book(farm_order, by)


# -- scans --------------------------------------------------------------------------------------------------------

LEAVES_FARM = frozenset({P.PICKED_UP, P.DROPPED_OFF})
AT_ORIGIN = LEAVES_FARM | {P.ASKED, P.BOOKED, P.CANCELLED}
"""Where the weight can still be corrected."""
WAITS_FOR_VAN = LEAVES_FARM | {P.AT_POINT}
ANYWHERE = frozenset({K.PICKED_UP, K.DROPPED_OFF, K.IN_TRANSIT, K.AT_POINT})
"""Scans that say "I hold it here": any point may make them, for a parcel brought to its counter is at its counter. The
others end or risk something (hand out, failed, back, lost): they belong to the point where the parcel goes or where it
was last seen; a returned, lost or damaged one also to the point it was sent from."""
TAKES_IN = frozenset({K.PICKED_UP, K.DROPPED_OFF})
BACK_AT_FARM = frozenset({K.RETURNED, K.LOST, K.DAMAGED})
PASSING = frozenset({K.IN_TRANSIT, K.AT_POINT})
"""A parcel on its way back is seen at counters too: that is kept, and it stays on its way back."""


def record_scan(
    tracking: str,
    kind: ScanKind,
    by: Actor,
    point: ServicePoint | None = None,
    weight_grams: int | None = None,
    note: str = "",
    at: datetime | None = None,
    once: str | None = None,
    is_checked: bool = False,
) -> Scan:
    """Somebody saw the parcel: keep the scan, move the parcel, and with it the farm's order.

    A machine's scan is put where it belongs in time, so late, doubled and shuffled scans end where the parcel truly is;
    one that contradicts what is known is kept and moves nothing. A clerk's that does not fit is refused and not kept.
    `weight_grams` is what the scales say; `at` is when a machine saw it (none: now; the future counts as now).
    """
    is_person = by.kind == "person"
    parcel = queries.parcel_by_tracking(tracking)
    run = _run_for(parcel, kind, by, point)  # its row is held before the orders that ride along
    parcel, farm_order = booking.claim_parcel(parcel)
    if by.kind == "carrier" and (told := _told_before(parcel, kind, at)) is not None:
        return told
    if is_person:
        _check_place(parcel, kind, point)
        _check_pickup(parcel, kind, is_checked)
        contents.check_cash_first(parcel, kind)
    now = clock.now()
    at = min(at or now, now)
    to = ParcelState(kind.value)
    before = parcel.state
    is_handed_in = is_person and point is not None and kind in TAKES_IN and before in (P.ASKED, P.BOOKED)
    is_passing = before is P.RETURNING and kind in PASSING
    if is_person:
        moved = to in SCANS_LEAD.get(before, frozenset()) or way.was_missed(before, to)
        if not moved and not is_passing:
            raise Conflict(_why_not(parcel, to))
        steps: Sequence[ParcelState] = [to] if moved else []
    else:
        # A machine tells late, twice and in any order: the parcel is where all that was seen, put in order, leaves it.
        kept = [(scan.at, scan.kind) for scan in parcel.scans if scan.taken_back_at is None]
        leads_to, failed = way.read([*kept, (at, kind)])
        steps = way.steps(before, leads_to)
        moved = bool(steps)
    scan = Scan(
        parcel=parcel,
        kind=kind,
        at=at,
        service_point_id=point.id if point else None,
        person_id=by.person_id,
        weight_grams=weight_grams,
        note=note,
        moved=moved,
        came_from=before,
        last_point_before_id=parcel.last_point_id,
        once=once,
    )
    db.session.add(scan)
    if weight_grams is not None:
        _write_weight(parcel, weight_grams, by)
    for step in steps:
        _move(parcel, farm_order, step, by)
    if run is not None and parcel.state is P.PICKED_UP:
        parcel.run = run
    if not is_person and not parcel.is_ended:
        parcel.failed_count = max(parcel.failed_count, failed)
    if point is not None and (moved or is_passing):
        parcel.last_point_id = point.id
    if is_handed_in and point is not None:
        handing_in.begin_at(parcel, farm_order, point, by)
    audit.record(by, f"parcel.scan.{kind.value}", parcel, point=point.code if point else None, moved=moved)
    publish(ParcelScanned(parcel.id, kind.value))
    if moved:
        telling.of_scan(scan, farm_order)
    return scan


def _run_for(parcel: Parcel, kind: ScanKind, by: Actor, point: ServicePoint | None) -> PickupRun | None:
    """The trip a parcel that a postman picks up rides along with. One that goes on has ended its trip."""
    if (
        by.kind == "person"
        and point is not None
        and kind is K.PICKED_UP
        and parcel.state in (P.ASKED, P.BOOKED)
    ):
        return sharing.open_run(point, parcel)
    if (
        parcel.run is not None
        and parcel.run.state is RunState.OPEN
        and kind not in (K.PICKED_UP, K.DROPPED_OFF)
    ):
        sharing.close(parcel.run, by)
    return None


def _told_before(parcel: Parcel, kind: ScanKind, at: datetime | None) -> Scan | None:
    """The scan a carrier told of already, to the second."""
    return next((scan for scan in parcel.scans if at and scan.kind is kind and scan.at == at), None)


def hand_out(tracking: str, proof: str, by: Actor, point: ServicePoint, paper_end: str = "") -> Scan:
    """The recipient stands at the counter: they say the last four digits of their telephone, or the order's code, and
    get the parcel. What they chose to come for needs the code they were sent and the paper they show (`paper_end`: the
    last four characters of its number). Taking the cash is the caller's next line."""
    parcel = queries.parcel_by_tracking(tracking)
    order = parcel.farm_order.order
    said = s10.tidy(proof)
    if parcel.is_for_pickup:
        return record_scan(
            tracking,
            K.DELIVERED,
            by,
            point,
            note=_checked_at_pickup(parcel, said, s10.tidy(paper_end)),
            is_checked=True,
        )
    if not said:
        raise Refusal(_("Hãy hỏi người nhận 4 số cuối điện thoại hoặc mã đơn."), field="proof")
    if len(said) == 4 and said.isdigit() and order.phone.endswith(said):
        note = "4 số cuối điện thoại"
    elif said in (order.code, parcel.farm_order.code):
        note = "mã đơn"
    else:
        raise Refusal(
            _("Không khớp. Hãy hỏi lại 4 số cuối điện thoại hoặc mã đơn; nếu vẫn không khớp thì chưa giao."),
            field="proof",
        )
    return record_scan(tracking, K.DELIVERED, by, point, note=note)


def _checked_at_pickup(parcel: Parcel, said: str, paper_end: str) -> str:
    """What the scan says of who came. Raises Refusal beside what does not fit."""
    if said != queries.pickup_code(parcel):
        raise Refusal(
            _("Mã lấy hàng không khớp. Hãy nhờ người nhận mở lại tin nhắn; không có mã thì chưa giao."),
            field="proof",
        )
    if not re.fullmatch(r"[0-9A-Z]{4}", paper_end):
        raise Refusal(_("Hãy xem giấy tờ của người nhận và ghi 4 ký tự cuối của số giấy."), field="paper_end")
    return f"mã lấy hàng, giấy tờ …{paper_end}"


def remind_of_waiting(parcel: Parcel) -> bool:
    """What waits to be picked up goes back soon: its buyer is told, once. True when they were."""
    parcel, farm_order = booking.claim_parcel(parcel)
    if parcel.state is not P.AT_POINT or parcel.reminded_at is not None:
        return False
    parcel.reminded_at = clock.now()
    telling.of_pickup(farm_order, parcel, "shipping/pickup_reminder")
    return True


def send_on(parcels: Sequence[Parcel], by: Actor, point: ServicePoint) -> int:
    """The van leaves: everything that waits at the counter to be sent is on its way. Returns how many; what somebody
    else scanned meanwhile is passed over."""
    count = 0
    for parcel in sorted(parcels, key=lambda one: one.farm_order_id):
        now, _farm_order = booking.claim_parcel(parcel)
        if now.state in WAITS_FOR_VAN:
            record_scan(now.tracking, K.IN_TRANSIT, by, point)
            count += 1
    return count


def weigh(tracking: str, grams: int, by: Actor) -> Parcel:
    """The clerk puts the parcel on the scales: what they say is kept beside what the farm declared."""
    parcel, farm_order = booking.claim_parcel(queries.parcel_by_tracking(tracking))
    if parcel.state in ENDED:
        raise Conflict(_why_not(parcel, parcel.state))
    _write_weight(parcel, grams, by)
    if parcel.state not in AT_ORIGIN:
        differences.settle(parcel, farm_order, by)
    return parcel


def may_take_back(scan: Scan, by: Actor) -> bool:
    """Would `take_back` do it now? (A page asks before it shows the button.)"""
    return _why_not_back(scan.parcel, scan, by) is None


def take_back(scan: Scan, by: Actor) -> Parcel:
    """The clerk scanned the wrong thing: the parcel is again where it was before.

    Only the clerk who made it, within five minutes, while it is the parcel's last scan, and only where nobody's money
    or goods hang on it (at the point, out for delivery, failed).
    """
    parcel, farm_order = booking.claim_parcel(scan.parcel)
    why_not = _why_not_back(parcel, scan, by)
    if why_not is not None:
        raise Conflict(why_not)
    states.move(parcel, _state_before(scan), by, why="taken back")
    if scan.kind is K.FAILED:
        parcel.failed_count -= 1
    parcel.last_point_id = scan.last_point_before_id
    scan.taken_back_at = clock.now()
    if telling.was_told(scan):
        telling.buyer(farm_order, "shipping/taken_back", parcel)
    return parcel


def _why_not_back(parcel: Parcel, scan: Scan, by: Actor) -> Text | None:
    is_own = scan.person_id is not None and scan.person_id == by.person_id
    if not is_own or clock.now() - scan.created_at > TAKE_BACK_WITHIN:
        return _("Chỉ người vừa quét lùi lại được, trong vòng 5 phút. Hãy quét bước đúng tiếp theo.")
    if scan is not parcel.last_scan or parcel.state.value != scan.kind.value:
        return _("Sau lần quét này bưu gửi đã đi tiếp, không lùi lại được nữa.")
    if _state_before(scan) not in TAKING_BACK_LEADS.get(parcel.state, frozenset()):
        return _(
            "Bước “%(state)s” không lùi lại được vì tiền và hàng đã ghi theo. Hãy báo quản trị nếu quét nhầm.",
            state=parcel.state.label,
        )
    return None


def _state_before(scan: Scan) -> ParcelState:
    """Where the parcel is again without this scan; once the goods left the farm they are with the post."""
    if scan.came_from is None or scan.came_from in (P.ASKED, P.BOOKED):
        return P.PICKED_UP
    return scan.came_from


def leave_unclaimed(parcel: Parcel, by: Actor = SYSTEM) -> bool:
    """Nobody came for the parcel in the time the post keeps it. What its buyer chose to come for, and was reminded of,
    begins its way back at once; of anything else the buyer is told, and the clerk calls a last time before sending it
    back. Fresh goods stay: they are thrown away at the counter (`dispose`). True when it was still waiting."""
    parcel, farm_order = booking.claim_parcel(parcel)
    if parcel.state is not P.AT_POINT:
        return False
    states.move(parcel, P.UNCLAIMED, by)
    if parcel.is_for_pickup and not spoiling.is_perishable(parcel):
        note = str(_("Hết hạn giữ, không ai tới lấy"))
        record_scan(parcel.tracking, K.RETURNING, by, parcel.last_point, note=note)
    else:
        telling.buyer(farm_order, "shipping/unclaimed", parcel)
    return True


def dispose(tracking: str, reason: str, by: Actor, point: ServicePoint) -> Scan:
    """Fresh goods nobody came for are thrown away at the counter where they lay too long: buyer and farm read why. For
    the order it is as if they came back, spoilt; the post has earned the way there alone."""
    parcel, farm_order = booking.claim_parcel(queries.parcel_by_tracking(tracking))
    if point.id != parcel.last_point_id or not spoiling.is_given_up(parcel, clock.now()):
        raise Conflict(
            _(
                "Chỉ hủy hàng tươi nằm ở bưu cục của bạn quá giờ quy định. Gói %(number)s thì chuyển hoàn.",
                number=parcel.number_in_groups,
            )
        )
    if not reason.strip():
        raise Refusal(_("Hãy ghi vì sao hủy: người mua và nhà vườn đọc được."), field="reason")
    states.move(parcel, P.RETURNING, by, why="disposed")
    if farm_order.state is FarmOrderState.HANDED_OVER:
        orders.refuse_at_door(farm_order, by, reason.strip())
    states.move(parcel, P.RETURNED, by, why="disposed")
    scan = Scan(
        parcel=parcel,
        kind=K.RETURNED,
        at=clock.now(),
        service_point_id=point.id,
        person_id=by.person_id,
        note=f"{_('Hủy tại bưu cục')}: {reason.strip()}"[:300],
        came_from=P.RETURNING,
    )
    db.session.add(scan)
    audit.record(by, "parcel.disposed", parcel, why=reason.strip())
    parcel.goods_back = GoodsBack.THROWN_AWAY
    parting.settle(farm_order, by)
    telling.buyer(farm_order, "shipping/disposed", parcel, reason=reason.strip())
    return scan


# -- what the verbs share -----------------------------------------------------------------------------------------


def _check_place(parcel: Parcel, kind: ScanKind, point: ServicePoint | None) -> None:
    """May this counter make such a scan? See ANYWHERE. One closed for good only lets go of what it still has."""
    if point is not None and point.closed_at is not None and kind in TAKES_IN:
        raise Conflict(
            _(
                "%(point)s đã đóng, không nhận gửi nữa. Hãy mang %(number)s tới bưu cục gần nhất còn mở.",
                point=point.name,
                number=parcel.number_in_groups,
            )
        )
    if point is not None and kind in TAKES_IN and parcel.state in (P.ASKED, P.BOOKED):
        handing_in.check(parcel, point)
    if point is None or kind in ANYWHERE:
        return
    theirs = {parcel.last_point_id, parcel.destination_point_id}
    if kind in BACK_AT_FARM:
        theirs.add(parcel.origin_point_id)
    if point.id not in theirs:
        raise Conflict(
            _(
                "Bưu gửi %(number)s chưa tới điểm của bạn. Nếu đang cầm nó trên tay, hãy quét “%(first)s” trước.",
                number=parcel.number_in_groups,
                first=P.AT_POINT.label,
            )
        )


def _check_pickup(parcel: Parcel, kind: ScanKind, is_checked: bool) -> None:
    """What its buyer comes for is not carried to a door, and not given without code and paper."""
    if not parcel.is_for_pickup:
        return
    number = parcel.number_in_groups
    if kind is K.OUT_FOR_DELIVERY:
        raise Conflict(
            _("Người nhận tự tới quầy lấy %(number)s. Hãy giữ ở quầy, đừng đi phát.", number=number)
        )
    if kind is K.DELIVERED and not is_checked:
        raise Conflict(
            _(
                "%(number)s là hàng tự tới lấy: hỏi mã và xem giấy tờ ở trang “Phát cho người nhận”.",
                number=number,
            )
        )


def _why_not(parcel: Parcel, to: ParcelState) -> Text:
    number = parcel.number_in_groups
    if parcel.state is P.CANCELLED:
        return _(
            "Bưu gửi %(number)s thuộc đơn đã hủy. Không gửi; hãy trả hàng lại cho nhà vườn.", number=number
        )
    if parcel.state is to:
        return _("Bưu gửi %(number)s đã được ghi “%(state)s” rồi.", number=number, state=to.label)
    return _(
        "Bưu gửi %(number)s đang ở bước “%(state)s”, không ghi “%(to)s” được. Hãy xem lại mã hoặc chọn bước khác.",
        number=number,
        state=parcel.state.label,
        to=to.label,
    )


def _write_weight(parcel: Parcel, grams: int, by: Actor) -> None:
    if not 1 <= grams <= MAX_WEIGHED_GRAMS:
        raise Refusal(
            _("Cân nặng phải từ 1 gam đến %(most)s kg. Hãy cân lại.", most=MAX_WEIGHED_GRAMS // 1000),
            field="weight_grams",
        )
    if parcel.weighed_grams != grams:
        parcel.weighed_grams = grams
        audit.record(by, "parcel.weighed", parcel, grams=grams, declared=parcel.weight_grams)


def _move(parcel: Parcel, farm_order: FarmOrder, to: ParcelState, by: Actor) -> None:
    if to not in SCANS_LEAD.get(parcel.state, frozenset()):
        states.move(parcel, P.PICKED_UP, by, why="first scan missed")
        _follow(farm_order, P.PICKED_UP, by)
    if to not in AT_ORIGIN:
        differences.settle(parcel, farm_order, by)
    states.move(parcel, to, by)
    if to is P.FAILED:
        parcel.failed_count += 1
        if parcel.failed_count >= way.MAX_FAILED:
            states.move(parcel, P.RETURNING, by, why="third failed attempt")
    if to in (P.LOST, P.DAMAGED):
        _cash_goes_with_another(parcel, by)
    if to is P.DELIVERED and parcel.cod_dong:
        publish(CashTaken(farm_order.id))
    _follow(farm_order, parcel.state, by)


def _follow(farm_order: FarmOrder, to: ParcelState, by: Actor) -> None:
    """What a parcel's new state means for the farm's order.

    An order of several parcels is delivered, returned or lost when all of them are; when they end differently,
    `parting` says what becomes of it, and what it cannot say the buyer claims.
    """
    if to in LEAVES_FARM and farm_order.state is FarmOrderState.ACCEPTED:
        orders.hand_over(farm_order, by)
    elif to is P.RETURNING:
        if farm_order.state is FarmOrderState.HANDED_OVER:
            orders.refuse_at_door(farm_order, by)
        if farm_order.state is FarmOrderState.REFUSED_AT_DOOR:
            orders.start_return(farm_order, by)
    elif to in ENDED and (missing := parting.settle(farm_order, by)):
        telling.of_missing(farm_order, missing)


def _cash_goes_with_another(parcel: Parcel, by: Actor) -> None:
    """The parcel that was to take the order's cash is lost: the next one that still goes to its buyer takes it."""
    goes_on = ENDED | {P.RETURNING}
    for other in queries.parcels_of(parcel.farm_order) if parcel.cod_dong else ():
        if other.id != parcel.id and other.state not in goes_on:
            other.cod_dong, parcel.cod_dong = parcel.cod_dong, 0
            audit.record(by, "parcel.takes_cash", other, instead_of=parcel.tracking)
            return
