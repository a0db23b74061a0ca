"""The cashier's books: the bank's statements, carriers' lists, what the card company told, months and corrections."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Person
from marketplace.foundation import clock, sheets
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.jobs import enqueue
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.payments import queries, service
from marketplace.payments.book_words import ACCOUNT_NAMES, ENTRY_WORDS
from marketplace.payments.closing import ACCOUNT_WORDS
from marketplace.payments.forms import (
    CorrectionForm,
    DebtForm,
    DebtReasonForm,
    DrawerForm,
    FeesForm,
    MonthForm,
    NoteForm,
    ReasonForm,
    ReferenceForm,
    RemittanceForm,
    SettleListForm,
    SheetForm,
    SurplusForm,
)
from marketplace.payments.models import DISPUTE_WORDS, Till

bp = Blueprint("payments_books", __name__)
LINES_ON_A_PAGE = 50


@bp.before_request
def cashiers_only() -> None:
    require_role("cashier", "admin")


# -- the bank's statement ------------------------------------------------------------------------------------------


@bp.get("/statements")
def statements() -> tuple[str, int]:
    return _statements_page(SheetForm(formdata=None))


def _statements_page(form: SheetForm, status: int = 200) -> tuple[str, int]:
    return page(
        "payments/admin/statements.html",
        status,
        form=form,
        statements=queries.statements_lately(),
        bank=queries.bank(),
    )


@bp.post("/statements")
def upload_statement() -> Response | tuple[str, int]:
    form = SheetForm()
    if form.validate_on_submit():
        try:
            with transaction():
                made, is_new = service.read_statement(
                    form.file.data.stream, form.file.data.filename, current_actor()
                )
            if not is_new:
                notice(_("Sao kê này đã tải lên trước đây, không ghi thêm gì."), "warn")
            return redirect_to("payments_books.statement", code=made.code)
        except Refusal as refusal:
            form.refuse(refusal)
    return _statements_page(form, 422)


@bp.get("/statements/<code:code>")
def statement(code: str) -> tuple[str, int]:
    found = queries.bank_statement(code)
    return page("payments/admin/statement.html", statement=found, lines=service.preview_statement(found))


@bp.post("/statements/<code:code>/settlement")
def settle_statement(code: str) -> Response:
    """Every transfer not told of yet is looked at by the worker, as if the bank had told us."""
    with transaction():
        fresh = service.settle_statement(queries.bank_statement(code), current_actor())
        for one in fresh:
            enqueue("payments.settle_notice", one.id)
    if fresh:
        notice(_("Đã ghi %(count)s khoản mới từ sao kê.", count=len(fresh)))
    else:
        notice(_("Mọi khoản trong sao kê chợ đã biết, không ghi thêm gì."), "warn")
    return redirect_to("payments_books.statement", code=code)


@bp.post("/statements/<code:code>/removal")
def drop_statement(code: str) -> Response:
    with transaction():
        service.drop_statement(queries.bank_statement(code), current_actor())
    notice(_("Đã bỏ sao kê này, chưa ghi gì vào sổ."))
    return redirect_to("payments_books.statements")


# -- cash at the door ----------------------------------------------------------------------------------------------


@bp.get("/cod")
def cod() -> tuple[str, int]:
    return _cod_page()


def _cod_page(status: int = 200, **forms: Any) -> tuple[str, int]:
    facts = {
        "form": RemittanceForm(formdata=None),
        "sheet_form": SheetForm(formdata=None),
        "reason_form": ReasonForm(formdata=None),
        "surplus_form": SurplusForm(formdata=None),
        "reference_form": ReferenceForm(formdata=None),
        "fees_form": FeesForm(formdata=None),
    }
    return page(
        "payments/admin/cod.html",
        status,
        points=queries.cod_to_remit(),
        ages=queries.cod_ages(),
        lists=queries.remittances_lately(),
        surpluses=queries.surpluses(),
        write_offs=queries.write_offs_asked(),
        fees=queries.fees_to_remit(),
        **{**facts, **forms},
    )


@bp.post("/cod-remittances")
def remit_cod() -> Response | tuple[str, int]:
    form = RemittanceForm()
    if form.validate_on_submit():
        with transaction():
            found = queries.cod_payments(form.payments.data or [])
            total = service.remit_cod(found, current_actor(), form.reference.data or "")
        if total:
            notice(_("Đã ghi bưu điện nộp %(total)s.", total=dong(total)))
            return redirect_to("payments_books.cod")
        form.refuse(Refusal(_("Hãy chọn ít nhất một khoản chưa nộp."), field="payments"))
    return _cod_page(422, form=form)


@bp.post("/remittances")
def upload_remittance() -> Response | tuple[str, int]:
    form = SheetForm()
    if form.validate_on_submit():
        try:
            with transaction():
                made, is_new = service.read_remittance(
                    form.file.data.stream, form.file.data.filename, current_actor()
                )
            if not is_new:
                notice(_("Danh sách này đã tải lên trước đây, không ghi thêm gì."), "warn")
            return redirect_to("payments_books.remittance", code=made.code)
        except Refusal as refusal:
            form.refuse(refusal)
    return _cod_page(422, sheet_form=form)


@bp.get("/remittances/<code:code>")
def remittance(code: str) -> tuple[str, int]:
    return _remittance_page(code, SettleListForm(formdata=None))


def _remittance_page(code: str, form: SettleListForm, status: int = 200) -> tuple[str, int]:
    found = queries.remittance(code)
    waiting = queries.notices_for_list(found)
    form.transfer.choices = [
        ("", _("Chưa thấy, tôi ghi mã giao dịch")),
        *((one.code, f"{dong(one.amount_dong)} · {one.content[:60]}") for one in waiting),
    ]
    return page(
        "payments/admin/remittance.html",
        status,
        remittance=found,
        form=form,
        judged=queries.line_counts(found),
    )


@bp.post("/remittances/<code:code>/settlement")
def settle_remittance(code: str) -> Response | tuple[str, int]:
    form = SettleListForm()
    waiting = queries.notices_for_list(queries.remittance(code))
    form.transfer.choices = [("", ""), *((one.code, one.code) for one in waiting)]
    if form.validate_on_submit():
        try:
            with transaction():
                found = queries.remittance(code)
                service.settle_remittance(
                    found,
                    current_actor(),
                    received_dong=form.received.data,
                    reference=form.reference.data or "",
                    notice=queries.notice_waiting(form.transfer.data) if form.transfer.data else None,
                )
            notice(_("Đã ghi danh sách nộp tiền %(code)s.", code=code))
            return redirect_to("payments_books.remittance", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    return _remittance_page(code, form, 422)


@bp.post("/remittances/<code:code>/removal")
def drop_remittance(code: str) -> Response:
    with transaction():
        service.drop_remittance(queries.remittance(code), current_actor())
    notice(_("Đã bỏ danh sách này, chưa ghi gì vào sổ."))
    return redirect_to("payments_books.cod")


@bp.post("/surpluses/<code:code>/placement")
def place_surplus(code: str) -> Response:
    """Look again whether what the carrier paid too much has an owner now."""
    with transaction():
        placed = service.place_surplus(queries.remittance_line(code), current_actor())
    if placed:
        notice(_("Đã ghép %(amount)s.", amount=dong(placed)))
    else:
        notice(_("Vận đơn này vẫn chưa có tiền thu hộ nào chờ nộp."), "warn")
    return redirect_to("payments_books.cod")


@bp.post("/surpluses/<code:code>/question")
def ask_carrier(code: str) -> Response:
    """The carrier was asked whose it is; until it answers it is nobody's."""
    with transaction():
        service.ask_carrier(queries.remittance_line(code), current_actor())
    notice(_("Đã ghi: đang hỏi bưu điện. Tiền để riêng cho tới khi bưu điện trả lời."))
    return redirect_to("payments_books.cod")


