"""What may be typed at a desk."""

from wtforms import HiddenField

from marketplace.foundation.form import Form, LineField, ProseField
from marketplace.foundation.words import _


class RefusalForm(Form):
    """A farm says why it cannot deliver; the buyer reads it."""

    reason = ProseField(
        _("Vì sao không nhận được?"),
        max=500,
        must=_("Hãy ghi lý do để người mua hiểu vì sao không nhận được đơn."),
        description=_("Người mua sẽ đọc được. Ví dụ: vụ này hết hàng, mẻ mới tuần sau mới có."),
        render_kw={"rows": 2},
    )


class CancellationForm(Form):
    """A buyer calls off the order, or one farm's part of it (`part` is its code)."""

    reason = LineField(_("Lý do, nếu bạn muốn nói"), max=300)
    part = HiddenField()
    key = HiddenField()
