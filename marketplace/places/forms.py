"""What may be typed on the pages of this room."""

from marketplace.foundation.form import ChoiceField, Form, LineField
from marketplace.foundation.words import _


class PointSearchForm(Form):
    """Looking for a counter of the post; sent by GET, so without a token."""

    class Meta(Form.Meta):
        csrf = False

    province = ChoiceField(_("Tỉnh, thành phố"), choices=[])
    q = LineField(_("Xã, phường, địa chỉ, tên điểm hoặc mã chỉ đường"), max=300, id="place")
