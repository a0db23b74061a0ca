"""Proofs: what shows that goods are what is said of them. Sent in with its paper, looked at by a reviewer, shown only
from then on and only until its last day."""

import re
from datetime import date

from sqlalchemy import select

from marketplace.catalog import ocop, queries
from marketplace.catalog.events import ProductChanged
from marketplace.catalog.models import (
    CERTIFICATE_WORDS,
    Certificate,
    CertificateKind,
    CertificateState,
    Product,
    ProductState,
)
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmMember
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db
from marketplace.foundation.events import publish as tell
from marketplace.foundation.files import StoredPaper
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.notifications import service as notifications


def add_certificate(
    subject: Product | Farm,
    kind: CertificateKind,
    number: str,
    issuer: str,
    issued_on: date,
    by: Actor,
    stars: int | None = None,
    valid_until: date | None = None,
    paper: StoredPaper | None = None,
    source_note: str = "",
) -> Certificate:
    """Send in a proof of a product or of a farm; a reviewer looks at it before anybody sees it.

    OCOP: the decision's number, issuer, day and stars (3–5) of a product; it holds as long as the rule of that day
    says (36 months). Other kinds carry their own last day. A paper or a source that can be looked up must be there.
    """
    number, issuer = number.strip(), issuer.strip()
    if not re.search(r"\d", number):
        raise Refusal(_("Ghi số của giấy, ví dụ 2361/QĐ-BNNMT."), "number")
    if len(issuer) < 3:
        raise Refusal(_("Ghi nơi cấp giấy, ví dụ UBND tỉnh Thái Nguyên."), "issuer")
    if issued_on > clock.today():
        raise Refusal(_("Ngày cấp không thể ở tương lai."), "issued_on")
    if paper is None and not source_note:
        raise Refusal(_("Chụp hoặc tải lên tờ giấy để người thẩm định kiểm tra."), "paper")
    legal_basis = ""
    if kind is CertificateKind.OCOP:
        if not isinstance(subject, Product):
            raise Refusal(_("Sao OCOP là của từng món. Hãy gửi ở trang của món đó."), "kind")
        if stars not in (3, 4, 5):
            raise Refusal(_("Chọn số sao ghi trên giấy: 3, 4 hoặc 5."), "stars")
        rule = ocop.validity_on(issued_on)
        if rule is None:
            raise Refusal(_("Chương trình OCOP bắt đầu năm 2018. Hãy xem lại ngày cấp."), "issued_on")
        valid_until, legal_basis = ocop.add_months(issued_on, rule.months), rule.legal_basis
    else:
        stars = None
        if valid_until is None:
            raise Refusal(_("Ghi ngày hết hạn có trên giấy."), "valid_until")
        if valid_until <= issued_on:
            raise Refusal(_("Ngày hết hạn phải sau ngày cấp."), "valid_until")
    if valid_until < clock.today():
        raise Refusal(
            _(
                "Giấy này đã hết hạn ngày %(day)s. Hãy gửi giấy còn hạn.",
                day=valid_until.strftime("%d/%m/%Y"),
            ),
            "issued_on",
        )
    _not_sent_before(subject, kind, number, issuer, issued_on)
    certificate = Certificate(
        product=subject if isinstance(subject, Product) else None,
        farm=subject if isinstance(subject, Farm) else None,
        kind=kind,
        number=number,
        issuer=issuer,
        issued_on=issued_on,
        valid_until=valid_until,
        stars=stars,
        paper=paper,
        source_note=source_note,
        legal_basis=legal_basis,
    )
    db.session.add(certificate)
    audit.record(by, "certificate.submitted", certificate)
    return certificate


def _not_sent_before(
    subject: Product | Farm, kind: CertificateKind, number: str, issuer: str, issued_on: date
) -> None:
    of = Certificate.product_id if isinstance(subject, Product) else Certificate.farm_id
    same = db.session.scalar(
        select(Certificate.id)
        .where(
            of == subject.id,
            Certificate.kind == kind,
            Certificate.number == number,
            Certificate.issuer == issuer,
            Certificate.issued_on == issued_on,
            Certificate.state.in_([CertificateState.SUBMITTED, CertificateState.VERIFIED]),
        )
        .limit(1)
    )
    if same is not None:
        raise Refusal(_("Giấy này đã gửi rồi, không cần gửi lại."), "number")


def look_at_certificate(certificate: Certificate, by: Actor) -> None:
    """A reviewer opens the paper: who looked when is kept."""
    audit.record(by, "certificate.looked_at", certificate)


def verify_certificate(certificate: Certificate, by: Actor) -> None:
    """A reviewer has compared paper and words: from now on it proves what it says, until its last day."""
    _not_ones_own(certificate, by)
    if certificate.valid_until < clock.today():
        raise Refusal(_("Giấy này đã hết hạn. Hãy từ chối và ghi lý do."))
    states.move(certificate, CertificateState.VERIFIED, by)
    certificate.decided_by_id = by.person_id
    _proof_changed(certificate)
    _tell_farm(certificate, "catalog/certificate_verified")


def withdraw_certificate(certificate: Certificate, by: Actor, reason: str) -> None:
    """The proof is not accepted, or was taken back by who gave it: it proves nothing from now on."""
    _not_ones_own(certificate, by)
    if len(reason.strip()) < 5:
        raise Refusal(_("Ghi lý do để người bán hiểu và sửa được."), "reason")
    states.move(certificate, CertificateState.WITHDRAWN, by, reason)
    certificate.decided_by_id = by.person_id
    certificate.reason = reason.strip()
    _proof_changed(certificate)
    _tell_farm(certificate, "catalog/certificate_withdrawn")


def _not_ones_own(certificate: Certificate, by: Actor) -> None:
    member = db.session.scalar(
        select(FarmMember.id).where(
            FarmMember.farm_id == queries.owner_farm(certificate).id, FarmMember.person_id == by.person_id
        )
    )
    if member is not None:
        raise Conflict(_("Đây là giấy của gian hàng bạn. Hãy để người khác thẩm định."))


def lapse_certificates() -> None:
    """Certificates whose last day is over prove nothing any more: the star disappears, search follows."""
    for certificate in queries.lapsed_on(clock.today()):
        states.move(certificate, CertificateState.LAPSED, SYSTEM)
        _proof_changed(certificate)
        _tell_farm(certificate, "catalog/certificate_lapsed")


def _tell_farm(certificate: Certificate, template: str) -> None:
    """Everybody who works for the farm hears how its paper stands."""
    farm, product = queries.owner_farm(certificate), certificate.product
    path = f"/sell/products/{product.code}/certificates" if product else None
    for member in farmers.members_recipients(farm):
        notifications.send(
            member,
            template,
            path,
            subject_name=product.name if product else farm.name,
            kind=CERTIFICATE_WORDS[certificate.kind],
            number=certificate.number,
            reason=certificate.reason,
            until=certificate.valid_until,
        )


def _proof_changed(certificate: Certificate) -> None:
    """Buyers see another star or badge: on the product, or on everything of the farm."""
    db.session.flush()
    if certificate.product_id is not None:
        tell(ProductChanged(certificate.product_id))
        return
    for product_id in db.session.scalars(
        select(Product.id).where(
            Product.farm_id == certificate.farm_id, Product.state == ProductState.ON_SALE
        )
    ):
        tell(ProductChanged(product_id))
