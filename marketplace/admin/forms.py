"""What may be typed on the desk: one form per page."""

import json
import re
from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length, ValidationError

from marketplace.accounts.models import ROLE_WORDS, Role
from marketplace.farmers.models import KIND_WORDS
from marketplace.foundation.address_form import AddressFields, VpostcodeField
from marketplace.foundation.db import clean_text
from marketplace.foundation.form import (
    ChoiceField,
    DayField,
    DongField,
    Form,
    LineField,
    PhoneField,
    PickField,
    ProseField,
    QuantityField,
    WholeField,
    YesField,
    message,
)
from marketplace.foundation.words import _
from marketplace.orders.models import TAX_CLASS_WORDS
from marketplace.shipping.models import BEARERS, CAUSE_WORDS, REST_BY, WITHIN_WORDS

ROLES_TO_GIVE = [role for role in Role if role not in (Role.BUYER, Role.FARMER)]
"""Everybody buys; one becomes a farmer with a farm."""
ROLE_CHOICES = [(role.value, ROLE_WORDS[role]) for role in ROLES_TO_GIVE]


# -- people -------------------------------------------------------------------------------------------------------


class RoleForm(Form):
    role = ChoiceField(
        _("Công việc"), must=_("Hãy chọn công việc."), choices=[("", _("Chọn công việc")), *ROLE_CHOICES]
    )


class PostForm(Form):
    post = LineField(
        _("Điểm bưu điện hoặc xã, phường"),
        max=120,
        must=_("Hãy ghi điểm bưu điện hoặc xã, phường."),
        description=_("Tên hoặc mã điểm (BC…) cho giao dịch viên; tên hoặc mã xã cho cán bộ hướng dẫn."),
    )


class InvitationForm(Form):
    name = LineField(_("Họ tên"), max=120, must=_("Hãy ghi họ tên."))
    phone = PhoneField(_("Số điện thoại"), must=_("Hãy ghi số điện thoại."))
    role = ChoiceField(
        _("Công việc"), must=_("Hãy chọn công việc."), choices=[("", _("Chọn công việc")), *ROLE_CHOICES]
    )
    post = LineField(
        _("Nơi làm việc"),
        max=120,
        description=_("Tên hoặc mã điểm (BC…) cho giao dịch viên; tên hoặc mã xã cho cán bộ hướng dẫn."),
    )


class BlockForm(Form):
    reason = ProseField(
        _("Lý do"), max=500, must=_("Hãy ghi lý do: người bị khóa và người kiểm tra sau này cần biết.")
    )


class LinkForm(Form):
    checked = YesField(
        _("Tôi đã xem giấy tờ tùy thân và đúng là người này."),
        must=_("Hãy xem giấy tờ tùy thân của người đó trước, rồi đánh dấu ở đây."),
    )


# -- dated rules --------------------------------------------------------------------------------------------------


class PercentField(LineField):
    """A rate in percent with up to two decimals, `1,5`; `.per_10_000` is the whole number the rules keep."""

    def __init__(self, label: Any, **options: Any) -> None:
        render = {"inputmode": "decimal", "autocomplete": "off", **options.pop("render_kw", {})}
        super().__init__(label, max=8, must=_("Hãy ghi tỷ lệ, ví dụ 1,5."), render_kw=render, **options)
        self.per_10_000 = 0

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped or self.errors:
            return
        if not re.fullmatch(r"\d{1,3}([.,]\d{1,2})?", self.data or ""):
            raise ValidationError(message(_("Hãy ghi tỷ lệ phần trăm, ví dụ 0 hoặc 1,5.")))
        self.per_10_000 = int(Decimal(self.data.replace(",", ".")) * 100)


class RuleFields(Form):
    """What every new rule says: from when, and on what it rests."""

    valid_from = DayField(
        _("Có hiệu lực từ ngày"),
        must=_("Hãy chọn ngày bắt đầu."),
        description=_("Từ ngày mai trở đi. Việc đã làm trước ngày này giữ quy định cũ."),
    )
    legal_basis = LineField(
        _("Căn cứ"),
        max=300,
        must=_("Hãy ghi căn cứ: số văn bản, hợp đồng hoặc quyết định."),
        description=_("Số văn bản, hợp đồng hoặc quyết định. Người dùng đọc được dòng này."),
    )