@bp.post("/surpluses/<code:code>/return-request")
def ask_return(code: str) -> Response | tuple[str, int]:
    form = SurplusForm()
    if not form.validate_on_submit():
        return _cod_page(422, surplus_form=form, surplus_to=code)
    with transaction():
        service.ask_return(queries.remittance_line(code), form.reason.data or "", current_actor())
    notice(_("Đã đề nghị trả lại bưu điện. Người khác chuyển tiền rồi ghi mã giao dịch."))
    return redirect_to("payments_books.cod")


@bp.post("/surpluses/<code:code>/return-withdrawal")
def keep_surplus(code: str) -> Response:
    with transaction():
        service.keep_surplus(queries.remittance_line(code), current_actor())
    notice(_("Đã rút đề nghị. Khoản thừa vẫn để riêng."))
    return redirect_to("payments_books.cod")


@bp.post("/surpluses/<code:code>/return")
def send_surplus_back(code: str) -> Response | tuple[str, int]:
    form = ReferenceForm()
    if not form.validate_on_submit():
        return _cod_page(422, reference_form=form, surplus_to=code)
    with transaction():
        amount = service.send_surplus_back(
            queries.remittance_line(code), form.reference.data or "", current_actor()
        )
    notice(_("Đã ghi: trả lại bưu điện %(amount)s.", amount=dong(amount)))
    return redirect_to("payments_books.cod")


