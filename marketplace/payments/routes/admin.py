"""The cashier's desk: transfers nobody can place, money that goes back, cash the post owes, what farms are paid."""

from typing import Any

from flask import Blueprint, Response
from werkzeug.wrappers import Response as Answer

from marketplace.farmers import queries as farmers
from marketplace.foundation import clock, sheets
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.audit import record
from marketplace.foundation.db import transaction
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.payments import queries, service
from marketplace.payments.forms import (
    ApprovalForm,
    AttachForm,
    GoodwillForm,
    ReasonForm,
    ReferenceForm,
    SentStatementForm,
)
from marketplace.payments.models import (
    HOLD_WORDS,
    MAY_BE_WITHDRAWN,
    REFUND_WORDS,
    BatchState,
    HoldReason,
    PayoutState,
    RefundBatchState,
    RefundCause,
    RefundState,
    SlipState,
)

bp = Blueprint("payments_admin", __name__)

SHEET_HEADS = ("STT", "So tai khoan", "Ten nguoi nhan", "Ma ngan hang", "Ngan hang", "So tien", "Noi dung")
"""What banks ask for in a list of transfers."""


@bp.before_request
def cashiers_only() -> None:
    require_role("cashier", "admin")


# -- transfers and refunds -----------------------------------------------------------------------------------------


@bp.get("")
def money() -> tuple[str, int]:
    return _money_page()


def _money_page(status: int = 200, **forms: Any) -> tuple[str, int]:
    return page(
        "payments/admin/money.html",
        status,
        notices=queries.notices_waiting(),
        refunds=queries.refunds_due(),
        balances=queries.balances(),
        refund_words=REFUND_WORDS,
        sent=queries.refunds_sent(),
        may_withdraw=MAY_BE_WITHDRAWN,
        accounts=queries.refund_accounts(),
        told=queries.told_accounts(),
        lists=queries.refund_batches_waiting(),
        to_list=queries.refunds_to_list(),
        bank_name=_bank_name,
        **{
            "attach_form": AttachForm(formdata=None),
            "reference_form": ReferenceForm(formdata=None),
            "approval_form": ApprovalForm(formdata=None),
            "bounce_form": ReasonForm(formdata=None),
            "goodwill_form": GoodwillForm(formdata=None),
            **forms,
        },
    )


@bp.post("/transfers/<code>/acceptance")
def accept_transfers(code: str) -> Answer:
    """All transfers kept for the payment this one names are taken as its money."""
    with transaction():
        found = queries.notice_waiting(code)
        if found.payment is None:
            raise Refusal(_("Khoản này chưa gắn với đơn nào. Hãy ghi mã chuyển khoản của đơn trước."))
        service.accept_transfers(found.payment, current_actor())
    notice(_("Đã nhận tiền cho đơn %(code)s.", code=found.payment.order.code))
    return redirect_to("payments_admin.money")


@bp.post("/transfers/<code>/attachment")
def attach_notice(code: str) -> Answer | tuple[str, int]:
    form = AttachForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.attach_notice(queries.notice_waiting(code), form.code.data, current_actor())
            notice(_("Đã gắn khoản chuyển với đơn."))
            return redirect_to("payments_admin.money")
        except Refusal as refusal:
            form.refuse(refusal)
    return _money_page(422, attach_form=form, attach_to=code)


@bp.post("/transfers/<code>/return")
def send_back(code: str) -> Answer:
    with transaction():
        service.send_back(queries.notice_waiting(code), current_actor())
    notice(_("Đã đưa vào danh sách tiền phải chuyển lại."))
    return redirect_to("payments_admin.money")


@bp.post("/transfers/<code>/detachment")
def detach_notice(code: str) -> Answer:
    with transaction():
        service.detach_notice(queries.notice_waiting(code), current_actor())
    notice(_("Đã gỡ khoản chuyển khỏi đơn."))
    return redirect_to("payments_admin.money")


@bp.post("/transfers/<code>/request")
def ask_for_rest(code: str) -> Answer:
    """Ask the buyer for what is missing; the goods are kept meanwhile."""
    with transaction():
        found = queries.notice_waiting(code)
        if found.payment is None:
            raise Refusal(_("Khoản này chưa gắn với đơn nào. Hãy ghi mã chuyển khoản của đơn trước."))
        until = service.ask_for_rest(found.payment, current_actor())
    notice(
        _("Đã nhắn khách chuyển nốt. Chợ giữ hàng tới %(until)s.", until=f"{clock.local(until):%H:%M %d/%m}")
    )
    return redirect_to("payments_admin.money")


