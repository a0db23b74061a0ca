"""What may be typed about a claim or a complaint."""

from wtforms import HiddenField

from marketplace.claims.models import (
    ABOUT_WORDS,
    REASON_WORDS,
    VERDICTS,
    ClaimReason,
    ComplaintAbout,
    DecisionCode,
)
from marketplace.foundation.form import (
    ChoiceField,
    DongField,
    Form,
    LineField,
    PhoneField,
    PhotosField,
    PickField,
    ProseField,
    YesField,
)
from marketplace.foundation.words import _


class ClaimForm(Form):
    """What was wrong, shown and told, and how much back."""

    reason = PickField(
        _("Chuyện gì với hàng?"),
        choices=[(one.value, REASON_WORDS[one]) for one in ClaimReason],
        must=_("Hãy chọn chuyện gì đã xảy ra."),
    )
    words = ProseField(_("Kể rõ hơn"), must=_("Hãy kể chuyện gì đã xảy ra."), render_kw={"rows": 4})
    photos = PhotosField(_("Hình chụp lúc mở gói"), most=6)
    asked = DongField(_("Xin hoàn lại bao nhiêu?"), least=1, must=_("Hãy ghi số tiền muốn được hoàn."))
    wants_return = YesField(_("Tôi muốn gửi trả hàng"))
    part = HiddenField()
    key = HiddenField()

    def offer(self, reasons: list[ClaimReason]) -> None:
        """Only the reasons there is still time for."""
        self.reason.choices = [(one.value, REASON_WORDS[one]) for one in reasons]


class WordsForm(Form):
    """Words somebody else reads."""

    words = ProseField(_("Viết vài câu"), must=_("Hãy viết vài câu."), render_kw={"rows": 3})
    key = HiddenField()


class KeyForm(Form):
    key = HiddenField()


class PhotosForm(Form):
    """More pictures."""

    photos = PhotosField(_("Hình"), most=6, must=_("Hãy chọn ít nhất một tấm hình."))
    key = HiddenField()


class AnswerForm(Form):
    """The farm's word."""

    agrees = PickField(
        _("Bạn thấy sao?"),
        choices=[("yes", _("Đúng vậy, tôi đồng ý hoàn tiền")), ("no", _("Không đúng, tôi giải thích"))],
        must=_("Hãy chọn đồng ý hay không."),
    )
    words = ProseField(_("Giải thích cho khách và chợ"), render_kw={"rows": 3})
    photos = PhotosField(_("Hình kèm theo"), most=6)


class BackForm(Form):
    """How the goods came back."""

    state = PickField(
        _("Hàng trả về ra sao?"),
        choices=[("good", _("Còn tốt, bán lại được")), ("spoiled", _("Đã hỏng"))],
        must=_("Hãy chọn hàng còn tốt hay đã hỏng."),
    )


class DecisionForm(Form):
    """The market's decision: the code says who pays."""

    code = ChoiceField(
        _("Quyết định"),
        choices=[
            ("", _("Chọn")),
            *(
                (one.value, VERDICTS[one].words)
                for one in DecisionCode
                if one is not DecisionCode.FARM_AGREES
            ),
        ],
        must=_("Hãy chọn mã quyết định."),
    )
    refund = DongField(_("Hoàn cho khách"), least=0)
    is_return = YesField(_("Khách gửi trả hàng trước, hàng về thì hoàn tiền"))
    words = ProseField(
        _("Vì sao"), must=_("Hãy ghi vì sao quyết định như vậy; hai bên đều đọc."), render_kw={"rows": 3}
    )


class ComplaintForm(Form):
    """Anybody's complaint."""

    about = PickField(
        _("Phản ánh về"),
        choices=[(one.value, ABOUT_WORDS[one]) for one in ComplaintAbout],
        must=_("Hãy chọn phản ánh về điều gì."),
    )
    subject = LineField(_("Tên gian hàng, món hàng hoặc mã đơn"), max=200)
    words = ProseField(
        _("Chuyện gì đã xảy ra?"), must=_("Hãy kể chuyện gì đã xảy ra."), render_kw={"rows": 5}
    )
    name = LineField(_("Tên của bạn"), must=_("Hãy ghi tên để chợ biết gọi bạn là gì."))
    phone = PhoneField(_("Số điện thoại"), must=_("Hãy ghi số điện thoại để chợ trả lời và để bạn tra cứu."))


class LookUpForm(Form):
    """A complaint's code and the end of the telephone number."""

    class Meta(Form.Meta):
        csrf = False

    code = LineField(_("Mã phản ánh"), max=20, must=_("Hãy ghi mã phản ánh (bắt đầu bằng PA)."))
    phone_end = LineField(
        _("4 số cuối điện thoại"),
        max=4,
        must=_("Hãy ghi 4 số cuối điện thoại đã để lại."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
