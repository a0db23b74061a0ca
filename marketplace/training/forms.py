"""What may be typed about classes and learners."""

from datetime import datetime, time

from wtforms import FileField, HiddenField

from marketplace.catalog.listing import Listing
from marketplace.catalog.service import PackDetails
from marketplace.farmers.models import KIND_WORDS, Farm, FarmKind
from marketplace.foundation import clock
from marketplace.foundation.address_form import AddressFields, PinField, PinnedAddress
from marketplace.foundation.form import (
    ChoiceField,
    DayField,
    DongField,
    Form,
    GramsField,
    LineField,
    OnceField,
    PaperField,
    PhoneField,
    PhotosField,
    PickField,
    ProseField,
    QuantityField,
    YesField,
)
from marketplace.foundation.words import _
from marketplace.training.assisted import ShopFacts
from marketplace.training.models import MOST_SEATS, Learner
from marketplace.training.service import ClassFacts

HOURS = [
    (f"{hour:02d}:{minute:02d}", f"{hour:02d}:{minute:02d}") for hour in range(6, 22) for minute in (0, 30)
]


class ClassForm(PinnedAddress):
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
    pin = PinField(
        _("Vị trí trên bản đồ"),
        description=_("Mã vị trí (Plus Code), liên kết bản đồ hoặc tọa độ, để học viên tìm đúng nơi học."),
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
            lat=self.position.lat if self.position else None,
            lon=self.position.lon if self.position else None,
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
    """Six digits of an SMS a farmer reads out, or eight of their paper slip."""

    code = LineField(
        _("Mã 6 số trong tin nhắn"), max=12, must=_("Hãy ghi mã họ đọc."),
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


KINDS = {kind.value: kind for kind in FarmKind}


class HelpedShopForm(AddressFields):
    """The application for somebody else's shop. How it is paid is not asked here: that the farmer says themselves."""

    kind = PickField(
        _("Ai bán hàng?"),
        choices=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        must=_("Hãy chọn ai bán hàng."),
    )
    full_name = LineField(
        _("Họ và tên người đứng tên"),
        description=_("Ghi như trên thẻ căn cước."),
        must=_("Hãy ghi họ tên như trên thẻ căn cước."),
    )
    born_on = DayField(_("Ngày sinh"), must=_("Hãy ghi ngày sinh."))
    personal_id = LineField(
        _("Số định danh cá nhân"), max=20,
        description=_("12 chữ số trên thẻ căn cước. Được mã hoá, chỉ hiện bốn số cuối."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )  # fmt: skip
    tax_code = LineField(
        _("Mã số thuế"), max=20, description=_("Chỉ hợp tác xã và công ty: 10 hoặc 13 chữ số."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )  # fmt: skip
    id_photo = PaperField(
        _("Ảnh mặt trước thẻ căn cước"),
        description=_("Có ảnh thì duyệt nhanh hơn. Chỉ người thẩm định xem được, mỗi lần xem đều ghi lại."),
    )
    name = LineField(_("Tên gian hàng"), must=_("Hãy đặt tên cho gian hàng."))
    phone = PhoneField(_("Số điện thoại của gian hàng"), must=_("Hãy ghi số điện thoại."))

    def facts(self) -> ShopFacts:
        """What was typed."""
        assert self.born_on.data is not None, "the form was judged first"
        return ShopFacts(
            kind=KINDS[self.kind.data], full_name=self.full_name.data or "", born_on=self.born_on.data,
            personal_id=self.personal_id.data, tax_code=self.tax_code.data, id_photo=self.id_photo.data,
            name=self.name.data or "", phone=self.phone.data or "", province_code=self.province.data or "",
            commune_code=self.commune.data or "", street=self.street.data or "",
        )  # fmt: skip


def helped_shop_form(learner: Learner, farm: Farm | None) -> HelpedShopForm:
    """The form with what is known already; of numbers nothing is shown again."""
    held = learner.training_class
    who = farm.identity if farm is not None else None
    return HelpedShopForm(
        kind=farm.kind.value if farm is not None and farm.kind else FarmKind.HOUSEHOLD.value,
        full_name=who.full_name if who is not None else learner.name,
        born_on=who.born_on if who is not None else None,
        name=farm.name if farm is not None else "",
        phone=(farm.phone if farm is not None else None) or learner.phone,
        province=(farm.province_code if farm is not None else None) or held.province_code,
        commune=(farm.commune_code if farm is not None else None) or held.commune_code,
        street=farm.street if farm is not None else "",
    )


class ConsentPaperForm(Form):
    """A consent signed on paper."""

    signed = PaperField(
        _("Ảnh giấy đồng ý đã ký"), must=_("Hãy chụp tờ giấy đã ký."),
        description=_("Thấy rõ chữ ký, họ tên và ngày. Được mã hoá như giấy tờ hồ sơ."),
    )  # fmt: skip


class SheetForm(Form):
    """A list typed into a spreadsheet."""

    sheet = FileField(
        _("Tệp Excel hoặc CSV"),
        description=_("Dòng đầu là tên cột. Chợ tìm cột họ tên và cột điện thoại."),
        render_kw={"accept": ".xlsx,.csv", "required": True},
    )


class CancelForm(Form):
    reason = LineField(_("Lý do hủy lớp"), max=200, must=_("Hãy ghi lý do để học viên biết."))
