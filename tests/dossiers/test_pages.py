"""Pages of procedures and dossiers: what everybody sees, what only the secret opens, what a handler decides."""

import io

import pytest

from marketplace.dossiers import queries, service
from marketplace.dossiers.models import Dossier, DossierState
from marketplace.foundation import audit
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import paper_token, read_paper
from tests import cast, make


@pytest.fixture
def dossier(app) -> Dossier:
    """An's application, handed in."""
    return applied(cast.farmer_an())


@pytest.fixture
def with_photo(app) -> Dossier:
    photo = read_paper(make.picture(), "can-cuoc.jpg")
    return applied(cast.farmer_an(), id_photo=photo)


@pytest.fixture
def reviewer(visit):
    return visit.sign_in(cast.reviewer())


def applied(owner, **who) -> Dossier:
    farm = make.application(owner, **who)
    found = queries.dossier_of("farm", farm.id)
    assert found is not None
    return found


def now(dossier: Dossier) -> DossierState:
    db.session.rollback()
    return db.session.get_one(Dossier, dossier.id).state


def at(dossier: Dossier, state: str) -> None:
    """Let the reviewer bring it so far."""
    by = Actor.of(cast.reviewer().id)
    with transaction():
        for verb in {"received": ("receive",), "appraised": ("receive", "appraise")}[state]:
            getattr(service, verb)(dossier, by)


# -- for everybody ------------------------------------------------------------------------------------------------


def test_procedures_are_published_with_steps_papers_fee_and_time(visit):
    make.procedures()
    page = visit("/procedures").follow("Mở gian hàng nông sản")
    assert page.h1 == "Mở gian hàng nông sản"
    for said in (
        "3 ngày làm việc",
        "Không mất phí",
        "122/2025/QH15",
        "Thẩm định",
        "căn cước",
        "chờ hướng dẫn",
    ):
        assert said in page
    page.follow("Làm thủ tục này", status=303)


def test_procedures_in_english(visit):
    make.procedures()
    page = visit.speak("en")("/procedures/open_farm_shop")
    assert page.h1 == "Open a farm shop" and "Reception" in page


def test_no_such_procedure(visit):
    visit("/procedures/nothing", status=404)
    assert "Chưa có thủ tục" in visit("/procedures")


def test_the_secret_opens_the_tracking_page(visit, dossier):
    page = visit(f"/dossiers/{dossier.code}", key=dossier.secret)
    assert "Đã nộp, chờ tiếp nhận" in page and "Trả lời chậm nhất" in page
    for private in ("Nguyễn Văn An", "0912", "Hồng Thái", "7890"):
        assert private not in page.text.replace("·", "")
    assert page.answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("key", ["WRONG", "", "%00", "ữ", "x" * 500])
def test_without_the_secret_there_is_no_such_dossier(visit, dossier, key):
    page = visit(f"/dossiers/{dossier.code}?key={key}", status=404)
    assert "Trả lời chậm nhất" not in page


def test_looked_up_by_the_two_codes_of_the_slip(visit, dossier):
    form = visit("/dossiers").form("/dossiers")
    assert "Đã nộp" in form.submit(code=dossier.code.lower(), key=dossier.secret.lower())
    page = form.submit(code=dossier.code, key="NOTTHIS", status=404)
    assert "Không tìm thấy hồ sơ" in page


def test_the_applicant_needs_no_secret_and_another_person_does(visit, dossier):
    assert "Đã nộp" in visit.sign_in(cast.farmer_an())(f"/dossiers/{dossier.code}")
    visit.another().sign_in(cast.farmer_binh())(f"/dossiers/{dossier.code}", status=404)


# -- for handlers -------------------------------------------------------------------------------------------------


def test_only_handlers_have_this_desk(visit, dossier):
    for path in ("/admin/dossiers", "/admin/dossiers/register", f"/admin/dossiers/{dossier.code}"):
        visit.another()(path, status=303)
        for person in (cast.buyer(), cast.farmer_an(), cast.clerk(), cast.trainer(), cast.cashier()):
            visit.another().sign_in(person)(path, status=403)
        for person in (cast.reviewer(), cast.admin()):
            visit.another().sign_in(person)(path)