@bp.post("/refunds")
def give_more_back() -> Answer | tuple[str, int]:
    """The market gives a buyer part of a delivered order back and bears it; another person approves."""
    form = GoodwillForm()

    def give() -> None:
        part = queries.delivered_part(form.part.data or "")
        amount, why, key = form.amount.data or 0, form.why.data or "", f"goodwill:{form.once.data}"
        service.refund(
            part, amount, RefundCause.GOODWILL, current_actor(), key=key, borne={"market": amount}, why=why
        )

    if form.does(give):
        notice(_("Đã đề nghị hoàn %(amount)s. Người khác duyệt.", amount=dong(form.amount.data or 0)))
        return redirect_to("payments_admin.money")
    return _money_page(422, goodwill_form=form)


@bp.post("/refunds/<code>/approval")
def approve_refund(code: str) -> Answer | tuple[str, int]:
    form = ApprovalForm()
    if not form.validate_on_submit():
        return _money_page(422, approval_form=form)
    with transaction():
        service.approve_refund(queries.refund(code), current_actor(), form.account.data or "")
    notice(_("Đã duyệt. Người khác chuyển tiền rồi ghi mã giao dịch."))
    return redirect_to("payments_admin.money")


@bp.post("/refunds/<code>/withdrawal")
def withdraw_refund(code: str) -> Answer:
    """Take a promise, or an approval, back while nothing was sent."""
    with transaction():
        found = queries.refund(code)
        if found.state is RefundState.APPROVED:
            service.unapprove_refund(found, current_actor())
        else:
            service.withdraw_refund(found, current_actor())
    notice(_("Đã rút lại."))
    return redirect_to("payments_admin.money")


@bp.post("/refunds/<code>/bounce")
def refund_bounced(code: str) -> Answer | tuple[str, int]:
    form = ReasonForm()
    if form.validate_on_submit():
        with transaction():
            service.refund_bounced(queries.refund(code), form.reason.data, current_actor())
        notice(_("Đã ghi: ngân hàng trả lại khoản hoàn. Hãy hỏi khách tài khoản đúng rồi duyệt lại."))
        return redirect_to("payments_admin.money")
    return _money_page(422, bounce_form=form, bounce_of=code)


@bp.post("/refunds/<code>/sending")
def send_refund(code: str) -> Answer | tuple[str, int]:
    form = ReferenceForm()
    if form.validate_on_submit():
        with transaction():
            service.send_refund(queries.refund(code), form.reference.data or "", current_actor())
        notice(_("Đã ghi: tiền đã chuyển lại cho khách."))
        return redirect_to("payments_admin.money")
    return _money_page(422, reference_form=form, reference_to=code)


# -- refunds in one list for the bank ------------------------------------------------------------------------------


@bp.post("/refund-lists")
def prepare_refund_batch() -> Answer:
    with transaction():
        made = service.prepare_refund_batch(current_actor())
    if made is None:
        notice(_("Chưa có khoản hoàn nào mà khách đã ghi tài khoản."), "warn")
    else:
        notice(_("Đã lập danh sách chuyển lại %(code)s. Nhờ người khác duyệt.", code=made.code))
    return redirect_to("payments_admin.money")


@bp.post("/refund-lists/<code>/approval")
def approve_refund_batch(code: str) -> Answer:
    with transaction():
        service.approve_refund_batch(queries.refund_batch(code), current_actor())
    notice(_("Đã duyệt danh sách %(code)s. Người khác tải về, chuyển tiền rồi ghi mã giao dịch.", code=code))
    return redirect_to("payments_admin.money")


@bp.post("/refund-lists/<code>/sending")
def send_refund_batch(code: str) -> Answer | tuple[str, int]:
    form = ReferenceForm()
    if form.validate_on_submit():
        with transaction():
            total = service.send_refund_batch(
                queries.refund_batch(code), form.reference.data or "", current_actor()
            )
        notice(_("Đã ghi: chuyển lại cho khách %(total)s.", total=dong(total)))
        return redirect_to("payments_admin.money")
    return _money_page(422, reference_form=form, reference_to=code)


