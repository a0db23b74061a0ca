"""What may be typed on the pages of this room."""

from typing import Any

from wtforms.validators import ValidationError

from marketplace.foundation.form import AddressFields, ChoiceField, Form, LineField, message
from marketplace.foundation.words import Text, _
from marketplace.places import queries
from marketplace.places.queries import Position


class PinField(LineField):
    """A position as somebody writes it: a code, a map's link, degrees."""

    def __init__(self, label: Text, description: Text, **options: Any) -> None:
        super().__init__(
            label, max=300, description=description, render_kw={"autocomplete": "off"}, **options
        )


class PinnedAddress(AddressFields):
    """An address whose place on the map may be given in a field called pin: read into `position`, none when left out.
    Mix into a Form, before it."""

    position: Position | None = None

    def validate_pin(self, field: PinField) -> None:
        self.position = None
        if not field.data:
            return
        self.position = queries.read_position(field.data, queries.commune(self.commune.data or ""))
        if self.position is None:
            raise ValidationError(
                message(
                    _("Vị trí chưa đúng. Ví dụ 7PH7GQJ7+6C hoặc 21.5305, 105.7636; không rõ thì để trống.")
                )
            )


class PointSearchForm(Form):
    """Looking for a counter of the post; sent by GET, so without a token."""

    class Meta(Form.Meta):
        csrf = False

    province = ChoiceField(_("Tỉnh, thành phố"), choices=[])
    q = LineField(_("Xã, phường, địa chỉ, tên điểm hoặc mã chỉ đường"), max=300, id="place")