class FeeForm(RuleFields):
    commission = PercentField(_("Phí bán hàng, phần trăm tiền hàng"))
    holding_days = WholeField(
        _("Giữ tiền sau khi giao, ngày làm việc"), most=30, must=_("Hãy ghi số ngày, 0 nếu trả ngay.")
    )


class TaxForm(RuleFields):
    farm_kind = ChoiceField(
        _("Ai bán"),
        must=_("Hãy chọn loại người bán."),
        choices=[("", _("Chọn")), *((kind.value, words) for kind, words in KIND_WORDS.items())],
    )
    tax_class = ChoiceField(
        _("Bán gì"),
        must=_("Hãy chọn loại hàng."),
        choices=[("", _("Chọn")), *((kind.value, words) for kind, words in TAX_CLASS_WORDS.items())],
    )
    vat = PercentField(_("Thuế GTGT khấu trừ, %"))
    pit = PercentField(_("Thuế TNCN khấu trừ, %"))
    is_confirmed = YesField(_("Kế toán đã xác nhận mức này"))
    note = ProseField(_("Ghi chú"), max=1000)


class AnswerForm(RuleFields):
    first_reminder_hours = QuantityField(_("Nhắc lần đầu sau (giờ)"), most=168)
    second_reminder_hours = QuantityField(_("Nhắc lại sau (giờ)"), most=168)
    point_calls_hours = QuantityField(_("Bưu điện gọi nhà vườn sau (giờ)"), most=168)
    cancel_hours = QuantityField(_("Hủy đơn sau (giờ)"), most=168)
    unpaid_minutes = QuantityField(_("Đơn chưa chuyển khoản chờ (phút)"), least=5, most=4320)


class DoorForm(RuleFields):
    known_after = QuantityField(_("Quen sau mấy đơn đã nhận"), most=50)
    confirm_hours = QuantityField(_("Chờ xác nhận (giờ)"), most=168)
    most_open = QuantityField(_("Số đơn chờ xác nhận nhiều nhất"), most=50)
    most_open_dong = DongField(
        _("Tổng tiền chờ xác nhận nhiều nhất"), least=10_000, most=100_000_000, must=_("Hãy ghi số tiền.")
    )
    most_refused = QuantityField(_("Trả trước sau mấy gói không nhận"), most=50)
    refused_days = QuantityField(_("Tính trong mấy ngày"), most=366)
    appeal_days = QuantityField(_("Trả lời người xin xem lại trong (ngày làm việc)"), most=30)


class ClaimRuleForm(RuleFields):
    """The market's own times for claims; `sure` comes with the second press, after what changes was shown."""

    fresh_hours = QuantityField(_("Hàng tươi: khiếu nại trong (giờ)"), most=336)
    dry_days = QuantityField(_("Hàng khô: khiếu nại trong (ngày)"), most=60)
    not_as_described_days = QuantityField(_("Không đúng mô tả: trong (ngày)"), most=366)
    answer_hours = QuantityField(_("Nhà vườn trả lời trong (giờ)"), most=240)
    decide_days = QuantityField(_("Chợ quyết định trong (ngày làm việc)"), most=30)
    appeal_days = QuantityField(_("Xin xem lại trong (ngày)"), most=60)
    return_days = QuantityField(_("Gửi hàng về trong (ngày)"), most=60)
    complaint_days = QuantityField(_("Trả lời phản ánh trong (ngày làm việc)"), most=30)
    privacy_days = QuantityField(_("Trả lời về dữ liệu cá nhân trong (ngày làm việc)"), most=30)
    refund_days = QuantityField(_("Hoàn tiền sau quyết định trong (ngày làm việc)"), most=30)
    remind_hours = QuantityField(_("Nhắc trước khi tới hạn (giờ)"), most=72)
    sure = HiddenField()

    @property
    def times(self) -> dict[str, int]:
        return {name: int(self[name].data or 0) for name in CLAIM_TIMES}