@bp.post("/fee-remittances")
def remit_fees() -> Response | tuple[str, int]:
    """The post paid in fees of dossiers its counters took."""
    form = FeesForm()
    if not form.validate_on_submit():
        return _cod_page(422, fees_form=form)
    with transaction():
        found = queries.fees(form.fees.data or [])
        total = service.remit_fees(found, form.reference.data or "", current_actor())
    notice(_("Đã ghi bưu điện nộp %(total)s lệ phí.", total=dong(total)))
    return redirect_to("payments_books.cod")


@bp.post("/payments/<code:code>/write-off-request")
def ask_write_off(code: str) -> Response | tuple[str, int]:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _cod_page(422, reason_form=form, reason_to=code)
    with transaction():
        service.ask_write_off(queries.payment_by_code(code), form.reason.data or "", current_actor())
    notice(_("Đã đề nghị xóa khoản này. Chờ người khác duyệt."))
    return redirect_to("payments_books.cod")


@bp.post("/payments/<code:code>/write-off")
def write_off(code: str) -> Response:
    with transaction():
        service.write_off(queries.payment_by_code(code), current_actor())
    notice(_("Đã xóa khoản này, chợ chịu; nhà vườn vẫn được trả."))
    return redirect_to("payments_books.cod")


# -- what farms owe ------------------------------------------------------------------------------------------------


@bp.get("/debts")
def debts() -> tuple[str, int]:
    return _debts_page()


def _debts_page(status: int = 200, **forms: Any) -> tuple[str, int]:
    return page(
        "payments/admin/debts.html",
        status,
        debts=queries.debts_open(),
        transfers=_transfers(),
        **{
            "form": DebtForm(formdata=None),
            "reason_form": DebtReasonForm(formdata=None),
            "wrong": "",
            **forms,
        },
    )


def _transfers() -> list[tuple[str, str]]:
    return [(one.code, f"{dong(one.amount_dong)} · {one.content[:60]}") for one in queries.notices_waiting()]


@bp.post("/debts/<code:code>/transfer")
def pay_debt_in(code: str) -> Response | tuple[str, int]:
    form = DebtForm()
    form.transfer.choices = [("", ""), *_transfers()]

    def pay() -> None:
        found = queries.notice_waiting(form.transfer.data or "")
        service.pay_debt_in(queries.debt(code), found, current_actor())

    if form.does(pay):
        notice(_("Đã ghi: nhà vườn trả khoản còn nợ."))
        return redirect_to("payments_books.debts")
    return _debts_page(422, form=form, wrong=code)


