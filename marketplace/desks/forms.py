"""What may be typed at a desk."""

from typing import Any

from wtforms import HiddenField

from marketplace.foundation.form import ChoiceField, Form, GramsField, LineField, PickField, ProseField
from marketplace.foundation.words import _
from marketplace.shipping.models import SCAN_WORDS, ScanKind


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


# -- at the counter of the post ------------------------------------------------------------------------------------


FOR_A_PILE = (
    ScanKind.DROPPED_OFF,
    ScanKind.PICKED_UP,
    ScanKind.IN_TRANSIT,
    ScanKind.AT_POINT,
    ScanKind.OUT_FOR_DELIVERY,
    ScanKind.DELIVERED,
    ScanKind.RETURNED,
)
"""What the page offers to mean by every scan of a pile; what goes wrong is said of one parcel at a time."""


class ScanForm(Form):
    """The box a scanner types into (CONTRACT: `POST /post/scans`). Without an event the counter asks what is to be
    done; `shown` is the parcel it asked about last, so scanning it again means yes."""

    tracking = LineField(_("Mã bưu gửi"), max=200, must=_("Hãy quét hoặc gõ mã bưu gửi."))
    event = ChoiceField(
        _("Mỗi lần quét là"),
        choices=[("", _("Hỏi từng bước")), *((kind.value, words) for kind, words in SCAN_WORDS.items())],
    )
    weight_grams = GramsField(_("Cân được (gam)"), render_kw={"maxlength": 6})
    shown = HiddenField()
    deed = ChoiceField("", choices=[("", ""), *((kind.value, words) for kind, words in SCAN_WORDS.items())])

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A button beside the parcel shown speaks of that parcel, and takes along what the scales say."""
        if self.shown.data and self.deed.data:
            self.tracking.data = self.shown.data
            self.tracking.raw_data = [self.shown.data]
            self.event.data = self.deed.data
        return super().validate(*args, **kwargs)

    def offer_piles(self) -> None:
        """Show only what may be meant by a whole pile."""
        wanted = {"", *FOR_A_PILE}
        self.event.choices = [choice for choice in self.event.choices or () if choice[0] in wanted]


class WeightForm(Form):
    """What the scales say."""

    weight_grams = GramsField(
        _("Cân được (gam)"), must=_("Hãy ghi số gam trên cân."), render_kw={"maxlength": 6}
    )


class HandOutForm(Form):
    """The recipient says who they are."""

    proof = LineField(
        _("Người nhận nói 4 số cuối điện thoại, hoặc mã đơn"),
        max=40,
        must=_("Hãy hỏi người nhận 4 số cuối điện thoại hoặc mã đơn."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "autofocus": True},
    )


FAILED_BECAUSE = (
    _("Không ai ở nhà"),
    _("Gọi điện không được"),
    _("Sai địa chỉ hoặc số điện thoại"),
    _("Người nhận hẹn hôm khác"),
)


class FailureForm(Form):
    """Why it could not be handed out; the buyer reads it."""

    reason = PickField(
        _("Vì sao chưa phát được?"),
        must=_("Hãy chọn lý do để người mua hiểu."),
        choices=[(str(number), words) for number, words in enumerate(FAILED_BECAUSE)],
    )
    note = LineField(_("Ghi thêm"), max=200)


class FindOrderForm(Form):
    """A farmer brings goods: their order's code or the farm's telephone."""

    class Meta(Form.Meta):
        csrf = False

    q = LineField(
        _("Mã đơn, hoặc số điện thoại nhà vườn"),
        max=40,
        must=_("Hãy ghi mã đơn (bắt đầu bằng DH) hoặc số điện thoại nhà vườn."),
        render_kw={"autocomplete": "off"},
    )
