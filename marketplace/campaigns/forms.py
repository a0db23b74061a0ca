"""What may be typed about a voucher."""

import re
from decimal import Decimal

from marketplace.campaigns.models import VOUCHER_KIND_WORDS, VoucherKind
from marketplace.campaigns.service import Terms
from marketplace.foundation.form import ChoiceField, DayField, DongField, Form, LineField, WholeField
from marketplace.foundation.words import _


class VoucherForm(Form):
    """A new voucher, of a farm or of the market."""

    word = LineField(
        _("Mã khách gõ"),
        max=20,
        must=_("Hãy đặt một mã, ví dụ CHETET2027."),
        description=_("Chữ cái không dấu và chữ số, từ 4 ký tự."),
        render_kw={"autocapitalize": "characters", "autocomplete": "off"},
    )
    kind = ChoiceField(
        _("Giảm thế nào?"),
        choices=[(kind.value, words) for kind, words in VOUCHER_KIND_WORDS.items()],
        must=_("Hãy chọn cách giảm."),
        default=VoucherKind.PERCENT.value,
    )
    percent = LineField(
        _("Giảm mấy phần trăm? (giảm theo phần trăm)"), max=6, render_kw={"inputmode": "decimal"}
    )
    most_dong = DongField(_("Nhiều nhất cho một đơn (giảm theo phần trăm)"), least=1_000, most=10_000_000)
    amount_dong = DongField(_("Giảm bao nhiêu? (giảm một số tiền, giảm cước)"), least=1_000, most=10_000_000)
    least_dong = DongField(
        _("Đơn hàng từ"),
        least=0,
        most=1_000_000_000,
        description=_("Tính trên tiền hàng; để trống là mọi đơn."),
    )
    starts_on = DayField(_("Từ ngày"), must=_("Hãy chọn ngày bắt đầu."))
    ends_on = DayField(_("Đến hết ngày"), must=_("Hãy chọn ngày cuối."))
    most_uses = WholeField(
        _("Tất cả mấy lượt?"), least=1, most=1_000_000, must=_("Hãy ghi tổng số lượt dùng.")
    )
    most_per_person = WholeField(
        _("Mỗi người mấy lượt?"), least=1, most=100, must=_("Hãy ghi số lượt mỗi người.")
    )

    @property
    def terms(self) -> Terms:
        """What was typed; call after `validate`."""
        typed = (self.percent.data or "").replace(",", ".").replace("%", "").strip()
        share = int(Decimal(typed) * 100) if re.fullmatch(r"\d{1,3}(\.\d{1,2})?", typed) else 0
        assert self.starts_on.data is not None and self.ends_on.data is not None
        return Terms(
            word=self.word.data or "",
            kind=VoucherKind(self.kind.data),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            most_uses=self.most_uses.data or 0,
            most_per_person=self.most_per_person.data or 0,
            per_10_000=share,
            amount_dong=self.amount_dong.data or 0,
            most_dong=self.most_dong.data,
            least_dong=self.least_dong.data or 0,
        )