@bp.post("/debts/<code:code>/write-off-request")
def ask_debt_write_off(code: str) -> Response | tuple[str, int]:
    form = DebtReasonForm()
    if form.does(
        lambda: service.ask_debt_write_off(queries.debt(code), form.reason.data or "", current_actor())
    ):
        notice(_("Đã đề nghị xóa khoản này. Chờ người khác duyệt."))
        return redirect_to("payments_books.debts")
    return _debts_page(422, reason_form=form, wrong=code)


@bp.post("/debts/<code:code>/write-off")
def write_debt_off(code: str) -> Response:
    with transaction():
        service.write_debt_off(queries.debt(code), current_actor())
    notice(_("Đã xóa khoản nợ này, chợ chịu."))
    return redirect_to("payments_books.debts")


# -- drawers at the counters ---------------------------------------------------------------------------------------


@bp.get("/drawers")
def drawers() -> tuple[str, int]:
    return _drawers_page()


def _drawers_page(status: int = 200, **forms: Any) -> tuple[str, int]:
    held = queries.drawers_held()
    return page(
        "payments/admin/drawers.html",
        status,
        held=[(till, queries.in_drawer(till), _others(till)) for till in held],
        **{"form": DrawerForm(formdata=None), "wrong": "", **forms},
    )


def _others(till: Till) -> list[Person]:
    """Clerks of the point the drawer may go to."""
    now = till.handed_to_id if till.closed_at is not None else till.clerk_id
    return [one for one in accounts.people_at(till.service_point_id) if one.id != now]


@bp.post("/drawers/<code:code>/clerk")
def pass_till_on(code: str) -> Response | tuple[str, int]:
    """The clerk who holds a drawer does not come back: an admin gives it to another of the point."""
    require_role("admin")
    form = DrawerForm()
    others = {one.code: one for one in _others(queries.drawer(code))}
    form.clerk.choices = [("", ""), *((key, one.name) for key, one in others.items())]
    if form.validate_on_submit():
        try:
            with transaction():
                to = others[form.clerk.data]
                service.pass_till_on(queries.drawer(code), to, form.reason.data or "", current_actor())
            notice(_("Đã giao ngăn quỹ cho %(name)s; hai người đã được báo.", name=to.name))
            return redirect_to("payments_books.drawers")
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.refuse(refusal)
    # The same fields stand beside every drawer, so what is wrong is said on top.
    form.form_errors = [sentence for _id, sentence in form.problems]
    for field in form:
        field.errors = []
    return _drawers_page(422, form=form, wrong=code)


# -- the card company ----------------------------------------------------------------------------------------------


@bp.get("/cards")
def cards() -> tuple[str, int]:
    return _cards_page(NoteForm(formdata=None))


def _cards_page(form: NoteForm, status: int = 200, note_to: str = "") -> tuple[str, int]:
    return page(
        "payments/admin/cards.html",
        status,
        events=queries.card_events_waiting(),
        early=queries.card_events_early(),
        disputes=queries.disputes(),
        lately=queries.card_payments_lately(),
        dispute_words=DISPUTE_WORDS,
        note_form=form,
        note_to=note_to,
    )


@bp.post("/card-events/<code:code>/answer")
def look_away(code: str) -> Response | tuple[str, int]:
    form = NoteForm()
    if not form.validate_on_submit():
        return _cards_page(form, 422, code)
    with transaction():
        service.look_away_from_card(queries.card_event(code), form.note.data or "", current_actor())
    notice(_("Đã ghi việc đã làm."))
    return redirect_to("payments_books.cards")


# -- months and corrections ----------------------------------------------------------------------------------------


@bp.get("/books")
def books() -> tuple[str, int]:
    return _books_page()


