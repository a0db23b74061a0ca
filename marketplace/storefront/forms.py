"""What a visitor may leave in the shop window."""

from typing import Any

from wtforms.validators import ValidationError

from marketplace.accounts import queries as accounts
from marketplace.foundation.form import Form, LineField, YesField, message
from marketplace.foundation.words import _


class WishForm(Form):
    """Where to tell a visitor without an account that what they looked for is there."""

    contact = LineField(
        _("Số điện thoại hoặc e-mail"),
        max=254,
        must=_("Hãy ghi số điện thoại hoặc e-mail."),
        description=_("Chợ chỉ nhắn một lần, khi có món này. Trong tin có đường dẫn để thôi nhận."),
        render_kw={"autocomplete": "tel", "autocapitalize": "none", "spellcheck": "false"},
    )
    agree = YesField(
        _("Tôi đồng ý để chợ giữ số hoặc e-mail này tới khi nhắn xong, lâu nhất 6 tháng."),
        must=_("Hãy đánh dấu đồng ý, chợ mới được giữ số của bạn."),
    )

    login = ""

    def validate_contact(self, field: Any) -> None:
        """A phone or an e-mail; `login` is its one form."""
        found = accounts.read_login(field.data or "")
        if found is None:
            raise ValidationError(
                message(_("Chưa đúng. Hãy ghi số điện thoại (ví dụ 0912 345 678) hoặc địa chỉ e-mail."))
            )
        self.login = found
