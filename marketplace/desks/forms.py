"""What may be typed at a desk."""

from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

from werkzeug.datastructures import FileStorage
from wtforms import FileField, HiddenField
from wtforms.widgets import HiddenInput

from marketplace.claims.models import CANCEL_WORDS, CancelReason
from marketplace.foundation import clock, codes
from marketplace.foundation.form import (
    ChoiceField,
    DongField,
    Form,
    GramsField,
    LineField,
    PickField,
    ProseField,
    WholeField,
    YesField,
)
from marketplace.foundation.money import dong
from marketplace.foundation.photos import read_upload
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import Text, _
from marketplace.payments.models import BANKNOTES, TILL_WORDS, TillCause
from marketplace.shipping import s10
from marketplace.shipping.models import SCAN_WORDS, WEEKDAYS, ScanKind


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

    why = ChoiceField(_("Vì sao hủy?"), choices=[(one.value, CANCEL_WORDS[one]) for one in CancelReason])
    reason = LineField(_("Nói thêm, nếu bạn muốn"), max=300)
    part = HiddenField()
    key = HiddenField()


class WordForm(Form):
    """Somebody new who pays at the door types the code from the message."""

    digits = LineField(
        _("Mã 6 số trong tin nhắn"),
        max=20,
        must=_("Hãy gõ mã 6 số trong tin nhắn."),
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )
    key = HiddenField()


class SupplyForm(Form):
    """A farm sends less than was ordered. `quantity-<line>` and `grams-<line>` are read beside it."""

    why = LineField(_("Vì sao thiếu? Người mua đọc được"), max=300)
    is_agreed = YesField(_("Tôi đã gọi, khách đồng ý"))


class PartingForm(Form):
    """What lay in parcels that ended otherwise than the rest. `in-<parcel>-<line>` is read beside it."""


# -- at the counter of the post ------------------------------------------------------------------------------------


KEPT_AT_MOST = timedelta(days=2)

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
    done; `shown` is the parcel it asked about last, so scanning it again means yes. `once` is the mark a script gives
    the scan, so that one whose answer got lost and was kept on the device still counts once. `picture` is a photo of
    the label, of a telephone whose browser reads no codes (static/js/camera.js)."""

    tracking = LineField(_("Mã bưu gửi"), max=200, must=_("Hãy quét hoặc gõ mã bưu gửi."))
    picture = FileField(_("Chụp mã trên nhãn"), render_kw={"accept": "image/*", "capture": "environment"})
    event = ChoiceField(
        _("Mỗi lần quét là"),
        choices=[("", _("Hỏi từng bước")), *((kind.value, words) for kind, words in SCAN_WORDS.items())],
    )
    weight_grams = GramsField(_("Cân được (gam)"), render_kw={"maxlength": 6})
    shown = HiddenField()
    once = LineField("", max=40, widget=HiddenInput())
    deed = ChoiceField("", choices=[("", ""), *((kind.value, words) for kind, words in SCAN_WORDS.items())])

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A button beside the parcel shown speaks of that parcel, and takes along what the scales say."""
        if self.shown.data and self.deed.data:
            self._type(self.shown.data)
            self.event.data = self.deed.data
        elif self.picture.data and not self.tracking.data:
            try:
                self._type(_number_on(self.picture.data))
            except Refusal as refusal:
                self.refuse(Refusal(refusal.sentence, "tracking"))
                return False
        return super().validate(*args, **kwargs)

    def _type(self, number: str) -> None:
        self.tracking.data, self.tracking.raw_data = number, [number]

    def offer_piles(self, but: ScanKind | None = None) -> None:
        """Show only what may be meant by a whole pile."""
        wanted = {"", *FOR_A_PILE} - {but}
        self.event.choices = [choice for choice in self.event.choices or () if choice[0] in wanted]


def _number_on(picture: FileStorage) -> str:
    """The one number on a photo of a label: its bars and its square say the same."""
    numbers = {s10.tidy(text) for text in codes.read_codes(read_upload(cast("BinaryIO", picture.stream)))}
    whole = {one for one in numbers if not s10.is_part(one)} or numbers
    if len(whole) > 1:
        raise Refusal(_("Trong hình có mã của nhiều kiện. Hãy chụp từng nhãn một."))
    return whole.pop()


