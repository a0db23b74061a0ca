"""Anybody complains, gets a code and a promised day, and looks it up again."""

import pytest

from marketplace.claims import keeping, queries, service
from marketplace.claims.models import Complaint, ComplaintAbout, ComplaintState
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from tests import cast, make

SAID = {
    "about": "shop",
    "subject": "Chè Tân Cương",
    "words": "Quảng cáo chữa bệnh",
    "name": "Lan",
    "phone": "0912345678",
}


@pytest.fixture
def rules(app):
    make.rules()


def test_a_complaint_is_sent_answered_looked_up_and_asked_again(rules, visit, clock, sent, run_jobs):
    clock.set("2026-11-20 10:00")
    page = visit("/complaints").form("/complaints").submit(**SAID)
    one = db.session.query(Complaint).one()
    assert one.code in page and "Chợ trả lời trước" in page
    run_jobs()
    assert one.code in sent.text(to="+84912345678", channel="sms")
    boss = visit.another().sign_in(cast.admin())
    boss("/admin/claims").follow(one.code).form(f"/admin/complaints/{one.code}/answer").submit(
        words="Đã nhắc gian hàng gỡ câu đó."
    )
    stranger = visit.another()
    assert "Quảng cáo" not in stranger(f"/complaints/{one.code}")
    wrong = stranger("/complaints").form("/complaints/look-up").submit(422, code=one.code, phone_end="0000")
    assert "Không có phản ánh nào khớp" in wrong
    page = stranger("/complaints").form("/complaints/look-up").submit(code=one.code.lower(), phone_end="5678")
    assert "Đã nhắc gian hàng" in page
    page = page.form(f"/complaints/{one.code}/again").submit(words="Vẫn còn câu đó")
    assert "Vẫn còn câu đó" in page
    db.session.refresh(one)
    assert one.state is ComplaintState.RECEIVED


@pytest.mark.parametrize("missing", ["about", "words", "name", "phone"])
def test_what_is_missing_is_said(rules, visit, missing):
    visit("/complaints").form("/complaints").submit(422, **{**SAID, missing: ""})
    assert db.session.query(Complaint).count() == 0


def test_an_empty_answer_is_none(rules):
    with transaction():
        one = service.complain(ComplaintAbout.MARKET, "", "x", "Lan", "+84912345678", cast.by(cast.buyer()))
    with pytest.raises(Refusal), transaction():
        service.answer_complaint(one, " ", cast.by(cast.admin()))
    assert one.state is ComplaintState.RECEIVED
    assert queries.complaint_by(one.code, "5678") is not None
    with transaction():
        service.answer_complaint(one, "Xong", cast.by(cast.admin()))
        service.close_complaint(one)
    assert one.state is ComplaintState.CLOSED


def test_names_leave_old_complaints(rules, clock):
    clock.set("2026-01-05 10:00")
    lan = cast.buyer()
    with transaction():
        one = service.complain(ComplaintAbout.MARKET, "", "x", "Lan", "+84912345678", cast.by(lan))
        service.answer_complaint(one, "Xong", cast.by(cast.admin()))
    assert keeping.gather(lan.id)[0]["words"] == "x"
    clock.set("2027-02-05 10:00")
    with transaction():
        assert keeping.forget_old() == 1
    assert (one.name, one.phone) == ("", "")