def test_from_the_list_to_the_result(reviewer, dossier):
    page = reviewer("/admin/dossiers").follow(dossier.code)
    assert "•••• 7890" in page and "1234567890" not in page.html and "Hộ gia đình" in page
    page = page.form(f"/admin/dossiers/{dossier.code}/reception").submit()
    assert "Đã tiếp nhận" in page and "Vũ Quốc Dũng" in page
    page = page.form(f"/admin/dossiers/{dossier.code}/appraisal").submit()
    page = page.form(f"/admin/dossiers/{dossier.code}/approval").submit()
    assert "Đã trả kết quả" in page
    assert now(dossier) is DossierState.RETURNED
    assert "Không còn hồ sơ nào chờ" in reviewer("/admin/dossiers")


def test_sent_back_with_a_reason_and_what_is_missing(reviewer, dossier):
    at(dossier, "received")
    form = reviewer(f"/admin/dossiers/{dossier.code}").form(f"/admin/dossiers/{dossier.code}/request")
    page = form.submit(status=422, missing="address")
    assert "Hãy ghi lý do" in page and now(dossier) is DossierState.RECEIVED
    reason = "Thiếu <b>số nhà</b> & “mốc”."
    page = page.form(f"/admin/dossiers/{dossier.code}/request").submit(reason=reason, missing="address")
    assert "Đang chờ người nộp bổ sung" in page
    assert (
        now(dossier) is DossierState.NEEDS_PAPERS
        and dossier.missing == ["address"]
        and dossier.reason == reason
    )
    assert reason in reviewer(f"/admin/dossiers/{dossier.code}")
    assert reason in reviewer.another()(f"/dossiers/{dossier.code}", key=dossier.secret)


def test_the_photo_of_a_wrong_paper_goes_back_and_the_right_one_takes_its_place(reviewer, with_photo):
    at(with_photo, "received")
    page = reviewer(f"/admin/dossiers/{with_photo.code}")
    said = "Ảnh gửi lên không phải tờ giấy được hỏi. Hãy chụp đúng tờ giấy ghi trong danh sách."
    assert said in page
    page.form(f"/admin/dossiers/{with_photo.code}/request").submit(reason=said, missing="id_photo")
    an = reviewer.another().sign_in(cast.farmer_an())
    page = an("/sell/start")
    assert said in page and "Cần xem lại" in page
    wrong = with_photo.current_paper("id_photo").id
    form = page.follow("Bạn là ai?").form("/sell/start/who")
    # Not a picture at all: said beside the field, and the dossier holds what it held.
    page = form.submit(status=422, id_photo=(io.BytesIO(b"MZ not a photo"), "giay.jpg"))
    assert now(with_photo) is DossierState.NEEDS_PAPERS and with_photo.current_paper("id_photo").id == wrong
    page.form("/sell/start/who").submit(id_photo=(make.picture(90), "can-cuoc.jpg"))
    an("/sell/start").form("/sell/start/submission").submit()
    assert now(with_photo) is DossierState.SUBMITTED
    papers = [one for one in with_photo.papers if one.kind == "id_photo"]
    assert len(papers) == 2 and papers[0].replaced_at is not None
    assert with_photo.current_paper("id_photo").id == papers[1].id != wrong


def test_what_is_missing_must_be_of_the_procedure(reviewer, dossier):
    at(dossier, "received")
    path = f"/admin/dossiers/{dossier.code}/request"
    reviewer.post(path, status=422, reason="Vì thế.", missing="passport", seen=dossier.version)
    assert now(dossier) is DossierState.RECEIVED


def test_refused_with_a_reason(reviewer, dossier):
    path = f"/admin/dossiers/{dossier.code}/refusal"
    form = reviewer(f"/admin/dossiers/{dossier.code}").form(path)
    assert "Hãy ghi lý do" in form.submit(status=422, reason="  ")
    assert now(dossier) is DossierState.SUBMITTED
    form.submit(reason="Không tự làm ra nông sản.")
    assert now(dossier) is DossierState.REFUSED
    assert "Không tự làm ra nông sản." in reviewer.another()(f"/dossiers/{dossier.code}", key=dossier.secret)


