"""What may be typed about money."""

import re
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, SelectMultipleField
from wtforms.validators import ValidationError

from marketplace.farmers import queries as farmers
from marketplace.foundation.form import (
    ChoiceField,
    DongField,
    Form,
    LineField,
    OnceField,
    ProseField,
    message,
)
from marketplace.foundation.words import _


class ReferenceForm(Form):
    """A deed at the bank and the number the bank gave it."""

    reference = LineField(
        _("Mã giao dịch của ngân hàng"), max=80, must=_("Hãy ghi mã giao dịch của ngân hàng.")
    )


class RemittanceForm(ReferenceForm):
    """Collected cash that a point paid in: which payments, under which reference."""

    payments = SelectMultipleField(_("Các khoản đã nộp"), choices=[], validate_choice=False)


class ReasonForm(Form):
    """Why a farm's money waits; the farm reads it."""

    reason = LineField(_("Lý do"), max=300, must=_("Hãy ghi lý do: nhà vườn sẽ đọc được."))


class DrawerForm(Form):
    """Which clerk a drawer goes to, and why."""

    clerk = ChoiceField(_("Giao cho"), choices=[], must=_("Hãy chọn người nhận ngăn quỹ."))
    reason = LineField(_("Vì sao"), max=300, must=_("Hãy ghi vì sao phải chuyển ngăn quỹ cho người khác."))


class DebtForm(Form):
    """Which waiting transfer a farm paid its debt with."""

    transfer = ChoiceField(
        _("Khoản chuyển đang chờ"), choices=[], must=_("Hãy chọn khoản nhà vườn đã chuyển.")
    )


class DebtReasonForm(Form):
    """Why a farm will not pay what it owes."""

    reason = LineField(
        _("Vì sao không thu được"), max=300, must=_("Hãy ghi vì sao nhà vườn không trả được nữa.")
    )


class SurplusForm(Form):
    """Why what a carrier paid too much goes back to it."""

    reason = LineField(
        _("Vì sao trả lại"),
        max=300,
        must=_("Hãy ghi vì sao trả lại bưu điện, ví dụ bưu điện trả lời nộp nhầm."),
    )


class ApprovalForm(Form):
    """Money may go back; where to, as the buyer told it (empty: the bank knows the sender)."""

    account = LineField(_("Ngân hàng và số tài khoản của khách (nếu đã hỏi)"), max=80)


class RefundAccountForm(Form):
    """Where a buyer wants money back; `key` is a guest's secret of the order."""

    bank = ChoiceField(_("Ngân hàng"), choices=[], must=_("Hãy chọn ngân hàng."))
    number = LineField(
        _("Số tài khoản"),
        max=30,
        must=_("Hãy ghi số tài khoản."),
        description=_("Chỉ gồm chữ số. Được mã hoá, chỉ hiện bốn số cuối."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    holder = LineField(
        _("Chủ tài khoản"),
        max=120,
        must=_("Hãy ghi tên chủ tài khoản, như ngân hàng in."),
        description=_("Như ngân hàng in, ví dụ TRAN VAN HAO."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )
    key = HiddenField()

    def process(self, *args: Any, **options: Any) -> None:
        super().process(*args, **options)
        self.bank.choices = [("", _("Chọn ngân hàng")), *((bank.bin, bank.label) for bank in farmers.banks())]


class GoodwillForm(Form):
    """The market gives a buyer more back, of its own accord."""

    part = LineField(
        _("Mã đơn của nhà vườn"),
        max=20,
        must=_("Hãy ghi mã đơn của nhà vườn, ví dụ DH7K2M9QXA."),
        render_kw={"autocapitalize": "characters", "autocomplete": "off"},
    )
    amount = DongField(_("Số tiền hoàn thêm"), must=_("Hãy ghi số tiền."))
    why = LineField(
        _("Vì sao"), max=200, must=_("Hãy ghi vì sao chợ hoàn thêm: người duyệt và sổ sách đọc được.")
    )
    once = OnceField()


class FeesForm(ReferenceForm):
    """Fees of dossiers a point paid in: which, under which reference."""

    fees = SelectMultipleField(_("Các lệ phí đã nộp"), choices=[], validate_choice=False)


class AttachForm(Form):
    """Which payment a transfer is for."""

    code = LineField(
        _("Mã chuyển khoản của đơn"), max=40, must=_("Hãy ghi mã chuyển khoản, ví dụ CQ7K2M9PX4AB.")
    )


class SentStatementForm(Form):
    """The bank's own statement of what went out, a line each: text, then the amount, with tabs or semicolons between;
    minus (or a sum in a "debit" column) is out."""

    lines = ProseField(
        _("Dán các dòng sao kê: nội dung; số tiền (ra là số âm)"),
        max=100_000,
        must=_("Hãy dán ít nhất một dòng sao kê."),
    )

    def validate_lines(self, field: Any) -> None:
        if not self.rows:
            raise ValidationError(message(_("Không đọc được dòng nào. Mỗi dòng: nội dung; số tiền.")))

    @property
    def rows(self) -> list[tuple[str, int]]:
        found = []
        for line in (self.lines.data or "").splitlines():
            words, _separator, amount = line.replace("\t", ";").rpartition(";")
            whole = re.sub(r"[.,\s\u00a0₫]", "", amount)
            if words and re.fullmatch(r"[+-]?[0-9]{1,15}", whole):
                found.append((words, int(whole)))
        return found


class SheetForm(Form):
    """A bank's statement or a carrier's list, as CSV or XLSX."""

    file = FileField(
        _("Tệp CSV hoặc Excel (.xlsx)"),
        validators=[FileRequired(message=_("Hãy chọn một tệp."))],
        render_kw={"accept": ".csv,.xlsx,.txt"},
    )


class SettleListForm(Form):
    """The money of a carrier's list: a transfer we know of, or the sum and the number a person read at the bank."""

    transfer = ChoiceField(_("Khoản ngân hàng đã báo"))
    received = DongField(_("Số tiền đã nhận"))
    reference = LineField(_("Mã giao dịch của ngân hàng"), max=80)


class NoteForm(Form):
    """What a person did about something the card company told."""

    note = LineField(_("Đã làm gì"), max=300, must=_("Hãy ghi đã làm gì với việc này."))


class MonthForm(Form):
    """A month of the books."""

    month = LineField(_("Tháng"), max=7, must=_("Hãy chọn tháng."))


class CorrectionForm(Form):
    """An entry of a person's own between two accounts of the market."""

    from_account = ChoiceField(_("Lấy từ"), must=_("Hãy chọn tài khoản."))
    to_account = ChoiceField(_("Chuyển vào"), must=_("Hãy chọn tài khoản."))
    amount = DongField(_("Số tiền"), least=1, must=_("Hãy ghi số tiền."))
    reason = LineField(_("Lý do và chứng từ"), max=300, must=_("Hãy ghi lý do và chứng từ."))
