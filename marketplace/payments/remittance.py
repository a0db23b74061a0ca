"""Cash taken at the door, in three legs: the postman takes it, the post pays it in by a list, the farm is paid.

A list is read first and shown; it is settled when the money is here: matched by tracking number, each parcel once. What
is missing stays with the post and grows old there; what is too much is the post's until a person has placed it.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from sqlalchemy import select

from marketplace.foundation import audit, clock, sheets, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.money import MAX_PRICE_DONG, dong, percent, share_out
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder
from marketplace.payments import debts, ledger, payouts, queries, tables, transfers
from marketplace.payments.models import (
    BankNotice,
    CarriageRule,
    LineOutcome,
    Payment,
    PaymentState,
    Payout,
    Remittance,
    RemittanceLine,
    RemittanceState,
)
from marketplace.shipping import parting
from marketplace.shipping import queries as shipping

S, L = PaymentState, LineOutcome
MOST_ROWS = 5_000
COLUMNS = {
    "tracking": (
        "số hiệu bưu gửi",
        "so hieu",
        "ma van don",
        "ma buu gui",
        "van don",
        "tracking number",
        "tracking",
    ),
    "amount": (
        "tiền thu hộ",
        "so tien thu ho",
        "tien cod",
        "so tien cod",
        "so tien",
        "cod",
        "amount",
        "cod amount",
    ),
}
NO_MONEY_FOR = frozenset({L.TWICE, L.UNKNOWN, L.ALREADY, L.NOT_COLLECTED})


@dataclass(frozen=True)
class Told:
    """One line as the carrier tells it."""

    tracking: str
    amount_dong: int


# -- the first leg: at the door ------------------------------------------------------------------------------------


def collect(farm_order: FarmOrder, by: Actor) -> Payment:
    """The postman took the cash for a farm's part: it lies at the post until it is paid in."""
    payment = payment_of(farm_order)
    if payment.state is not S.EXPECTED:
        return payment
    states.move(payment, S.COLLECTED, by)
    payment.received_dong = payment.amount_dong
    if payment.amount_dong:
        ledger.post(
            "cod_collected",
            payment.code,
            {ledger.POST_COD: payment.amount_dong, ledger.buyer(payment.order_id): -payment.amount_dong},
            order_id=payment.order_id,
            farm_order_id=farm_order.id,
        )
    else:  # vouchers pay for all of it: there is no cash to wait for
        states.move(payment, S.REMITTED, by)
    return payment


def payment_of(farm_order: FarmOrder) -> Payment:
    """The cash asked for at the door for a farm's part, locked."""
    ids = db.session.scalars(select(Payment.id).where(Payment.farm_order_id == farm_order.id))
    (payment,) = claim(Payment, list(ids))
    return payment


def carried_in_vain(farm_order: FarmOrder, by: Actor, is_back: bool = True) -> None:
    """A parcel nobody took went there and back: the carrier has earned both ways (`is_back`: else only the way there),
    and the dated rule says who bears what the buyer does not."""
    rule = rule_on(CarriageRule, clock.today())
    if rule is None or not farm_order.freight_dong:
        return
    is_cod = farm_order.order.payment_method == "cod"
    back = _way_back(farm_order, rule) if is_back else 0
    borne = {"farm": 0, "market": 0}
    borne[rule.cod_back if is_cod else rule.prepaid_back] += back
    lines = {ledger.CARRIER: -farm_order.freight_dong - back}
    if is_cod:
        borne[rule.cod_out] += farm_order.freight_dong
    else:
        lines[ledger.buyer(farm_order.order_id)] = farm_order.paid_for_freight_dong
        # Whoever gave the voucher: freight of a parcel carried in vain is never asked of the farm.
        lines[ledger.DISCOUNTS] = farm_order.freight_discount_dong
    lines[ledger.LOSSES] = borne["market"]
    lines[ledger.farm(farm_order.farm_id)] = borne["farm"]
    ledger.post(
        "carried_in_vain",
        farm_order.code,
        lines,
        order_id=farm_order.order_id,
        farm_order_id=farm_order.id,
        note=rule.legal_basis[:300],
    )
    if borne["farm"]:
        words = _("Cước hàng khách không nhận: %(basis)s", basis=rule.legal_basis)
        debts.write_debt(farm_order, borne["farm"], words, f"carried:{farm_order.code}", by)