CLAIM_TIMES = (
    "fresh_hours", "dry_days", "not_as_described_days", "answer_hours", "decide_days", "appeal_days",
    "return_days", "complaint_days", "privacy_days", "refund_days", "remind_hours",
)  # fmt: skip


class KeepingForm(RuleFields):
    """How long one kind of information about people is kept; `sure` comes with the second press."""

    what = ChoiceField(_("Thông tin gì"), choices=[], must=_("Hãy chọn loại thông tin."))
    days = QuantityField(_("Giữ (ngày)"), most=3_660)
    sure = HiddenField()


class AppealAnswerForm(Form):
    """What a person of the market answers to who asked to be looked at again."""

    verdict = ChoiceField(
        _("Trả lời"),
        choices=[("granted", _("Đồng ý")), ("declined", _("Không đồng ý"))],
        must=_("Hãy bấm một trong hai nút."),
    )
    until = DayField(_("Được phép tới hết ngày"), must=_("Hãy chọn ngày."))
    answer = LineField(_("Lời nhắn cho người hỏi"), max=500)


class SwappedDayForm(RuleFields):
    valid_from = DayField(_("Ngày"), must=_("Hãy chọn ngày."))
    kind = PickField(
        _("Ngày này"),
        must=_("Hãy chọn ngày này làm việc hay nghỉ."),
        choices=[("work", _("Làm việc (làm bù)")), ("off", _("Nghỉ (hoán đổi hoặc nghỉ thêm)"))],
    )
    name = LineField(_("Tên gọi"), max=120, must=_("Hãy ghi tên, ví dụ: làm bù Tết Nguyên đán."))


class RemoteCommuneForm(AddressFields, RuleFields):
    street = None  # type: ignore[assignment]


class LastDayForm(Form):
    last_day = DayField(_("Ngày cuối còn tính"), must=_("Hãy chọn ngày cuối."))


class SharingForm(RuleFields):
    """What a shared trip saves, a level a line: from how many farms, how many percent."""

    levels = ProseField(
        _("Giảm bao nhiêu"),
        max=400,
        must=_("Hãy ghi ít nhất một mức giảm."),
        description=_("Mỗi dòng một mức: từ mấy nhà vườn, hai chấm, giảm mấy phần trăm cước. Ví dụ 2: 5"),
    )
    LEVEL = re.compile(r"\s*(\d{1,3})\s*:\s*(\d{1,3}(?:[.,]\d{1,2})?)\s*%?\s*")

    @property
    def steps(self) -> list[list[int]]:
        """As the rule keeps them: `[[from how many farms, per 10,000], …]`."""
        found = [self.LEVEL.fullmatch(line) for line in (self.levels.data or "").split("\n") if line.strip()]
        return [[int(one[1]), int(Decimal(one[2].replace(",", ".")) * 100)] for one in found if one]

    def validate_levels(self, field: Any) -> None:
        for line in (field.data or "").split("\n"):
            if line.strip() and not self.LEVEL.fullmatch(line):
                raise ValidationError(
                    message(_("Dòng “%(line)s” chưa đúng. Hãy ghi như 2: 5.", line=line.strip()[:40]))
                )


BEARER_WORDS = {"farm": _("nhà vườn"), "market": _("chợ"), "buyer": _("khách")}


class DifferenceForm(RuleFields):
    """Who bears it when freight comes to another sum than was quoted."""

    cause = ChoiceField(
        _("Vì sao khác"),
        must=_("Hãy chọn vì sao cước khác đi."),
        choices=[("", _("Chọn")), *CAUSE_WORDS.items()],
    )
    more_by = PickField(
        _("Cước cao hơn thì ai chịu"),
        must=_("Hãy chọn ai chịu phần tăng thêm."),
        choices=[(who, BEARER_WORDS[who]) for who in BEARERS["more_by"]],
    )
    less_to = PickField(
        _("Cước thấp hơn thì ai được"),
        must=_("Hãy chọn ai được phần giảm bớt."),
        choices=[(who, BEARER_WORDS[who]) for who in BEARERS["less_to"]],
    )
    least_dong = DongField(_("Bỏ qua nếu chênh dưới"), least=0, must=_("Hãy ghi số tiền, 0 nếu luôn tính."))


