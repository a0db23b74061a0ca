"""What may be typed about money."""

from wtforms import SelectMultipleField

from marketplace.foundation.form import Form, LineField
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
