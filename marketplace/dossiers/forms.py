"""What applicants, clerks and handlers type into a dossier."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from wtforms import Field, HiddenField
from wtforms.validators import ValidationError

from marketplace.dossiers.models import Dossier, Procedure, is_asked, said
from marketplace.dossiers.service import LONGEST_REASON
from marketplace.foundation import clock
from marketplace.foundation.address_form import AddressFields
from marketplace.foundation.form import (
    ChoiceField,
    DayField,
    Form,
    LineField,
    PaperField,
    PhoneField,
    PickField,
    ProseField,
    SeveralField,
    YesField,
    message,
)
from marketplace.foundation.words import _
from marketplace.places.counters import Going


def day_typed(typed: str) -> date | None:
    """A day in an address; none when it is not one."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


class DecisionForm(Form):
    """One press of a button. `seen` is the version of the dossier the page showed."""

    seen = HiddenField()


class RequestForm(DecisionForm):
    """What is missing, in words and by name."""

    missing = SeveralField(_("Mục cần bổ sung"))
    reason = ProseField(
        _("Viết cho người nộp: thiếu gì, làm lại thế nào"),
        max=LONGEST_REASON,
        must=_("Hãy ghi lý do để người nộp biết cần làm gì."),
    )

    def __init__(self, dossier: Dossier, **options: Any) -> None:
        super().__init__(**options)
        self.missing.choices = [
            (item["key"], said(item))
            for item in (*dossier.procedure.sections, *dossier.procedure.papers)
            if is_asked(item, dossier.facts)
        ]


class RefusalForm(DecisionForm):
    """Why not."""

    reason = ProseField(
        _("Lý do không duyệt"),
        id="refusal-reason",
        max=LONGEST_REASON,
        must=_("Hãy ghi lý do để người nộp biết cần làm gì."),
    )


class ExtensionForm(DecisionForm):
    """An apology and another appointment."""

    day = DayField(_("Ngày hẹn mới"), must=_("Hãy chọn ngày hẹn mới."))
    hour = LineField(
        _("Giờ"),
        max=5,
        default="16:00",
        must=_("Hãy ghi giờ, ví dụ 16:00."),
        render_kw={"type": "time"},
    )
    reason = ProseField(
        _("Lý do chậm"),
        id="extension-reason",
        max=LONGEST_REASON,
        must=_("Hãy ghi vì sao chậm: người nộp đọc được nguyên văn."),
    )

    def validate_hour(self, field: Field) -> None:
        try:
            self.at = time.fromisoformat(field.data)
        except ValueError:
            raise ValidationError(message(_("Giờ chưa đúng. Ví dụ 16:00."))) from None

    at: time = time(16, 0)

    @property
    def until(self) -> datetime:
        """The moment promised; only of a form that is right."""
        assert self.day.data is not None
        return clock.at(self.day.data, self.at)


class ReassignForm(DecisionForm):
    """Another handler."""

    handler = ChoiceField(_("Giao cho"), choices=[], must=_("Hãy chọn người nhận."))
    why = LineField(_("Vì sao"), max=200, description=_("Ví dụ: nghỉ phép tới 30/11."))


class StopForm(DecisionForm):
    """Why the work ends."""

    reason = ProseField(
        _("Lý do dừng"),
        id="stop-reason",
        max=LONGEST_REASON,
        must=_("Hãy ghi lý do để người nộp biết."),
    )


class WalkInForm(Form):
    """Somebody before the counter, and what they came for."""

    procedure = ChoiceField(_("Thủ tục"), choices=[], must=_("Hãy chọn thủ tục."))
    name = LineField(_("Họ và tên người nộp"), must=_("Hãy ghi họ tên như trên căn cước."))
    phone = PhoneField(
        _("Số điện thoại"),
        description=_("Tin báo gửi vào số này."),
        must=_("Hãy ghi số điện thoại."),
    )
    seen = YesField(
        _("Tôi đã xem căn cước của người nộp và nói rõ giấy tờ dùng để làm gì."),
        must=_("Hãy xem căn cước trước khi nhận hồ sơ."),
    )


class HelpForm(Form):
    """Whom a helper wants to do papers for."""

    phone = PhoneField(_("Số điện thoại của người cần giúp"), must=_("Hãy ghi số điện thoại."))


class YesCodeForm(Form):
    """Six digits of an SMS an applicant reads out to their helper, or eight of their paper slip."""

    code = LineField(
        _("Mã 6 số trong tin nhắn"), max=12, must=_("Hãy ghi mã họ đọc."),
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )  # fmt: skip


class PaperForm(Form):
    """One paper, photographed or as a file."""

    file = PaperField(_("Chụp hoặc chọn tệp"), must=_("Hãy chụp hoặc chọn tệp."))