def carried_back(farm_order: FarmOrder, by: Actor) -> None:
    """Some parcels of an order came back and the others were kept: the carrier has earned the way back of their share
    of the weight. What the way there cost stays with the buyer, who took part of it."""
    rule = rule_on(CarriageRule, clock.today())
    if rule is None or not parting.share_back(farm_order)[0]:
        return
    back = _way_back(farm_order, rule)
    if not back:
        return
    is_by_farm = (rule.cod_back if farm_order.order.payment_method == "cod" else rule.prepaid_back) == "farm"
    bearer = ledger.farm(farm_order.farm_id) if is_by_farm else ledger.LOSSES
    ledger.post(
        "carried_back",
        farm_order.code,
        {ledger.CARRIER: -back, bearer: back},
        order_id=farm_order.order_id,
        farm_order_id=farm_order.id,
        note=rule.legal_basis[:300],
    )
    if is_by_farm:
        words = _("Cước hàng khách không nhận: %(basis)s", basis=rule.legal_basis)
        debts.write_debt(farm_order, back, words, f"carried:{farm_order.code}", by)


def _way_back(farm_order: FarmOrder, rule: CarriageRule) -> int:
    """What the carrier earned on the way back: of all, or by weight of those parcels that went it."""
    whole = percent(farm_order.shipping_dong, rule.back_per_10_000)
    back_grams, all_grams = parting.share_back(farm_order)
    return share_out(whole, [back_grams, all_grams - back_grams])[0] if back_grams else whole


def claimed_back(farm_order: FarmOrder, by: Actor) -> None:
    """Goods that were delivered went back to their farm, as a claim decided: the dated rule says what the way back
    costs and who bears it, the farm or the market; never the buyer."""
    asked = queries.way_back(farm_order)
    if asked is None:
        return
    back, rule = asked
    words = _("Cước hàng khách trả lại: %(basis)s", basis=rule.legal_basis)
    if rule.prepaid_back == "farm":
        debts.charge(farm_order, back, words, f"back:{farm_order.code}", ledger.CARRIER, by)
        return
    ledger.post(
        "claimed_back",
        farm_order.code,
        {ledger.LOSSES: back, ledger.CARRIER: -back},
        order_id=farm_order.order_id,
        farm_order_id=farm_order.id,
        note=rule.legal_basis[:300],
    )


# -- the second leg: paid in by hand -------------------------------------------------------------------------------


def remit(payments: Iterable[Payment], by: Actor, reference: str = "") -> int:
    """The post paid collected cash in: it is on our account, and farms that waited for it are paid. Returns the sum in
    đồng; payments already paid in are passed over."""
    total = 0
    for payment in claim(Payment, [payment.id for payment in payments]):
        left = payment.at_the_post_dong
        if not left or (payment.farm_order_id and payment.state is not S.COLLECTED):
            continue
        _remit(payment, left, {ledger.BANK: left}, f"{payment.code}:{payment.remitted_dong}", reference, by)
        total += left
    return total


def _remit(
    payment: Payment, amount_dong: int, out_of: dict[str, int], fact: str, reference: str, by: Actor
) -> None:
    """So much of a payment's cash came in; when nothing is left with the post, its farm is paid."""
    ledger.post(
        "cod_remitted",
        fact,
        {**out_of, (ledger.POST_COD if payment.farm_order_id else ledger.COUNTER_CASH): -amount_dong},
        order_id=payment.order_id,
        farm_order_id=payment.farm_order_id,
        note=reference,
    )
    payment.remitted_dong += amount_dong
    if payment.farm_order_id and payment.at_the_post_dong == 0:
        states.move(payment, S.REMITTED, by, reference or None)
        _pay_the_farm(payment, by)


def _pay_the_farm(payment: Payment, by: Actor) -> None:
    db.session.flush()
    for payout in claim(Payout, list(queries.payout_ids_of(payment.farm_order_id))):
        payouts.review(payout, by)