@bp.post("/refund-lists/<code>/removal")
def drop_refund_batch(code: str) -> Answer:
    with transaction():
        service.drop_refund_batch(queries.refund_batch(code), current_actor())
    notice(_("Đã bỏ danh sách %(code)s. Các khoản hoàn lại chờ duyệt.", code=code))
    return redirect_to("payments_admin.money")


@bp.get("/refund-lists/<code>.csv")
def refund_sheet(code: str) -> Response:
    """The approved list as banks take it. Looking at account numbers is written down."""
    with transaction():
        batch = queries.refund_batch(code)
        if batch.state is RefundBatchState.PREPARED:
            raise Conflict(_("Danh sách chưa được duyệt. Hãy nhờ người khác duyệt rồi tải."))
        record(current_actor(), "refund_batch.downloaded", batch)
        rows: list[list[Any]] = [[*SHEET_HEADS]]
        rows += [
            [
                number,
                queries.refund_account_number(refund),
                queries.transfer_words(refund.account_holder),
                refund.account_bin or "",
                _bank_name(refund.account_bin),
                refund.amount_dong,
                f"{refund.code} {refund.payment.order.code if refund.payment else ''}".strip(),
            ]
            for number, refund in enumerate(batch.refunds, start=1)
        ]
    return _sheet(batch.code, rows)


def _bank_name(bin: str | None) -> str:
    found = farmers.bank(bin or "")
    return found.short_name if found is not None else ""


def _sheet(name: str, rows: list[list[Any]]) -> Response:
    return Response(
        sheets.as_csv(rows),
        mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
        },
    )


# -- to the farms --------------------------------------------------------------------------------------------------


@bp.get("/payouts")
def payouts() -> tuple[str, int]:
    return _payouts_page()


def _payouts_page(status: int = 200, **forms: Any) -> tuple[str, int]:
    return page(
        "payments/admin/payouts.html",
        status,
        batches=queries.batches_waiting(),
        sent=queries.batches_sent(),
        due=queries.payouts_in(PayoutState.DUE),
        held=queries.payouts_in(PayoutState.HELD),
        ready=queries.slips_in(SlipState.READY),
        on_the_way=queries.slips_in(SlipState.SENT),
        lost=queries.losses_to_make_good(),
        hold_words=HOLD_WORDS,
        **{
            "reference_form": ReferenceForm(formdata=None),
            "reason_form": ReasonForm(formdata=None),
            "statement_form": SentStatementForm(formdata=None),
            **forms,
        },
    )


@bp.post("/batches")
def prepare_batches() -> Answer:
    with transaction():
        made = service.batch_due(clock.today(), current_actor())
    if made:
        notice(_("Đã lập %(count)s danh sách trả tiền.", count=len(made)))
    else:
        notice(_("Hôm nay chưa có khoản nào tới hạn trả."), "warn")
    return redirect_to("payments_admin.payouts")


@bp.post("/batches/<code>/approval")
def approve_batch(code: str) -> Answer:
    with transaction():
        service.approve_batch(queries.batch(code), current_actor())
    notice(_("Đã duyệt danh sách %(code)s. Thủ quỹ chuyển được rồi.", code=code))
    return redirect_to("payments_admin.payouts")


@bp.get("/batches/<code>.csv")
def batch_sheet(code: str) -> Response:
    """The approved list as banks take it: one line a farm, in capitals without accents. Looking at account numbers is
    written down."""
    with transaction():
        batch = queries.batch(code)
        if batch.state is BatchState.PREPARED:
            raise Conflict(_("Danh sách chưa được duyệt. Hãy nhờ quản trị duyệt rồi tải."))
        record(current_actor(), "payout_batch.downloaded", batch)
        rows: list[list[Any]] = [[*SHEET_HEADS]]
        slips = [slip for slip in batch.slips if slip.net_dong and slip.state is not SlipState.TAKEN_OUT]
        for number, slip in enumerate(slips, start=1):
            farm = slip.farm
            account, bank = farm.bank_account, farmers.bank_of(farm)
            rows.append(
                [
                    number,
                    queries.account_number(farm) if batch.method == "bank" else "",
                    queries.transfer_words(account.holder if account and account.holder else farm.name),
                    account.bank_bin or "" if account else "",
                    bank.short_name if bank else "TIEN MAT",
                    slip.net_dong,
                    f"{slip.code} {farm.code}",
                ]
            )
    return _sheet(batch.code, rows)