class PerishableForm(RuleFields):
    """How long fresh goods wait at a counter."""

    call_after_hours = QuantityField(_("Gọi người nhận sau (giờ)"), most=240)
    give_up_after_hours = QuantityField(_("Được hủy sau (giờ)"), most=240)


class HandInForm(RuleFields):
    """Which counters take in a parcel that was to be brought to another one."""

    within = PickField(
        _("Bưu cục nào được nhận"),
        must=_("Hãy chọn bưu cục nào được nhận."),
        choices=list(WITHIN_WORDS.items()),
    )


class CompensationForm(RuleFields):
    """What the post makes good of goods it lost or broke."""

    declared = PercentField(_("Có khai giá: đền mấy phần trăm giá trị"))
    freight_times = QuantityField(_("Không khai giá: mấy lần cước"), most=100)
    per_kg_dong = DongField(
        _("Hoặc bao nhiêu mỗi kg"),
        least=0,
        must=_("Hãy ghi số tiền, 0 nếu không tính theo cân."),
        description=_("Luật không nói mức theo cân: chỉ ghi khi hợp đồng có, không thì 0."),
    )
    rest_by = PickField(
        _("Phần thiếu ai chịu"),
        must=_("Hãy chọn ai chịu phần thiếu."),
        choices=[(who, BEARER_WORDS[who]) for who in REST_BY],
    )
    is_freight_within = YesField(_("Cước hoàn lại cho khách tính vào số lần cước ấy"))
    is_confirmed = YesField(_("Pháp chế hoặc hợp đồng đã xác nhận các mức này"))
    source = LineField(
        _("Đọc được ở đâu"),
        max=500,
        description=_("Cần khi chưa ai xác nhận: trang, văn bản, người trả lời."),
    )


class ProcedureForm(RuleFields):
    fee_dong = DongField(_("Lệ phí"), least=0, must=_("Hãy ghi lệ phí, 0 nếu không thu."))
    working_days = QuantityField(_("Thời hạn giải quyết, ngày làm việc"), most=250)


class PriceListFileForm(Form):
    file = FileField(
        _("Tệp biểu cước (JSON, CSV hoặc Excel)"),
        validators=[FileRequired(message=message(_("Hãy chọn tệp.")))],
        description=_(
            "JSON: cả biểu cước. CSV, Excel: riêng cước chính, cột service,zone,grams,fee_dong; vùng nào có trong tệp "
            "thì ghi đủ các nấc cân."
        ),
    )


class ListFileForm(Form):
    """A list of the post as a sheet."""

    file = FileField(
        _("Tệp CSV hoặc Excel"),
        validators=[FileRequired(message=message(_("Hãy chọn tệp.")))],
    )


class ListForm(RuleFields):
    """The last step: the list that was shown, as it was read, and from when it holds."""

    table = HiddenField(validators=[Length(max=200_000)])


SHEET_CELLS = 10
"""A line of the sheet of counters: its number, then its columns."""


class PointListForm(Form):
    """The sheet of counters that was shown, as it was read."""

    table = HiddenField(validators=[Length(max=1_000_000)])

    @property
    def rows(self) -> list[list[str]]:
        """Raises ValueError when it is not what was shown."""
        found = json.loads(self.table.data or "")
        if not all(len(row) == SHEET_CELLS and all(isinstance(cell, str) for cell in row) for row in found):
            raise ValueError("not a table of counters")
        return [[clean_text(cell) for cell in row] for row in found]


class SurchargesForm(Form):
    fuel = PercentField(_("Phụ phí xăng dầu, % cước chính"))
    remote = PercentField(_("Phụ phí vùng xa, % cước chính"))
    cold = DongField(
        _("Hàng tươi, mát, lạnh: mỗi kiện"),
        least=0,
        most=1_000_000,
        must=_("Hãy ghi số tiền, 0 nếu không thu."),
    )


