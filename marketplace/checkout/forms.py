"""What may be typed at the till."""

from typing import Any

from wtforms import HiddenField

from marketplace.foundation import clock
from marketplace.foundation.address_form import AddressFields, WholeAddress
from marketplace.foundation.form import (
    ChoiceField,
    Form,
    LineField,
    OnceField,
    PhoneField,
    PickField,
    ProseField,
    QuantityField,
    WholeField,
    YesField,
)
from marketplace.foundation.words import _
from marketplace.orders.models import IF_SHORT_WORDS, IfShort
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint


class LineForm(Form):
    """Put a pack into the cart."""

    variant = HiddenField()
    quantity = QuantityField(_("Số lượng"))


class QuantityForm(Form):
    """How many of a pack there should be in the cart; 0 takes it out."""

    quantity = QuantityField(_("Số lượng"), least=0)


class PickupField(LineField):
    """The counter where the buyer comes for the goods, by its code; `.point` is it. None: they are brought. One that is
    closed and has no day on which it opens again is no choice."""

    @property
    def point(self) -> ServicePoint | None:
        point = places.point_at_work(self.data) if self.data else None
        return point if point is not None and places.opens_next(point, clock.now()) is not None else None


class DestinationForm(WholeAddress):
    """Where to: enough for quotes. Asked by GET, so it can be kept in the address bar; the rest is kept as typed."""

    class Meta(Form.Meta):
        csrf = False

    name = LineField(_("Người nhận"), max=120)
    phone = PhoneField(_("Số điện thoại người nhận"))
    street = LineField(_("Số nhà, đường, thôn, ấp"), max=200)
    note = ProseField(_("Lời nhắn"), max=500)
    voucher = LineField(_("Mã giảm giá"), max=40)
    pickup = PickupField("", max=12)


class CheckoutForm(AddressFields):
    """The whole order (CONTRACT: form fields of POST /checkout). `service-<farm code>` are read beside it."""

    name = LineField(
        _("Người nhận"), max=120, must=_("Hãy ghi tên người nhận."), render_kw={"autocomplete": "name"}
    )
    phone = PhoneField(_("Số điện thoại người nhận"), must=_("Hãy ghi số điện thoại để bưu tá gọi khi tới."))
    note = ProseField(_("Lời nhắn cho nhà vườn"), max=500, render_kw={"rows": 2})
    voucher = LineField(
        _("Mã giảm giá"), max=40, render_kw={"autocomplete": "off", "autocapitalize": "characters"}
    )
    if_short = ChoiceField(
        _("Nếu nhà vườn thiếu hàng"),
        choices=[(each.value, words) for each, words in IF_SHORT_WORDS.items()],
        default=IfShort.CALL.value,
    )
    of_age = YesField(_("Tôi đã đủ 18 tuổi (đơn có món chứa cồn)"))
    round = WholeField("", most=10**9, render_kw={"type": "hidden"})
    pickup = PickupField("", max=12)
    payment_method = PickField(_("Trả tiền"), must=_("Hãy chọn cách trả tiền."), choices=[])
    expected_total = WholeField(
        _("Tổng tiền"),
        most=10**13,
        must=_("Hãy xem lại tổng tiền rồi đặt lần nữa."),
        render_kw={"type": "hidden"},
    )
    once = OnceField()

    def __init__(self, *args: Any, **options: Any) -> None:
        methods = options.pop("methods", [])
        super().__init__(*args, **options)
        self.payment_method.choices = methods

    def validate(self, *args: Any, **options: Any) -> bool:
        """What is picked up goes to the counter, whatever address was sent along."""
        point = self.pickup.point
        if point is not None:
            self.province.data, self.commune.data = point.province_code, point.commune_code
            self.street.data = f"{point.name}, {point.street}"
            self.fill_communes()
        is_right = super().validate(*args, **options)
        if self.pickup.data and point is None:
            self.form_errors.append(_("Điểm này không còn nhận hàng. Hãy chọn điểm khác để tới lấy."))
            return False
        return is_right

    def ask_only_where_to(self) -> None:
        """The place is not right, so its page is shown again: what is asked on the next page is not spoken of yet."""
        for field in (self.note, self.payment_method, self.expected_total, self.once):
            field.errors = []


class CallerForm(Form):
    """Who telephones, or stands at the counter."""

    name = LineField(_("Tên khách"), max=120, must=_("Hãy hỏi tên khách."), render_kw={"autocomplete": "off"})
    phone = PhoneField(
        _("Số điện thoại của khách"),
        must=_("Hãy hỏi số điện thoại: mã đồng ý gửi về số này."),
        render_kw={"autocomplete": "off"},
    )


class CallDetailsForm(AddressFields):
    """Where a caller's order goes and how they pay; then the code they read out. `service-<farm code>` beside it."""

    note = ProseField(_("Lời nhắn cho nhà vườn"), max=500, render_kw={"rows": 2})
    payment_method = PickField(
        _("Khách trả tiền"),
        must=_("Hãy hỏi khách trả tiền thế nào."),
        choices=[
            ("cod", _("Trả bưu tá khi nhận hàng")),
            ("counter", _("Trả tiền mặt tại điểm bưu điện")),
        ],
        default="cod",
    )
    expected_total = WholeField("", most=10**13, render_kw={"type": "hidden"})
    once = LineField("", max=40)
    digits = LineField(
        _("Mã 6 số khách đọc"),
        max=12,
        render_kw={"inputmode": "numeric", "autocomplete": "off", "class": "digits"},
    )
    is_sent = False

    @property
    def is_whole(self) -> bool:
        """Is the place known, so that it can be told what it costs?"""
        return bool(self.province.data and self.commune.data and self.street.data)


class AppealForm(Form):
    """Somebody asks a person to look at the rule for paying at the door again."""

    name = LineField(_("Tên của bạn"), max=120, must=_("Hãy ghi tên của bạn."))
    phone = PhoneField(_("Số điện thoại"), must=_("Hãy ghi số điện thoại để chợ gọi lại."))
    words = ProseField(
        _("Bạn muốn chợ biết điều gì?"),
        max=1000,
        must=_("Hãy viết vài lời để người của chợ hiểu."),
        render_kw={"rows": 4},
    )
