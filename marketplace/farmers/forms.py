"""What may be typed about a farm: a form per step, the settings, the bank account, a reason."""

from typing import Any

from marketplace.farmers import queries
from marketplace.farmers.models import (
    KIND_WORDS,
    MOST_PHOTOS,
    PAY_BY_WORDS,
    RIGHT_WORDS,
    Farm,
    FarmKind,
    PayBy,
)
from marketplace.farmers.service import LONGEST_STORY, MOST_HANDLING_DAYS
from marketplace.foundation.address_form import PinField, PinnedAddress, VpostcodeField
from marketplace.foundation.form import (
    ChoiceField,
    DayField,
    Form,
    LineField,
    PaperField,
    PhoneField,
    PhotosField,
    PickField,
    ProseField,
    SecretField,
    SeveralField,
    WholeField,
)
from marketplace.foundation.words import _

DIGITS = {"inputmode": "numeric", "autocomplete": "off"}


class StartForm(Form):
    """A press of a button."""


class WhoForm(Form):
    """Who stands behind the farm."""

    kind = PickField(
        _("Ai bán hàng?"),
        choices=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        must=_("Hãy chọn ai bán hàng."),
    )
    full_name = LineField(
        _("Họ và tên người đứng tên"),
        description=_("Ghi như trên thẻ căn cước."),
        must=_("Hãy ghi họ tên như trên thẻ căn cước."),
        render_kw={"autocomplete": "name"},
    )
    born_on = DayField(_("Ngày sinh"), must=_("Hãy ghi ngày sinh."), render_kw={"autocomplete": "bday"})
    personal_id = LineField(
        _("Số định danh cá nhân"),
        max=20,
        description=_("12 chữ số trên thẻ căn cước. Được mã hoá, chỉ hiện bốn số cuối."),
        render_kw=DIGITS,
    )
    tax_code = LineField(
        _("Mã số thuế"),
        max=20,
        description=_("10 hoặc 13 chữ số, trên giấy đăng ký hợp tác xã hoặc doanh nghiệp."),
        render_kw=DIGITS,
    )
    id_photo = PaperField(
        _("Ảnh mặt trước thẻ căn cước"),
        description=_("Có ảnh thì duyệt nhanh hơn. Chỉ người thẩm định xem được, mỗi lần xem đều ghi lại."),
    )
    registration = PaperField(
        _("Giấy đăng ký hợp tác xã hoặc doanh nghiệp"),
        description=_("Ảnh chụp hoặc tệp PDF, đọc rõ mã số thuế."),
    )


class FarmForm(Form):
    """What the farm is called and says of itself."""

    name = LineField(
        _("Tên gian hàng"),
        description=_("Ví dụ: Chè Hảo Đạt, Vườn cam chú Sáu."),
        must=_("Hãy đặt tên cho gian hàng."),
        render_kw={"autocomplete": "organization"},
    )
    phone = PhoneField(
        _("Số điện thoại"),
        description=_("Bưu tá gọi số này khi tới lấy hàng."),
        must=_("Hãy ghi số điện thoại."),
    )
    story = ProseField(
        _("Giới thiệu"),
        max=LONGEST_STORY,
        description=_("Ai trồng, trồng ở đâu, làm thế nào. Nói như kể cho khách quen."),
    )
    photo = PhotosField(
        _("Hình nông trại"),
        most=MOST_PHOTOS,
        description=_("Vườn, xưởng, hay chính bạn; chọn được nhiều tấm. Chụp ngang là đẹp nhất."),
    )


class AddressForm(PinnedAddress):
    """Where parcels are picked up, and the pin on the map."""

    pin = PinField(
        _("Vị trí trên bản đồ"),
        description=_(
            "Mã vị trí (Plus Code), liên kết bản đồ hoặc tọa độ chép từ điện thoại. Để trống thì lấy giữa xã."
        ),
    )
    vpostcode = VpostcodeField(_("Mã địa chỉ bưu chính số 12 ký tự, nếu nhà bạn có."))