def _books_page(status: int = 200, **forms: Any) -> tuple[str, int]:
    month = request.args.get("month", "")
    form = forms.pop("correction_form", None) or CorrectionForm(formdata=None)
    form.from_account.choices = form.to_account.choices = list(ACCOUNT_WORDS.items())
    return page(
        "payments/admin/books.html",
        status,
        book=queries.book_of(month),
        months=queries.months(),
        closable=service.months_to_close(),
        closed=queries.closed_months(),
        corrections=queries.corrections_proposed(),
        account_words=ACCOUNT_NAMES,
        entry_words=ENTRY_WORDS,
        correction_form=form,
        **forms,
    )


@bp.get("/books/<account>")
def account(account: str) -> tuple[str, int]:
    """From a sum in the books to the entries behind it and what caused them."""
    found = _account(account, limit=0)
    pager = Pager(found.count, LINES_ON_A_PAGE)
    return page(
        "payments/admin/account.html",
        account=_account(account, pager.offset, pager.limit),
        months=queries.months(),
        pager=pager,
        entry_words=ENTRY_WORDS,
    )


@bp.get("/books/<account>.csv")
def account_sheet(account: str) -> Response:
    """The same as a sheet, whole, with what stands after every line."""
    found = _account(account)
    stands = found.opening_dong
    rows: list[list[Any]] = [
        [
            _("Ngày giờ"), _("Việc"), _("Tài khoản"), _("Mã"), _("Số tiền (đồng)"), _("Còn lại (đồng)"), _("Ghi chú"),
        ]
    ]  # fmt: skip
    for line in found.lines:
        stands += line.amount_dong
        entry = line.entry
        rows.append(
            [
                f"{clock.local(entry.at):%Y-%m-%d %H:%M}",
                ENTRY_WORDS.get(entry.kind, entry.kind),
                found.names[line.account],
                entry.reference,
                line.amount_dong,
                stands,
                entry.note,
            ]
        )
    name = f"so-{found.name}-{found.of or 'tat-ca'}-{found.month}"
    return Response(
        sheets.as_csv(rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )


def _account(name: str, offset: int = 0, limit: int | None = None) -> queries.Account:
    asked = request.args
    return queries.account_of(name, asked.get("month", ""), asked.get("of", "")[:40], offset, limit)


@bp.post("/months")
def close_month() -> Response | tuple[str, int]:
    form = MonthForm()
    if form.validate_on_submit():
        with transaction():
            service.close_month(form.month.data or "", current_actor())
        notice(
            _("Đã khóa sổ tháng %(month)s. Điều chỉnh sau này ghi vào tháng đang mở.", month=form.month.data)
        )
        return redirect_to("payments_books.books")
    return _books_page(422)


@bp.post("/corrections")
def propose_correction() -> Response | tuple[str, int]:
    form = CorrectionForm()
    form.from_account.choices = form.to_account.choices = list(ACCOUNT_WORDS.items())
    if form.validate_on_submit():
        try:
            with transaction():
                service.propose_correction(
                    form.from_account.data,
                    form.to_account.data,
                    form.amount.data or 0,
                    form.reason.data or "",
                    current_actor(),
                )
            notice(_("Đã đề nghị. Người khác duyệt thì mới ghi sổ."))
            return redirect_to("payments_books.books")
        except Refusal as refusal:
            form.refuse(refusal)
    return _books_page(422, correction_form=form)


@bp.post("/corrections/<code:code>/approval")
def approve_correction(code: str) -> Response:
    with transaction():
        service.approve_correction(queries.correction(code), current_actor())
    notice(_("Đã ghi sổ điều chỉnh này."))
    return redirect_to("payments_books.books")


@bp.post("/corrections/<code:code>/refusal")
def decline_correction(code: str) -> Response:
    with transaction():
        service.decline_correction(queries.correction(code), current_actor())
    notice(_("Không ghi điều chỉnh này."))
    return redirect_to("payments_books.books")
