"""For reviewers: the certificates that wait, one paper beside its words and the decision."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from marketplace.accounts import queries as people
from marketplace.catalog import checks, looks, ocop, papers, queries, service
from marketplace.catalog import history as told
from marketplace.catalog.forms import DecisionForm, RefusalForm
from marketplace.catalog.models import (
    CERTIFICATE_WORDS,
    EVIDENCE_WORDS,
    HANDLING_WORDS,
    Certificate,
    CertificateKind,
    CertificateState,
    Evidence,
    ListingReview,
)
from marketplace.farmers import queries as farmers
from marketplace.foundation.access import current_actor, person, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.files import check_paper_token, paper_token
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import Pager, notice, page, private_file, redirect_to
from marketplace.foundation.words import Text, _

bp = Blueprint("catalog_admin", __name__)
bp.before_request(lambda: require_role("reviewer", "admin"))

REASONS = (
    _("Ảnh mờ hoặc thiếu trang có số, ngày và tên sản phẩm. Hãy chụp lại cả trang."),
    _("Số trên giấy không khớp với số đã ghi. Hãy ghi đúng như trên giấy."),
    _("Giấy này là của sản phẩm khác. Hãy gửi giấy của đúng món này."),
    _("Người hoặc cơ sở trên giấy không phải gian hàng của bạn. Hãy gửi giấy đứng tên gian hàng."),
    _("Nơi cấp không có quyền cấp loại giấy này vào ngày đó. Hãy xem lại nơi cấp và ngày cấp."),
)
"""Sentences to pick and edit, about a paper."""

LISTING_REASONS = (
    _("Thực phẩm không được nói chữa hay phòng bệnh. Hãy bỏ câu đó rồi gửi lại."),
    _("Hình mờ hoặc không phải món này. Hãy chụp chính món hàng, ngoài trời sáng."),
    _("Tên chưa nói rõ là món gì. Hãy ghi tên như bạn vẫn gọi khi bán."),
    _("Món này không được bán trên chợ. Nếu chợ hiểu nhầm, hãy ghi rõ hơn trong phần giới thiệu."),
    _("Nguồn gốc chưa rõ. Hãy gửi giấy vùng trồng, hoặc ghi nơi bạn lấy hàng."),
)
"""Sentences to pick and edit, about a listing."""


@bp.get("/certificates")
def certificates() -> Any:
    """What waits, oldest first; then what was decided lately."""
    return page(
        "catalog/admin/certificates.html",
        waiting=papers.to_check(),
        decided=papers.decided(),
        words=CERTIFICATE_WORDS,
        farm_of=papers.owner_farm,
    )


@bp.get("/certificates/<code>")
def certificate(code: str) -> Any:
    """Paper and words side by side."""
    return _show(papers.one(code))


@bp.get("/certificates/dossiers/<code>")
def dossier(code: str) -> Any:
    """From the dossier a certificate came in with to its own page."""
    return redirect_to("catalog_admin.certificate", code=papers.of_dossier(code).code)


@bp.get("/certificates/papers/<token>")
def paper(token: str) -> Any:
    """The paper, by a link that opens for this person for five minutes. Each look is written down."""
    stored = check_paper_token(token, person().id)
    found = papers.on_paper(stored.id)
    with transaction():
        data = service.look_at_certificate(found, current_actor())
        kind, name = stored.content_type, stored.filename
    return private_file(data, kind, name)


@bp.post("/certificates/<code>/verification")
def verify(code: str) -> Any:
    """The words are those of the paper: it proves what it says."""
    form = DecisionForm()
    found = papers.one(code)
    if not form.validate_on_submit():
        raise Conflict(_("Hãy mở lại trang giấy này rồi quyết định."))
    return _decide(
        found,
        form,
        lambda: service.verify_certificate(
            found, current_actor(), Evidence(form.grade.data or "A"), form.evidence.data or ""
        ),
        _("Đã xác nhận. Người bán nhận được tin báo."),
    )


@bp.post("/certificates/<code>/withdrawal")
def withdraw(code: str) -> Any:
    """Not accepted, or taken back."""
    form = RefusalForm()
    found = papers.one(code)
    if form.validate_on_submit():
        return _decide(
            found,
            form,
            lambda: service.withdraw_certificate(found, current_actor(), form.reason.data or ""),
            _("Đã ghi lý do và báo cho người bán."),
        )
    return _show(found, 422, form)


# -- listings that wait for a look -------------------------------------------------------------------------------------


@bp.get("/listings")
def listings() -> Any:
    """What waits, oldest first; then what was decided lately."""
    return page(
        "catalog/admin/listings.html",
        waiting=looks.waiting(),
        reason_words=checks.reason_words,
        decided=looks.decided(),
    )


@bp.get("/listings/<code>")
def listing(code: str) -> Any:
    """One listing, and why a person looks at it."""
    return _show_listing(looks.look(code))


@bp.post("/listings/<code>/acceptance")
def accept_listing(code: str) -> Any:
    """It is as it should be."""
    review = looks.look(code)
    form = DecisionForm()
    if not form.validate_on_submit():
        raise Conflict(_("Hãy mở lại trang món này rồi quyết định."))
    with transaction():
        _as_it_was_seen(review, form)
        service.accept_listing(review, current_actor())
    notice(_("Đã nhận. Người bán nhận được tin báo."))
    return redirect_to("catalog_admin.listings")


@bp.post("/listings/<code>/return")
def send_listing_back(code: str) -> Any:
    """Not like this, and why."""
    review = looks.look(code)
    form = RefusalForm()
    if form.validate_on_submit():
        try:
            with transaction():
                _as_it_was_seen(review, form)
                service.send_listing_back(review, current_actor(), form.reason.data or "")
            notice(_("Đã ghi lý do và báo cho người bán."))
            return redirect_to("catalog_admin.listings")
        except (Missing, Conflict):
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    return _show_listing(looks.look(code), 422, form)


@bp.get("/products/<code>/history")
def history(code: str) -> Any:
    """Who did what with a listing, for whom, when: also with its packs, lots and papers."""
    product = queries.product_to_look_at(code)
    pager = Pager(told.count_written(product), per_page=50)
    return page(
        "catalog/admin/history.html",
        product=product,
        written=told.written(product, pager.offset, pager.limit, names_reviewers=True),
        pager=pager,
    )


def _as_it_was_seen(review: ListingReview, form: DecisionForm | RefusalForm) -> None:
    if f"{review.version}.{review.product.version}" != form.seen.data:
        raise Conflict(_("Món này vừa được sửa. Hãy tải lại trang để xem bản mới."))


def _show_listing(review: ListingReview, status: int = 200, form: RefusalForm | None = None) -> Any:
    product = review.product
    return page(
        "catalog/admin/listing.html",
        status,
        review=review,
        reason_words=checks.reason_words,
        handlings=HANDLING_WORDS,
        reasons=LISTING_REASONS,
        category=ocop.category_name(product.set_no) if product.is_categorised else "",
        is_own=any(member.person_id == person().id for member in product.farm.members),
        form=form or RefusalForm(data={"seen": f"{review.version}.{product.version}"}),
    )


def _decide(
    found: Certificate, form: DecisionForm | RefusalForm, verb: Callable[[], None], said: Text
) -> Any:
    """A decision about what the page showed; Conflict when it changed meanwhile."""
    code = found.code
    try:
        with transaction():
            if str(found.version) != form.seen.data:
                raise Conflict(
                    _("Có người vừa thay đổi giấy này trước bạn. Hãy tải lại trang để xem bản mới.")
                )
            verb()
    except (Missing, Conflict):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        shown = form if isinstance(form, RefusalForm) else None
        if shown is None:
            notice(refusal.sentence, "bad")
            return redirect_to("catalog_admin.certificate", code=code)
        return _show(papers.one(code), 422, shown)
    notice(said)
    return redirect_to("catalog_admin.certificates")


def _show(found: Certificate, status: int = 200, form: RefusalForm | None = None) -> Any:
    farm = papers.owner_farm(found)
    is_ocop = found.kind is CertificateKind.OCOP
    return page(
        "catalog/admin/certificate.html",
        status,
        certificate=found,
        farm=farm,
        farm_place=farmers.address_of(farm),
        kind_name=CERTIFICATE_WORDS[found.kind],
        authority=ocop.authority_on(found.issued_on, found.stars) if is_ocop and found.stars else None,
        same=papers.same_decision(found),
        farm_of=papers.owner_farm,
        token=paper_token(found.paper, person().id) if found.paper else None,
        is_own=any(member.person_id == person().id for member in farm.members),
        form=form or RefusalForm(formdata=None, data={"seen": str(found.version)}),
        decision_form=DecisionForm(formdata=None, data={"seen": str(found.version), "grade": "A"}),
        grade=EVIDENCE_WORDS[found.grade] if found.grade else None,
        reasons=REASONS,
        trail=people.deeds_of(found, told.DEEDS),
        waits=found.state is CertificateState.SUBMITTED,
    )