# -- the second leg: by the carrier's list -------------------------------------------------------------------------


def read_sheet(stream: IO[bytes], filename: str, by: Actor) -> tuple[Remittance, bool]:
    """Read a carrier's list (CSV or XLSX) and hold it against the books; nothing moves yet. The same file again is the
    list it was, and False. Raises Refusal naming the column that is missing or the line that cannot be read."""
    sheet = sheets.read(stream, filename, MOST_ROWS)
    found = tables.find(sheet, COLUMNS, must=("tracking", "amount"))
    told = []
    for row in found.rows:
        tracking, amount = row["tracking"], row["amount"]
        if not tracking or not re.search(r"\d", tracking):
            continue  # a line of totals
        told.append(Told(_tidy(tracking), _amount(amount, row.number)))
    return keep(told, "file", filename, by)


def keep(told: Sequence[Told], source: str, name: str, by: Actor) -> tuple[Remittance, bool]:
    """Keep a carrier's list, once."""
    if not told:
        raise Refusal(_("Danh sách không có vận đơn nào."), field="file")
    digest = hashlib.sha256(
        "\n".join(f"{one.tracking} {one.amount_dong}" for one in told).encode() + name.encode()
        if source != "file"
        else "\n".join(f"{one.tracking} {one.amount_dong}" for one in told).encode()
    ).hexdigest()
    known = db.session.scalars(select(Remittance).where(Remittance.digest == digest)).one_or_none()
    if known is not None:
        return known, False
    made = Remittance(
        source=source,
        filename=name[:200],
        digest=digest,
        total_dong=sum(one.amount_dong for one in told),
        state=RemittanceState.READ,
    )
    db.session.add(made)
    db.session.flush()
    for number, one in enumerate(told, 1):
        made.lines.append(
            RemittanceLine(
                number=number, tracking=one.tracking[:40], amount_dong=one.amount_dong, outcome=L.UNKNOWN
            )
        )
    db.session.flush()
    judge(made)
    audit.record(by, "remittance.read", made, total_dong=made.total_dong, lines=len(told))
    return made, True