def test_an_old_page_decides_nothing(reviewer, dossier):
    old = reviewer(f"/admin/dossiers/{dossier.code}").form(f"/admin/dossiers/{dossier.code}/refusal")
    at(dossier, "received")
    page = old.submit(status=409, reason="Vì thế.")
    assert "vừa có thay đổi" in page and now(dossier) is DossierState.RECEIVED


def test_two_presses_receive_once(reviewer, dossier):
    form = reviewer(f"/admin/dossiers/{dossier.code}").form(f"/admin/dossiers/{dossier.code}/reception")
    form.submit()
    form.submit(status=409)
    assert [entry.verb for entry in audit.trail(dossier)].count("dossier.received") == 1


@pytest.mark.parametrize("deed", ["reception", "appraisal", "approval", "request", "refusal"])
def test_no_deed_without_a_token_or_a_role(visit, dossier, deed):
    path = f"/admin/dossiers/{dossier.code}/{deed}"
    visit.another().sign_in(cast.reviewer()).post(
        path, status=400, token=False, seen=dossier.version, reason="Vì."
    )
    visit.another().sign_in(cast.farmer_an()).post(path, status=403, seen=dossier.version, reason="Vì thế.")
    assert now(dossier) is DossierState.SUBMITTED


def test_ones_own_dossier_is_for_somebody_else(reviewer):
    own = applied(cast.reviewer())
    page = reviewer(f"/admin/dossiers/{own.code}")
    assert "hồ sơ của chính bạn" in page
    reviewer.post(f"/admin/dossiers/{own.code}/reception", status=422, seen=own.version)
    assert now(own) is DossierState.SUBMITTED


def test_papers_open_for_five_minutes_for_one_person_and_leave_a_trace(reviewer, with_photo, clock):
    clock.set("2026-11-23 09:00")
    page = reviewer(f"/admin/dossiers/{with_photo.code}")
    looks = [entry.verb for entry in audit.trail(with_photo)].count("dossier.view_paper")
    address = next(img.get("src") for img in page.all("img") if "/papers/" in img.get("src"))
    answer = reviewer.raw("GET", address)
    assert answer.status_code == 200 and answer.mimetype == "image/jpeg" and answer.data[:2] == b"\xff\xd8"
    assert (
        answer.headers["Cache-Control"] == "no-store"
        and "sandbox" in answer.headers["Content-Security-Policy"]
    )
    assert [entry.verb for entry in audit.trail(with_photo)].count("dossier.view_paper") == looks + 1
    for somebody in (cast.admin(), cast.farmer_an(), cast.buyer()):
        answer = reviewer.another().sign_in(somebody).raw("GET", address)
        assert answer.status_code in (403, 404) and b"\xff\xd8" not in answer.data
    clock.forward(minutes=6)
    assert reviewer.raw("GET", address).status_code == 404
    assert [entry.verb for entry in audit.trail(with_photo)].count("dossier.view_paper") == looks + 1


def test_a_token_opens_no_paper_of_a_dossier_one_does_not_handle(visit, with_photo):
    stored, cashier = with_photo.current_paper("id_photo").paper, cast.cashier()
    visit.sign_in(cashier)
    assert visit.raw("GET", f"/admin/dossiers/papers/{paper_token(stored, cashier.id)}").status_code == 403


def test_a_pdf_is_opened_not_shown(reviewer):
    pdf = read_paper(io.BytesIO(b"%PDF-1.4\nx\n%%EOF"), "Giấy.pdf")
    found = applied(cast.farmer_an(), id_photo=pdf)
    page = reviewer(f"/admin/dossiers/{found.code}")
    address = page.links["Mở tệp PDF"]
    assert reviewer.raw("GET", address).mimetype == "application/pdf"


def test_the_register(reviewer, dossier):
    page = reviewer("/admin/dossiers/register")
    assert dossier.code in page
    assert dossier.code not in page.form("/admin/dossiers/register").submit(state="refused")
    assert dossier.code in page.form("/admin/dossiers/register").submit(q="Nguyễn Văn An", state="submitted")
    assert "Không có hồ sơ nào" in reviewer(
        "/admin/dossiers/register?q=%00%25&state=x&page=99999999&procedure='"
    )


def test_another_code_is_no_dossier(reviewer, dossier):
    reviewer("/admin/dossiers/HSNOTHING", status=404)
