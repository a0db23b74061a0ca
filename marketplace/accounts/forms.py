"""What may be typed about oneself."""

from typing import Any

from wtforms import HiddenField
from wtforms.validators import ValidationError

from marketplace.accounts import queries
from marketplace.foundation.address_form import PinField, PinnedAddress, VpostcodeField, WholeAddress
from marketplace.foundation.form import Form, LineField, PhoneField, PickField, SecretField, YesField, message
from marketplace.foundation.words import _
from marketplace.notifications.models import CHANNEL_WORDS, Channel

NAME_NEEDED = _("Hãy ghi họ tên.")
LOGIN_NEEDED = _("Hãy ghi số điện thoại hoặc e-mail.")
PASSWORD_NEEDED = _("Hãy ghi mật khẩu.")
AGREE_NEEDED = _("Hãy đọc và đồng ý để chợ được giữ thông tin của bạn.")
CODE_NEEDED = _("Hãy ghi mã gồm 6 chữ số.")


class LoginField(LineField):
    """A phone or an e-mail. `.login` is its one form: E.164, or small letters."""

    login: str = ""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(
            label, max=254, must=LOGIN_NEEDED,
            render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}, **options
        )  # fmt: skip

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped or self.errors:
            return
        login = queries.read_login(self.data)
        if login is None:
            raise ValidationError(
                message(_("Chưa đúng. Hãy ghi số điện thoại (ví dụ 0912 345 678) hoặc địa chỉ e-mail."))
            )
        self.login = login


class NewPasswordField(SecretField):
    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(
            label,
            must=PASSWORD_NEEDED,
            description=_("Ít nhất 8 ký tự. Một câu ngắn dễ nhớ là tốt nhất, ví dụ: trà xanh sau mưa."),
            render_kw={"autocomplete": "new-password"},
            **options,
        )


class CodeField(LineField):
    """The six digits of an SMS or an e-mail."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            _("Mã gồm 6 chữ số"),
            max=16,
            must=CODE_NEEDED,
            render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "digits"},
            **options,
        )


class SignInForm(Form):
    login = LoginField(_("Số điện thoại hoặc e-mail"))
    password = SecretField(
        _("Mật khẩu"), must=PASSWORD_NEEDED, render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class UnlockForm(Form):
    """The clerk is back at the counter."""

    password = SecretField(
        _("Mật khẩu"),
        must=PASSWORD_NEEDED,
        render_kw={"autocomplete": "current-password", "autofocus": True},
    )
    next = HiddenField()


class AskCodeForm(Form):
    login = LoginField(_("Số điện thoại hoặc e-mail"))
    next = HiddenField()


class CodeForm(Form):
    code = CodeField()
    next = HiddenField()


class ResetForm(Form):
    code = CodeField()
    password = NewPasswordField(_("Mật khẩu mới"))


class RegisterForm(Form):
    name = LineField(
        _("Họ tên"), max=120, must=NAME_NEEDED, render_kw={"autocomplete": "name", "autocapitalize": "words"}
    )
    phone = PhoneField(
        _("Số điện thoại"),
        must=_("Hãy ghi số điện thoại."),
        description=_("Chợ nhắn mã và tin đơn hàng vào số này."),
    )
    password = NewPasswordField(_("Mật khẩu"))
    agree = YesField(
        _("Tôi đồng ý để chợ giữ và dùng thông tin này để mua bán, giao hàng."), must=AGREE_NEEDED
    )
    next = HiddenField()


class InvitationForm(Form):
    password = NewPasswordField(_("Mật khẩu"))
    agree = YesField(
        _("Tôi đồng ý để chợ giữ và dùng thông tin của tôi cho công việc này."), must=AGREE_NEEDED
    )


class NameForm(Form):
    name = LineField(_("Họ tên"), max=120, must=NAME_NEEDED, render_kw={"autocomplete": "name"})


class ChannelForm(Form):
    channel = PickField(
        _("Chợ nhắn cho tôi qua"),
        choices=[(one.value, CHANNEL_WORDS[one]) for one in (Channel.SMS, Channel.ZALO)],
        must=_("Hãy chọn một cách nhắn."),
    )


class PhoneForm(Form):
    phone = PhoneField(_("Số điện thoại"), must=_("Hãy ghi số điện thoại."))


class EmailForm(Form):
    email = LineField(
        _("E-mail"),
        max=254,
        must=_("Hãy ghi địa chỉ e-mail."),
        render_kw={"type": "email", "autocomplete": "email", "autocapitalize": "none"},
    )


class PasswordForm(Form):
    old = SecretField(_("Mật khẩu đang dùng"), render_kw={"autocomplete": "current-password"})
    password = NewPasswordField(_("Mật khẩu mới"))


class SavedAddressForm(WholeAddress, PinnedAddress):
    """Where things are sent."""

    name = LineField(
        _("Người nhận"), max=120, must=_("Hãy ghi tên người nhận."), render_kw={"autocomplete": "name"}
    )
    phone = PhoneField(_("Số điện thoại người nhận"), must=_("Hãy ghi số điện thoại để bưu tá gọi."))
    pin = PinField(
        _("Vị trí trên bản đồ"),
        description=_("Mã vị trí (Plus Code), liên kết bản đồ hoặc tọa độ, để bưu tá tìm đúng nhà."),
    )
    vpostcode = VpostcodeField(_("Mã địa chỉ bưu chính số 12 ký tự, nếu nhà bạn có."))
    is_default = YesField(_("Dùng làm địa chỉ thường dùng"))


class EraseForm(Form):
    password = SecretField(_("Mật khẩu"), render_kw={"autocomplete": "current-password"})
    sure = YesField(
        _("Tôi hiểu: tài khoản không lấy lại được."), must=_("Hãy đánh dấu để chắc chắn bạn muốn xóa.")
    )


# -- at the counter --


class FindPersonForm(Form):
    login = LoginField(_("Số điện thoại hoặc e-mail của khách"))


class PaperSeenForm(Form):
    checked = YesField(
        _("Tôi đã xem giấy tờ tùy thân và đúng là người này."),
        must=_("Hãy xem giấy tờ tùy thân của khách trước, rồi đánh dấu ở đây."),
    )
