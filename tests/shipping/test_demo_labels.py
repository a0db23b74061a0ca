"""Every label of the demo, rendered and read by a scanner."""

import pytest

from marketplace import demo
from marketplace.foundation.db import db
from marketplace.shipping import labels, s10
from marketplace.shipping.models import Parcel, ParcelState
from tests.shipping.test_labels import read


@pytest.mark.full
def test_every_label_of_the_demo_is_read_at_203_dpi(app, tmp_path):
    demo.seed()
    shown = [p for p in db.session.query(Parcel).order_by(Parcel.id) if p.state is not ParcelState.CANCELLED]
    assert shown
    codes, _words = read(labels.pdf([labels.label_of(one) for one in shown]), tmp_path)
    assert sorted(s10.tidy(code) for code in codes) == sorted([one.tracking for one in shown] * 2)