class KeptScanForm(Form):
    """A scan that was kept on the device: `once` is its mark, `at` when it was made there, `clerk` who made it and
    `point` the counter they stood at (codes)."""

    clerk = LineField("", max=20)
    point = LineField("", max=20)
    once = LineField("", max=40, must=_("Lần quét này thiếu dấu. Hãy quét lại."))
    at = LineField("", max=40)
    tracking = LineField(_("Mã bưu gửi"), max=200, must=_("Hãy quét hoặc gõ mã bưu gửi."))
    event = ChoiceField("", choices=[("", ""), *((kind.value, words) for kind, words in SCAN_WORDS.items())])
    weight_grams = GramsField("")

    @property
    def moment(self) -> datetime | None:
        """When it was made, by the device's clock, but not longer ago than two days: a clock that is wrong is not
        believed (the future counts as now)."""
        try:
            made = datetime.fromisoformat(self.at.data or "")
        except ValueError:
            return None
        if made.tzinfo is None:
            return None
        return made.astimezone(UTC) if clock.now() - made < KEPT_AT_MOST else None


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


class PickupForm(HandOutForm):
    """The recipient comes for what they chose to fetch: the code they were sent, the paper they show."""

    proof = LineField(
        _("Mã lấy hàng 6 số người nhận đọc"),
        max=12,
        must=_("Hãy hỏi người nhận mã lấy hàng trong tin nhắn."),
        render_kw={"autocomplete": "off", "inputmode": "numeric", "autofocus": True},
    )
    paper_end = LineField(
        _("4 ký tự cuối trên giấy tờ của người nhận"),
        max=10,
        must=_("Hãy xem giấy tờ của người nhận và ghi 4 ký tự cuối của số giấy."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )


FAILED_BECAUSE = (
    _("Không ai ở nhà"),
    _("Gọi điện không được"),
    _("Sai địa chỉ hoặc số điện thoại"),
    _("Người nhận hẹn hôm khác"),
    _("Người nhận từ chối nhận hàng"),
)


class FailureForm(Form):
    """Why it could not be handed out; the buyer reads it."""

    reason = PickField(
        _("Vì sao chưa phát được?"),
        must=_("Hãy chọn lý do để người mua hiểu."),
        choices=[(str(number), words) for number, words in enumerate(FAILED_BECAUSE)],
    )
    note = LineField(_("Ghi thêm"), max=200)


class FindForm(Form):
    """A code or a number by which a clerk finds something: nothing is done, so no token is asked for."""

    class Meta(Form.Meta):
        csrf = False


def _sought(label: Text, must: Text) -> Any:
    return LineField(label, max=40, must=must, render_kw={"autocomplete": "off"})


class FindOrderForm(FindForm):
    """A farmer brings goods: their order's code or the farm's telephone."""

    q = _sought(
        _("Mã đơn, hoặc số điện thoại nhà vườn"),
        _("Hãy ghi mã đơn (bắt đầu bằng DH) hoặc số điện thoại nhà vườn."),
    )


# -- the drawer of cash --------------------------------------------------------------------------------------------


class OpenTillForm(Form):
    """A clerk takes the drawer over: what lies in it, and why it is not what was left."""

    float = DongField(_("Tiền có trong ngăn lúc này"), least=0, must=_("Hãy đếm và ghi tiền có trong ngăn."))
    reason = LineField(_("Lý do, nếu khác số ca trước để lại"), max=300)


class TillMoveForm(Form):
    """Cash between the drawer and the safe."""

    cause = PickField(
        _("Việc gì?"),
        choices=[(one.value, TILL_WORDS[one]) for one in (TillCause.FROM_SAFE, TillCause.TO_SAFE)],
        must=_("Hãy chọn lấy thêm hay nộp vào két."),
    )
    amount = DongField(_("Số tiền"), must=_("Hãy ghi số tiền."))
    note = LineField(_("Ghi chú (số phiếu, ai giao)"), max=200)


class CountForm(Form):
    """How many of each note lie in the drawer."""

    @property
    def notes(self) -> dict[int, int]:
        return {note: self[f"n{note}"].data or 0 for note in BANKNOTES}

    @property
    def rows(self) -> list[tuple[int, Any]]:
        return [(note, self[f"n{note}"]) for note in BANKNOTES]


for _note in BANKNOTES:
    setattr(
        CountForm,
        f"n{_note}",
        WholeField(_("Số tờ %(note)s", note=dong(_note)), most=100_000, render_kw={"maxlength": 7}),
    )


class ExplanationForm(Form):
    """Why the drawer is short or over."""

    reason = ProseField(
        _("Vì sao lệch?"), max=1000, must=_("Hãy ghi vì sao lệch, hoặc đếm lại."), render_kw={"rows": 2}
    )


class CloseTillForm(Form):
    """Who takes the drawer over; nobody: it waits for the next clerk."""

    hand_to = ChoiceField(_("Giao ca cho"), choices=[])


class FindCashForm(FindForm):
    """Which cash a farmer comes for."""

    q = _sought(
        _("Mã phiếu, hoặc số điện thoại nhà vườn"),
        _("Hãy ghi mã phiếu (bắt đầu bằng PT) hoặc số điện thoại nhà vườn."),
    )


class FindPayInForm(FindForm):
    """Which order a buyer wants to pay at the counter."""

    q = _sought(_("Mã trả tiền, hoặc mã đơn"), _("Hãy ghi mã khách đọc, bắt đầu bằng CQ."))


class CashForm(Form):
    """The code the farmer says, and the end of the number on the paper they show."""

    digits = LineField(
        _("Mã nhận tiền nhà vườn đọc (6 số)"),
        max=6,
        must=_("Hãy hỏi nhà vườn mã nhận tiền trong tin nhắn."),
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )
    id_end = LineField(
        _("4 số cuối trên thẻ căn cước"),
        max=4,
        must=_("Hãy xem thẻ căn cước và ghi 4 số cuối."),
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )


class RecallForm(Form):
    """Why a lot is called back; buyers read it."""

    reason = LineField(
        _("Vì sao thu hồi"), max=300, must=_("Ghi rõ vì sao thu hồi, để người mua hiểu và làm đúng."),
        description=_("Người mua đọc câu này. Ví dụ: nghi nhiễm nấm mốc."),
    )  # fmt: skip


class IdentityForm(Form):
    """Whose paper was looked at when a dossier's result is handed out."""

    proof = LineField(
        _("4 số cuối căn cước người nhận"),
        max=4,
        must=_("Hãy xem căn cước của người nhận và ghi 4 số cuối."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class DisposalForm(Form):
    """Why fresh goods are thrown away at the counter."""

    why = LineField(
        _("Vì sao hủy?"),
        max=200,
        must=_("Hãy ghi vì sao hủy: người mua và nhà vườn đọc được."),
        description=_("Ví dụ: đã gọi ba lần không ai tới, cua đã chết"),
    )


# -- neighbours that send together -------------------------------------------------------------------------------


HALF_HOURS = tuple((at, at) for hour in range(5, 21) for at in (f"{hour:02d}:00", f"{hour:02d}:30"))


class CollectionPointForm(Form):
    """Where and when neighbours bring their parcels together."""

    name = LineField(
        _("Tên nơi gom"),
        max=120,
        must=_("Hãy ghi tên nơi gom hàng, ví dụ “Nhà văn hóa xóm Hồng Thái”."),
        description=_("Ví dụ: Nhà văn hóa xóm Hồng Thái"),
    )
    street = LineField(_("Thôn, ấp, đường"), max=160)
    weekday = ChoiceField(
        _("Ngày trong tuần"), choices=[(str(number), words) for number, words in enumerate(WEEKDAYS)]
    )
    opens = ChoiceField(_("Từ"), choices=HALF_HOURS, default="07:00")
    closes = ChoiceField(_("Đến"), choices=HALF_HOURS, default="09:00")

    def facts(self) -> dict[str, Any]:
        """What was typed, as the verb takes it."""
        return {
            "name": self.name.data or "",
            "street": self.street.data or "",
            "weekday": int(self.weekday.data or 0),
            "opens": self.opens.data or "07:00",
            "closes": self.closes.data or "09:00",
        }
