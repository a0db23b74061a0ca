"""What may be typed about parcels."""

from marketplace.foundation.form import Form, GramsField
from marketplace.foundation.words import _


class SplitForm(Form):
    """What of a parcel travels in a box of its own: so many packs of each line (`packs-<line>` is read beside it), or
    so many grams of the one pack there is."""

    grams = GramsField(_("Gói thứ hai nặng"))
