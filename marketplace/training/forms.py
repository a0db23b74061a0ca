"""What may be typed about classes and learners."""

from datetime import datetime, time

from wtforms import FileField, HiddenField

from marketplace.catalog.listing import Listing
from marketplace.catalog.service import PackDetails
from marketplace.foundation import clock
from marketplace.foundation.form import (
    AddressFields,
    ChoiceField,
    DayField,
    DongField,
    Form,
    GramsField,
    LineField,
    OnceField,
    PhoneField,
    PhotosField,
    ProseField,
    QuantityField,
    YesField,
)
from marketplace.foundation.words import _
from marketplace.training.models import MOST_SEATS
from marketplace.training.service import ClassFacts

HOURS = [
    (f"{hour:02d}:{minute:02d}", f"{hour:02d}:{minute:02d}") for hour in range(6, 22) for minute in (0, 30)
]


class ClassForm(AddressFields, Form):
    """A class: what, where, when, how many. The street of the address is the place people come to."""

    title = LineField(
        _("Tên lớp"), must=_("Hãy ghi tên lớp."), description=_("Ví dụ: Bán chè trên chợ quê, lớp 1.")
    )
    street = LineField(
        _("Nơi học"),
        max=200,
        must=_("Hãy ghi nơi học."),
        description=_("Ví dụ: Nhà văn hóa xóm Hồng Thái 2."),
    )
    day = DayField(_("Ngày học"), must=_("Hãy chọn ngày học."))
    begins = ChoiceField(_("Bắt đầu"), choices=HOURS, default="08:00", must=_("Hãy chọn giờ bắt đầu."))
    ends = ChoiceField(_("Tan lớp"), choices=HOURS, default="11:00", must=_("Hãy chọn giờ tan lớp."))
    seats = QuantityField(_("Số chỗ"), most=MOST_SEATS, default=30)
    note = ProseField(
        _("Dặn học viên"), max=600, description=_("Ví dụ: mang theo điện thoại và một món hàng để chụp ảnh.")
    )

    def facts(self) -> ClassFacts:
        """What was typed, by Vietnamese clocks."""
        return ClassFacts(
            title=self.title.data or "",
            commune_code=self.commune.data or "",
            place=self.street.data or "",
            begins_at=self._at(self.begins.data),
            ends_at=self._at(self.ends.data),
            seats=self.seats.data or 0,
            note=self.note.data or "",
        )

    def _at(self, hour: str) -> datetime:
        day = self.day.data
        assert day is not None, "the form was judged first"
        return clock.at(day, time.fromisoformat(hour))


class JoinForm(Form):
    """A newcomer at the door of a class."""

    code = HiddenField()
    name = LineField(_("Họ tên"), must=_("Hãy ghi họ tên."), render_kw={"autocomplete": "name"})
    phone = PhoneField(_("Số điện thoại"), must=_("Hãy ghi số điện thoại."))
    agree = YesField(
        _(
            "Tôi đồng ý để chợ giữ tên và số điện thoại của tôi, và để cán bộ của lớp thấy tôi đang ở bước nào."
        ),
        must=_("Hãy đọc và đồng ý để chợ được giữ thông tin của bạn."),
    )


class LearnerForm(Form):
    """A name from a paper list."""

    name = LineField(_("Họ tên"), id="learner-name", must=_("Hãy ghi họ tên."))
    phone = PhoneField(_("Số điện thoại"), id="learner-phone", must=_("Hãy ghi số điện thoại."))


class ColleagueForm(Form):
    """Another trainer, by telephone number."""

    phone = PhoneField(_("Số điện thoại của cán bộ"), id="colleague-phone", must=_("Hãy ghi số điện thoại."))


class CodeForm(Form):
    """Six digits a farmer reads out."""

    code = LineField(
        _("Mã 6 số họ vừa nhận"), max=12, must=_("Hãy ghi mã gồm 6 chữ số."),
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )  # fmt: skip


class FarmerForm(Form):
    """Whose farm a clerk helps at the counter."""

    phone = PhoneField(
        _("Số điện thoại của nhà vườn"),
        must=_("Hãy ghi số điện thoại của nhà vườn."),
        render_kw={"autocomplete": "off"},
    )


class HelpedListingForm(Form):
    """A product drawn up for somebody else: the least that can be sold. The farmer adds the rest later."""

    once = OnceField()
    photos = PhotosField(_("Hình chụp món hàng"), most=4, must=_("Hãy chụp hoặc chọn ít nhất một tấm hình."))
    name = LineField(_("Tên món"), must=_("Hãy ghi tên món."), description=_("Như bà con vẫn gọi khi bán."))
    grams = GramsField(_("Một gói nặng"), must=_("Hãy ghi gói này nặng bao nhiêu gam."))
    price_dong = DongField(_("Giá một gói"), must=_("Hãy ghi giá bán."))
    quantity = QuantityField(_("Có sẵn mấy gói"), most=100_000)
    harvested_on = DayField(_("Thu hoạch hoặc làm ra ngày"))
    is_own_unprocessed = YesField(_("Nhà tự trồng, nuôi hoặc đánh bắt, chưa chế biến"))

    def listing(self) -> Listing:
        """What was typed."""
        pack = PackDetails(price_dong=self.price_dong.data or 0, grams=self.grams.data)
        return Listing(
            name=self.name.data or "", pack=pack, quantity=self.quantity.data or 0,
            harvested_on=self.harvested_on.data, is_own_unprocessed=self.is_own_unprocessed.data,
        )  # fmt: skip


class SheetForm(Form):
    """A list typed into a spreadsheet."""

    sheet = FileField(
        _("Tệp Excel hoặc CSV"),
        description=_("Dòng đầu là tên cột. Chợ tìm cột họ tên và cột điện thoại."),
        render_kw={"accept": ".xlsx,.csv"},
    )


class CancelForm(Form):
    reason = LineField(_("Lý do hủy lớp"), max=200, must=_("Hãy ghi lý do để học viên biết."))