def _tidy(tracking: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", tracking.upper())


def _amount(typed: str, line: int) -> int:
    amount = tables.whole_dong(typed)
    if amount is None or not 0 < amount <= MAX_PRICE_DONG:
        raise Refusal(
            _("Dòng %(line)s: số tiền “%(typed)s” không đọc được.", line=line, typed=typed[:40]), field="file"
        )
    return amount


def judge(remittance: Remittance) -> None:
    """Say of every line what it is, as the books are now."""
    seen: set[str] = set()
    for line in remittance.lines:
        line.outcome, line.payment = _outcome(line, seen)
        seen.add(line.tracking)


def _outcome(line: RemittanceLine, seen: set[str]) -> tuple[LineOutcome, Payment | None]:
    parcel = shipping.find_parcel(line.tracking)
    if parcel is None or parcel.farm_order_id is None:
        return L.UNKNOWN, None
    payment = db.session.scalars(
        select(Payment).where(Payment.farm_order_id == parcel.farm_order_id)
    ).one_or_none()
    if payment is None:
        return L.UNKNOWN, None
    if line.tracking in seen:
        return L.TWICE, payment
    if payment.state in (S.EXPECTED, S.CANCELLED):
        return L.NOT_COLLECTED, payment
    left = payment.at_the_post_dong
    if left == 0:
        return L.ALREADY, payment
    return (
        L.MATCHED if line.amount_dong == left else L.SHORT if line.amount_dong < left else L.OVER
    ), payment


def settle(
    remittance: Remittance,
    by: Actor,
    *,
    received_dong: int | None = None,
    reference: str = "",
    notice: BankNotice | None = None,
) -> Remittance:
    """The money of a list is here: as a transfer the bank told us of (`notice`), or as a cashier read it
    (`received_dong` under the bank's `reference`). It must be what the list adds up to, with or without the lines
    that stand in it twice; else nothing is written. Settled again it does nothing."""
    (remittance,) = claim(Remittance, [remittance.id])
    if remittance.state is RemittanceState.SETTLED:
        return remittance
    payments = {line.payment_id for line in remittance.lines if line.payment_id}
    claim(Payment, [one for one in payments if one])
    if notice is not None:
        (notice,) = claim(BankNotice, [notice.id])
        transfers.still_waiting(notice)
        received_dong, reference = notice.amount_dong, notice.reference or notice.code
    judge(remittance)
    twice = sum(line.amount_dong for line in remittance.lines if line.outcome is L.TWICE)
    once = remittance.total_dong - twice
    if not reference.strip():
        raise Refusal(_("Hãy ghi mã giao dịch của ngân hàng."), field="reference")
    if received_dong not in (remittance.total_dong, once):
        raise Refusal(
            _(
                "Danh sách cộng lại là %(total)s, tiền nhận được là %(received)s. Hãy hỏi bưu điện trước khi ghi.",
                total=dong(remittance.total_dong if not twice else once),
                received=dong(received_dong or 0),
            ),
            field="received",
        )
    states.move(remittance, RemittanceState.SETTLED, by, reference)
    remittance.received_dong, remittance.reference = received_dong or 0, reference.strip()[:80]
    source = ledger.BANK
    if notice is not None:
        notice.handled_at = clock.now()
        remittance.notice_id = notice.id
        source = ledger.UNMATCHED
    for line in remittance.lines:
        if line.outcome is L.TWICE and received_dong == once:
            continue  # printed twice, paid once
        _settle_line(line, source, by)
    return remittance


def _settle_line(line: RemittanceLine, source: str, by: Actor) -> None:
    payment = line.payment
    takes = 0
    if payment is not None and line.outcome not in NO_MONEY_FOR:
        takes = min(line.amount_dong, payment.at_the_post_dong)
    fact = f"{line.remittance.code}:{line.number}"
    if takes:
        assert payment is not None
        _remit(payment, takes, {source: takes}, fact, line.remittance.reference, by)
        line.settled_dong = takes
    rest = line.amount_dong - takes
    if rest:
        ledger.post(
            "cod_surplus",
            fact,
            {source: rest, ledger.COD_SURPLUS: -rest},
            note=line.tracking,
        )
        line.surplus_dong = rest


def place_surplus(line: RemittanceLine, by: Actor) -> int:
    """Look again at money that could not be placed: the parcel may have been scanned as delivered since. Returns what
    was placed, in đồng."""
    (line,) = claim(RemittanceLine, [line.id])
    _now, found = _outcome(line, set())
    if found is None or not line.left_dong:
        return 0
    if line.return_reason:
        raise Conflict(_("Khoản này đang chờ chuyển trả bưu điện. Rút đề nghị rồi mới tìm lại đơn."))
    (payment,) = claim(Payment, [found.id])
    takes = min(line.left_dong, payment.at_the_post_dong) if payment.state is S.COLLECTED else 0
    if takes:
        fact = f"{line.remittance.code}:{line.number}:{line.cleared_dong}"
        _remit(payment, takes, {ledger.COD_SURPLUS: takes}, fact, line.remittance.reference, by)
        line.cleared_dong += takes
        line.payment = payment
    return takes


def ask_carrier(line: RemittanceLine, by: Actor) -> None:
    """Nobody knows whose it is: the carrier was asked, and until it answers the money stands as nobody's. Twice is
    once."""
    (line,) = claim(RemittanceLine, [line.id])
    _still_over(line)
    if line.asked_carrier_at is None:
        line.asked_carrier_at = clock.now()
        audit.record(by, "remittance_line.carrier_asked", line, amount_dong=line.left_dong)


def ask_return(line: RemittanceLine, reason: str, by: Actor) -> None:
    """Say that what the carrier paid too much is to be sent back, and why; another person sends it."""
    (line,) = claim(RemittanceLine, [line.id])
    _still_over(line)
    if not reason.strip():
        raise Refusal(_("Hãy ghi vì sao trả lại bưu điện, ví dụ bưu điện trả lời nộp nhầm."), field="reason")
    line.return_asked_by_id, line.return_reason = by.person_id, reason.strip()[:300]
    audit.record(by, "remittance_line.return_asked", line, why=line.return_reason)


def keep_surplus(line: RemittanceLine, by: Actor) -> None:
    """It is not sent back after all: it stands as nobody's again."""
    (line,) = claim(RemittanceLine, [line.id])
    if line.return_reason:
        line.return_asked_by_id, line.return_reason = None, ""
        audit.record(by, "remittance_line.return_withdrawn", line)


def send_surplus_back(line: RemittanceLine, reference: str, by: Actor) -> int:
    """What the carrier paid too much went back to it, under this reference of the bank; not by whoever asked for it.
    Returns the sum in đồng."""
    (line,) = claim(RemittanceLine, [line.id])
    _still_over(line)
    if not line.return_reason:
        raise Conflict(_("Chưa có ai đề nghị trả lại khoản này. Hãy tải lại trang."))
    if by.person_id is not None and by.person_id == line.return_asked_by_id:
        raise Refusal(
            _("Bạn là người đề nghị trả lại khoản này. Tiền ra cần hai người: nhờ người khác chuyển.")
        )
    reference = reference.strip()[:80]
    if not reference:
        raise Refusal(_("Hãy ghi mã giao dịch của ngân hàng."), field="reference")
    amount = line.left_dong
    ledger.post(
        "cod_surplus_returned",
        f"{line.remittance.code}:{line.number}",
        {ledger.COD_SURPLUS: amount, ledger.BANK: -amount},
        note=f"{reference} {line.return_reason}"[:300],
    )
    line.cleared_dong += amount
    line.returned_dong, line.return_reference = amount, reference
    audit.record(by, "remittance_line.returned", line, amount_dong=amount, reference=reference)
    return amount


def _still_over(line: RemittanceLine) -> None:
    if not line.left_dong:
        raise Conflict(_("Khoản thừa này đã được ghép hoặc trả lại rồi. Hãy tải lại trang."))


def drop(remittance: Remittance, by: Actor) -> None:
    """The list was a mistake: nothing was written for it."""
    (remittance,) = claim(Remittance, [remittance.id])
    states.move(remittance, RemittanceState.DROPPED, by)
    remittance.digest = f"{remittance.digest[:40]}:{remittance.code}"


# -- never to come -------------------------------------------------------------------------------------------------


def ask_write_off(payment: Payment, reason: str, by: Actor) -> None:
    """Say that the post will never pay this cash in, and why; another person decides."""
    (payment,) = claim(Payment, [payment.id])
    if payment.state is not S.COLLECTED or not payment.at_the_post_dong:
        raise Conflict(_("Khoản này không còn ở bưu điện. Hãy tải lại trang."))
    if not reason.strip():
        raise Refusal(_("Hãy ghi vì sao không đòi được khoản này."), field="reason")
    payment.write_off_asked_by_id, payment.write_off_reason = by.person_id, reason.strip()[:300]
    audit.record(by, "payment.write_off_asked", payment, why=payment.write_off_reason)


def write_off(payment: Payment, by: Actor) -> None:
    """The market bears what the post never paid in; the farm is paid all the same."""
    (payment,) = claim(Payment, [payment.id])
    left = payment.at_the_post_dong
    if payment.state is not S.COLLECTED or not left or not payment.write_off_reason:
        raise Conflict(
            _("Chưa có ai đề nghị xóa khoản này, hoặc nó không còn ở bưu điện. Hãy tải lại trang.")
        )
    if by.person_id is not None and by.person_id == payment.write_off_asked_by_id:
        raise Refusal(_("Bạn là người đề nghị xóa khoản này. Hãy nhờ người khác duyệt."))
    ledger.post(
        "cod_written_off",
        payment.code,
        {ledger.LOSSES: left, ledger.POST_COD: -left},
        order_id=payment.order_id,
        farm_order_id=payment.farm_order_id,
        note=payment.write_off_reason,
    )
    payment.written_off_dong += left
    states.move(payment, S.REMITTED if payment.remitted_dong else S.WRITTEN_OFF, by, payment.write_off_reason)
    _pay_the_farm(payment, by)