class PriceListForm(RuleFields):
    """The last step: the list that was shown, as it was read, and from when it holds."""

    name = LineField(_("Tên biểu cước"), max=120, must=_("Hãy đặt tên cho biểu cước."))
    is_illustration = YesField(
        _("Chỉ là minh họa, chưa phải giá hợp đồng"),
        description=_("Trang bán hàng sẽ ghi rõ cước là minh họa."),
    )
    table = HiddenField(validators=[Length(max=1_000_000)])


# -- service points -----------------------------------------------------------------------------------------------


HOURS_HINT = _("Ví dụ: 1-5 07:30-11:30 13:30-17:00; 6 07:30-11:30 (1 là thứ Hai, 7 là Chủ nhật).")


class PointForm(AddressFields):
    name = LineField(_("Tên điểm"), max=120, must=_("Hãy ghi tên điểm, ví dụ: Bưu cục Tân Cương."))
    phone = PhoneField(_("Điện thoại của điểm"))
    position = LineField(
        _("Vị trí trên bản đồ"),
        max=300,
        description=_("Mã vị trí, liên kết bản đồ hoặc tọa độ như 21.5305, 105.7636. Để trống: giữa xã."),
        render_kw={"autocomplete": "off"},
    )
    vpostcode = VpostcodeField(_("Mã địa chỉ bưu chính số 12 ký tự, nếu điểm có."))
    hours = LineField(_("Giờ mở cửa"), max=300, must=_("Hãy ghi giờ mở cửa."), description=HOURS_HINT)


class PointPlaceForm(Form):
    """Where a counter is, said better."""

    street = LineField(
        _("Số nhà, đường, thôn, ấp"), max=200, must=_("Hãy ghi tên và địa chỉ của điểm phục vụ.")
    )
    phone = PhoneField(_("Điện thoại của điểm"))
    position = LineField(
        _("Vị trí trên bản đồ"),
        max=300,
        description=_("Mã vị trí, liên kết bản đồ hoặc tọa độ. Để trống: như cũ."),
        render_kw={"autocomplete": "off"},
    )
    vpostcode = VpostcodeField(_("Mã địa chỉ bưu chính số 12 ký tự, nếu điểm có."))


class HoursForm(Form):
    hours = LineField(_("Giờ mở cửa"), max=300, must=_("Hãy ghi giờ mở cửa."), description=HOURS_HINT)


class ExceptionForm(Form):
    day = DayField(_("Ngày"), must=_("Hãy chọn ngày."))
    opens = LineField(
        _("Mở từ"), max=5, render_kw={"type": "time"}, description=_("Để trống cả hai: nghỉ cả ngày.")
    )
    closes = LineField(_("Đến"), max=5, render_kw={"type": "time"})
    reason = LineField(_("Lý do"), max=120, must=_("Hãy ghi lý do để khách đọc, ví dụ: nghỉ Tết."))


class PickupsForm(Form):
    communes = TextAreaField(
        _("Xã, phường bưu tá lấy hàng tận nơi"),
        validators=[Length(max=4000)],
        description=_("Mỗi dòng một xã: tên hoặc mã. Để trống: chỉ xã của điểm."),
    )


class ClosingForm(Form):
    reason = LineField(_("Lý do đóng điểm"), max=300, must=_("Hãy ghi lý do."), id="closing-reason")


# -- the gallery --------------------------------------------------------------------------------------------------


class SampleForm(AddressFields):
    """One of each field, for the gallery. It is shown and judged, never kept."""

    class Meta(Form.Meta):
        csrf = False

    name = LineField(_("Tên nông sản"), max=120, must=_("Hãy ghi tên nông sản."))
    price = DongField(_("Giá một hộp"), must=_("Hãy ghi giá."))
    phone = PhoneField(_("Số điện thoại"), must=_("Hãy ghi số điện thoại."))
    harvested_on = DayField(_("Ngày thu hoạch"))
    story = ProseField(_("Kể về món này"), description=_("Vài câu về cách trồng, cách làm."))
    handling = PickField(
        _("Cách vận chuyển"),
        must=_("Hãy chọn cách vận chuyển."),
        choices=[("dry", _("Hàng khô")), ("fresh", _("Hàng tươi"))],
    )
    agree = YesField(_("Tôi cam đoan đúng sự thật"), must=_("Hãy đánh dấu."))
