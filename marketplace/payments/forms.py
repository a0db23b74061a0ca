"""What may be typed about money."""

import re
from typing import Any

from wtforms import SelectMultipleField
from wtforms.validators import ValidationError

from marketplace.foundation.form import Form, LineField, ProseField
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


class ApprovalForm(Form):
    """Money may go back; where to, as the buyer told it (empty: the bank knows the sender)."""

    account = LineField(_("Ngân hàng và số tài khoản của khách (nếu đã hỏi)"), max=80)


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
            raise ValidationError(_("Không đọc được dòng nào. Mỗi dòng: nội dung; số tiền."))  # type: ignore[arg-type]

    @property
    def rows(self) -> list[tuple[str, int]]:
        found = []
        for line in (self.lines.data or "").splitlines():
            words, _separator, amount = line.replace("\t", ";").rpartition(";")
            whole = re.sub(r"[.,\s\u00a0₫]", "", amount)
            if words and re.fullmatch(r"[+-]?[0-9]{1,15}", whole):
                found.append((words, int(whole)))
        return found
