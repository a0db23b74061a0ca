"""Where something is, asked in a form: province, commune, street, and a place on the map."""

from collections.abc import Sequence
from typing import Any, Protocol

from flask import request
from wtforms import Field
from wtforms.validators import ValidationError

from marketplace.foundation.form import ChoiceField, Form, LineField, message
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.vpostcode import read_vpostcode
from marketplace.foundation.words import Text, _


class Gazetteer(Protocol):
    """What the address fields ask of the places room."""

    def provinces(self) -> Sequence[Any]: ...
    def communes(self, province_code: str) -> Sequence[Any]: ...
    def commune(self, code: str) -> Any | None: ...
    def read_position(self, text: str, near: Any | None = None) -> Any | None: ...
    def parse_address(self, text: str) -> Any: ...


_gazetteer: Gazetteer | None = None


def use_gazetteer(gazetteer: Gazetteer) -> None:
    """Where the address fields find provinces and communes (the switchboard says)."""
    global _gazetteer
    _gazetteer = gazetteer


def _known() -> Gazetteer:
    assert _gazetteer is not None
    return _gazetteer


class ProvinceField(ChoiceField):
    """Province by official code; the list fills itself."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, choices=[], **options)

    def process(self, *args: Any, **options: Any) -> None:
        self.choices = [("", _("Chọn tỉnh, thành phố"))] + [(p.code, p.name) for p in _known().provinces()]
        super().process(*args, **options)


class CommuneField(ChoiceField):
    """Commune by official code; whether it lies in the province is asked by the form (`validate_commune`)."""

    def pre_validate(self, form: Any) -> None:
        """Nothing: a commune of another province gets its own sentence."""


class AddressFields(Form):
    """Province, then commune, then street: works without JavaScript (a button fetches the communes of the chosen
    province) and becomes type-ahead with it. Mix into a Form, before it."""

    province = ProvinceField(
        _("Tỉnh, thành phố"),
        must=_("Hãy chọn tỉnh hoặc thành phố."),
        render_kw={"autocomplete": "address-level1", "data-province": ""},
    )
    commune = CommuneField(
        _("Xã, phường, đặc khu"),
        must=_("Hãy chọn xã, phường hoặc đặc khu."),
        choices=[],
        render_kw={"autocomplete": "address-level2", "data-commune": ""},
    )
    street = LineField(
        _("Số nhà, đường, thôn, ấp"),
        max=200,
        must=_("Hãy ghi số nhà, đường hoặc thôn, ấp để bưu tá tìm được."),
        render_kw={"autocomplete": "street-address"},
    )

    def process(self, *args: Any, **options: Any) -> None:
        super().process(*args, **options)
        self.fill_communes()

    def fill_communes(self) -> None:
        communes = _known().communes(self.province.data) if self.province.data else ()
        self.commune.choices = [("", _("Chọn xã, phường"))] + [(c.code, c.name) for c in communes]

    @property
    def asks_for_communes(self) -> bool:
        """Was the "choose commune" button pressed (a browser without JavaScript)?"""
        return "pick_province" in request.values

    def validate_commune(self, field: Field) -> None:
        commune = _known().commune(field.data)
        if commune is None or commune.province_code != self.province.data:
            raise ValidationError(message(_("Xã, phường này không thuộc tỉnh đã chọn. Hãy chọn lại.")))


class WholeAddress(AddressFields):
    """An address that may be given in one piece, `whole`: it fills in province, commune and street below."""

    whole = LineField(
        _("Cả địa chỉ, cũ hay mới"),
        max=500,
        description=_("Chép từ giấy tờ hay tin nhắn, cả địa chỉ ba cấp cũ; chợ điền xuống các ô dưới."),
        render_kw={"autocomplete": "off"},
    )
    asked_which: str = ""
    """The old unit that was divided, when the person is asked which part they live in."""

    @property
    def asks_for_communes(self) -> bool:
        """Nothing typed to be read: Enter pressed the first button of the form, which goes on."""
        is_empty = request.values.get("pick_province") == "whole" and not self.whole.data
        return super().asks_for_communes and not is_empty

    def read_whole(self) -> None:
        """Fill in what the address in one piece says. Where an old unit was divided only its parts are offered, and
        none is chosen."""
        parsed = _known().parse_address(self.whole.data or "")
        if not parsed.candidates:
            self.whole.errors = [message(_("Chưa đọc được địa chỉ này. Hãy chọn tỉnh và xã ở dưới."))]
            return
        first = parsed.default or parsed.candidates[0]
        self.province.data = first.commune.province_code
        self.street.data = first.street or self.street.data
        self.fill_communes()
        self.commune.data = "" if parsed.needs_choice else first.commune.code
        if parsed.needs_choice:
            parts = {one.commune.code for one in parsed.candidates} | {""}
            self.commune.choices = [choice for choice in self.commune.choices or () if choice[0] in parts]
            self.asked_which = first.converted_from or self.whole.data or ""


class PinField(LineField):
    """A position as somebody writes it: a code, a map's link, degrees."""

    def __init__(self, label: Text, description: Text, **options: Any) -> None:
        render = {"autocomplete": "off"}
        super().__init__(label, max=300, description=description, render_kw=render, **options)


class PinnedAddress(AddressFields):
    """An address whose place on the map may be given in a field called pin: read into `position` (its `lat` and `lon`),
    none when left out. Mix into a Form, before it."""

    position: Any | None = None

    def validate_pin(self, field: PinField) -> None:
        self.position = None
        if not field.data:
            return
        self.position = _known().read_position(field.data, _known().commune(self.commune.data or ""))
        if self.position is None:
            sentence = _("Vị trí chưa đúng. Ví dụ 7PH7GQJ7+6C hoặc 21.5305, 105.7636; không rõ thì để trống.")
            raise ValidationError(message(sentence))


class VpostcodeField(LineField):
    """A house's own code on the post's map. May be left out."""

    def __init__(self, description: Text, **options: Any) -> None:
        render = {"autocomplete": "off", "autocapitalize": "characters"}
        super().__init__(_("Vpostcode"), max=20, description=description, render_kw=render, **options)

    def pre_validate(self, form: Any) -> None:
        try:
            self.data: str = read_vpostcode(self.data or "")
        except Refusal as refusal:
            raise ValidationError(message(refusal.sentence)) from refusal
