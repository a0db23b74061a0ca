"""What may be typed about parcels."""

from marketplace.foundation.form import Form, GramsField
from marketplace.foundation.words import _


class SplitForm(Form):
    """How much of a parcel travels in a box of its own."""

    grams = GramsField(_("Gói thứ hai nặng"), must=_("Hãy ghi gói thứ hai nặng bao nhiêu gam."))