class PaymentForm(Form):
    """How the farm is paid."""

    method = PickField(
        _("Cách nhận tiền"),
        choices=[(one.value, words) for one, words in PAY_BY_WORDS.items()],
        must=_("Hãy chọn cách nhận tiền."),
    )
    bank = ChoiceField(_("Ngân hàng"), choices=[])
    number = LineField(
        _("Số tài khoản"),
        max=30,
        description=_("Chỉ gồm chữ số. Được mã hoá, chỉ hiện bốn số cuối."),
        render_kw=DIGITS,
    )
    holder = LineField(
        _("Chủ tài khoản"),
        description=_("Như ngân hàng in, ví dụ TRAN VAN HAO."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )

    holder_paper = PaperField(
        _("Giấy của chủ tài khoản, khi chủ tài khoản là người khác"),
        description=_("Giấy đăng ký kết hôn, giấy đồng ý có chữ ký, hoặc giấy của hợp tác xã."),
    )

    def process(self, *args: Any, **options: Any) -> None:
        super().process(*args, **options)
        self.bank.choices = [("", _("Chọn ngân hàng")), *((bank.bin, bank.label) for bank in queries.banks())]

    @property
    def chosen(self) -> dict[str, Any]:
        """What was typed, as the verbs take it."""
        return {
            "method": PayBy(self.method.data),
            "bank_bin": self.bank.data,
            "number": self.number.data,
            "holder": self.holder.data or "",
        }


class BankForm(PaymentForm):
    """A change of the account, with a proof that it is really the owner."""

    password = SecretField(_("Mật khẩu của bạn"), render_kw={"autocomplete": "current-password"})
    code = LineField(
        _("Hoặc mã trong tin nhắn"),
        max=12,
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )


class SettingsForm(Form):
    """What a farm at work may change of itself."""

    phone = PhoneField(
        _("Số điện thoại"),
        description=_("Bưu tá gọi số này khi tới lấy hàng."),
        must=_("Hãy ghi số điện thoại."),
    )
    handling_days = WholeField(
        _("Mấy ngày làm việc để chuẩn bị hàng?"),
        most=MOST_HANDLING_DAYS,
        description=_("0 là giao ngay trong ngày. Ngày giao báo cho khách tính theo số này."),
        must=_("Hãy ghi số ngày."),
    )
    story = ProseField(_("Giới thiệu"), max=LONGEST_STORY)
    photo = PhotosField(
        _("Thêm hình"), most=MOST_PHOTOS, description=_("Chọn được nhiều tấm; tấm đầu làm bìa.")
    )
    drop = SeveralField(_("Bỏ hình"), choices=[])


class HolidayForm(Form):
    """Until when a farm rests."""

    back_on = DayField(_("Bán lại từ ngày"), description=_("Để trống nếu chưa biết; bạn tự bấm bán lại."))


class MemberForm(Form):
    """Somebody for the farm's team."""

    phone = PhoneField(
        _("Số điện thoại của người ấy"),
        description=_("Người ấy đăng nhập bằng tài khoản của mình, không dùng mật khẩu của bạn."),
        must=_("Hãy ghi số điện thoại."),
    )
    rights = SeveralField(
        _("Được làm gì"), choices=[(right.value, words) for right, words in RIGHT_WORDS.items()]
    )


class RightsForm(Form):
    """What a member may do."""

    rights = SeveralField(
        _("Được làm gì"), choices=[(right.value, words) for right, words in RIGHT_WORDS.items()]
    )


class RevealForm(Form):
    """Why sealed numbers must be seen."""

    why = LineField(
        _("Vì sao cần xem số đầy đủ"),
        max=200,
        description=_("Tên bạn, giờ xem và lý do được ghi lại."),
        must=_("Hãy ghi vì sao cần xem, ví dụ: so với ảnh căn cước."),
    )


class ReasonForm(Form):
    """Why a farm is stopped."""

    reason = ProseField(
        _("Lý do"),
        max=2000,
        description=_("Người bán đọc được nguyên văn."),
        must=_("Hãy ghi lý do để người bán biết vì sao và cần làm gì."),
    )


def who_form(farm: Farm) -> WhoForm:
    """The form with what the farm said before."""
    who = farm.identity
    return WhoForm(
        data={
            "kind": farm.kind.value if farm.kind else None,
            "full_name": who.full_name if who else "",
            "born_on": who.born_on if who else None,
            "tax_code": who.tax_code if who else "",
        }
    )


def farm_form(farm: Farm) -> FarmForm:
    return FarmForm(data={"name": farm.name, "phone": farm.phone, "story": farm.story})


def address_form(farm: Farm) -> AddressForm:
    return AddressForm(
        data={
            "province": farm.province_code,
            "commune": farm.commune_code,
            "street": farm.street,
            "pin": queries.plus_code_of(farm) if farm.pin_is_own else "",
            "vpostcode": farm.vpostcode or "",
        }
    )


def payment_form(farm: Farm, form: type[PaymentForm] = PaymentForm) -> Any:
    account = farm.bank_account
    return form(
        data={
            "method": account.method.value if account else None,
            "bank": account.bank_bin if account else "",
            "holder": account.holder if account else "",
        }
    )


def settings_form(farm: Farm, **options: Any) -> SettingsForm:
    """The form with what the farm says of itself; `formdata=None` beside another form that was sent."""
    form = SettingsForm(
        **options, data={"phone": farm.phone, "handling_days": farm.handling_days, "story": farm.story}
    )
    form.drop.choices = [(photo.code, photo.code) for photo in farm.photos]
    return form


KINDS = {kind.value: kind for kind in FarmKind}