@bp.post("/batches/<code>/sending")
def send_batch(code: str) -> Answer | tuple[str, int]:
    form = ReferenceForm()
    if form.validate_on_submit():
        with transaction():
            service.send_batch(queries.batch(code), form.reference.data, current_actor())
        notice(_("Đã ghi: danh sách %(code)s đã chuyển.", code=code))
        return redirect_to("payments_admin.payouts")
    return _payouts_page(422, reference_form=form, reference_to=code)


@bp.post("/payouts/<code>/hold")
def hold(code: str) -> Answer | tuple[str, int]:
    return _with_reason(code, "hold")


@bp.post("/slips/<code>/bounce")
def bounce(code: str) -> Answer | tuple[str, int]:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _payouts_page(422, reason_form=form, reason_to=code)
    with transaction():
        service.bounce(queries.slip(code), form.reason.data, current_actor())
    notice(_("Đã ghi: ngân hàng trả lại. Tiền được giữ cho tới khi bạn thôi giữ."), "warn")
    return redirect_to("payments_admin.payouts")


@bp.post("/slips/<code>/arrival")
def settle(code: str) -> Answer:
    with transaction():
        service.settle(queries.slip(code), current_actor())
    notice(_("Đã ghi: tiền đã tới nhà vườn."))
    return redirect_to("payments_admin.payouts")


@bp.post("/slips/<code>/code")
def new_cash_code(code: str) -> Answer:
    """A new code for a farmer who lost theirs, or whose slip was guessed at."""
    with transaction():
        digits = service.new_cash_code(queries.slip(code), current_actor())
    notice(_("Mã nhận tiền mới: %(digits)s. Đọc cho nhà vườn qua điện thoại đã đăng ký.", digits=digits))
    return redirect_to("payments_admin.payouts")


@bp.post("/sent-statement")
def sent_statement() -> Answer | tuple[str, int]:
    """The bank's statement of what went out: what arrived is settled, what came back bounces."""
    form = SentStatementForm()
    if not form.validate_on_submit():
        return _payouts_page(422, statement_form=form)
    with transaction():
        settled, bounced = service.settle_by_statement(form.rows, current_actor())
    if settled or bounced:
        notice(
            _(
                "Theo sao kê: %(settled)s khoản đã tới, %(bounced)s khoản bị trả lại.",
                settled=settled,
                bounced=bounced,
            )
        )
    else:
        notice(_("Không dòng nào khớp với khoản đã chuyển. Không có gì thay đổi."), "warn")
    return redirect_to("payments_admin.payouts")


@bp.post("/lost/<code>/compensation")
def compensate(code: str) -> Answer:
    with transaction():
        part = next((one for one in queries.lost_without_compensation() if one.code == code), None)
        if part is None:
            raise Missing()
        service.compensate(part, current_actor())
    notice(_("Đã ghi bồi thường; tiền sẽ trả cho nhà vườn như mọi khoản khác."))
    return redirect_to("payments_admin.payouts")


@bp.post("/payouts/<code>/removal")
def take_out(code: str) -> Answer | tuple[str, int]:
    return _with_reason(code, "take_out")


def _with_reason(code: str, deed: str) -> Answer | tuple[str, int]:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _payouts_page(422, reason_form=form, reason_to=code)
    with transaction():
        payout, by, reason = queries.payout(code), current_actor(), form.reason.data
        if deed == "hold":
            service.hold(payout, HoldReason.BY_HAND, reason, by)
        else:
            service.take_out(payout, reason, by)
    notice(_("Đã giữ khoản này lại. Nhà vườn đọc được lý do."))
    return redirect_to("payments_admin.payouts")


@bp.post("/payouts/<code>/release")
def release(code: str) -> Answer:
    with transaction():
        service.release(queries.payout(code), current_actor())
    notice(_("Đã thôi giữ khoản này."))
    return redirect_to("payments_admin.payouts")