class ReturnForm(AddressFields):
    """How and where the result is wanted."""

    way = PickField(_("Nhận kết quả thế nào?"), choices=[], must=_("Hãy chọn cách nhận kết quả."))
    point = LineField(_("Tới quầy nào lấy?"), max=12)
    offers: Sequence[Going] = ()
    """Counters to choose from, when the usual one is shut on the day; asked for only then."""


class ResultForm(DecisionForm):
    """The result goes over the counter."""

    taker = LineField(
        _("Ai nhận, đã xem giấy gì"),
        max=160,
        description=_("Ví dụ: Nguyễn Văn An, xem căn cước. Người nhận thay thì ghi giấy ủy quyền."),
        must=_("Hãy ghi ai nhận và đã xem giấy gì."),
    )


class AgencyForm(DecisionForm):
    """What an agency's paper says."""

    outcome = PickField(
        _("Cơ quan quyết định"),
        choices=[
            ("approved", _("Đồng ý, có kết quả")),
            ("refused", _("Không giải quyết")),
            ("needs_papers", _("Yêu cầu bổ sung")),
        ],
        must=_("Hãy chọn cơ quan đã quyết định thế nào."),
    )
    number = LineField(_("Số văn bản"), max=60, must=_("Hãy ghi số văn bản của cơ quan."))
    signed_on = DayField(_("Ngày ký"), must=_("Hãy ghi ngày ký."))
    scan = PaperField(
        _("Bản quét hoặc ảnh văn bản"), must=_("Phải có bản quét văn bản của cơ quan mới ghi được kết quả.")
    )
    reason = ProseField(
        _("Lý do, như trong văn bản"),
        id="agency-reason",
        max=LONGEST_REASON,
        description=_("Cần khi cơ quan không giải quyết hoặc yêu cầu bổ sung."),
    )


class ListForm(Form):
    """Dossiers for a hand-over list."""

    dossiers = SeveralField(_("Hồ sơ"))
    contact = LineField(_("Người nhận hoặc giao bên cơ quan"), max=120)


def facts_form(procedure: Procedure, facts: Mapping[str, Any], is_sent: bool = False) -> Form:
    """A form with a field for each fact the procedure asks for; a number that is sealed shows its end only."""
    fields: dict[str, Field] = {}
    for section in procedure.sections:
        for spec in section["fields"]:
            fields[FACT + spec["key"]] = _fact_field(spec, facts)
    made = type("FactsForm", (Form,), fields)
    given = {FACT + key: _shown(procedure, key, value) for key, value in facts.items()}
    return made(data=given) if is_sent else made(formdata=None, data=given)


def facts_typed(procedure: Procedure, form: Form, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as typed; a sealed number left empty stays what it was."""
    found: dict[str, Any] = {}
    for section in procedure.sections:
        for spec in section["fields"]:
            key, value = spec["key"], form[FACT + spec["key"]].data
            if spec.get("form") == "id":
                value = f"•••• •••• {value[-4:]}" if value else facts.get(key, "")
            elif isinstance(value, date):
                value = value.isoformat()
            found[key] = value or ""
    return found


FACT = "fact_"
"""Before the names of facts, which are a procedure's own."""


def _shown(procedure: Procedure, key: str, value: Any) -> Any:
    for section in procedure.sections:
        for spec in section["fields"]:
            if spec["key"] == key:
                if spec.get("form") == "day" and value:
                    return date.fromisoformat(value)
                return "" if spec.get("form") == "id" else value
    return value


def _fact_field(spec: Mapping[str, Any], facts: Mapping[str, Any]) -> Field:
    words, needed = said(spec), bool(spec.get("required"))
    must = _("Hãy ghi mục “%(field)s”.", field=words) if needed else None
    kind = spec.get("form", "text")
    if kind == "prose":
        return ProseField(words, must=must)
    if kind == "day":
        return DayField(words, must=must)
    if kind == "phone":
        return PhoneField(words, must=must)
    if kind == "choice":
        return PickField(words, must=must, choices=[(one["value"], said(one)) for one in spec["choices"]])
    if kind == "id":
        known = str(facts.get(spec["key"]) or "")
        return LineField(
            words,
            max=20,
            must=None if known else must,
            description=_("Đã lưu %(end)s. Để trống nếu không đổi.", end=known)
            if known
            else _("12 chữ số trên thẻ căn cước. Chợ chỉ giữ bốn số cuối, số đầy đủ ở trên ảnh giấy."),
            validators=[_twelve_digits],
            render_kw={"inputmode": "numeric", "autocomplete": "off"},
        )
    return LineField(words, max=200, must=must)


def _twelve_digits(form: Any, field: Field) -> None:
    if field.data:
        number = re.sub(r"[\s.\-]", "", field.data)
        if not re.fullmatch(r"[0-9]{12}", number) or not 1 <= int(number[:3]) <= 96:
            raise ValidationError(
                message(_("Số định danh có đúng 12 chữ số, in trên thẻ căn cước. Hãy xem lại từng số."))
            )
        field.data = number
