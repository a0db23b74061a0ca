"""Proofs: what shows that goods are what is said of them. Sent in with its paper, looked at by a reviewer, shown only
from then on and only until its last day."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from marketplace.accounts import queries as people
from marketplace.catalog import ocop, papers
from marketplace.catalog.events import ProductChanged
from marketplace.catalog.models import (
    CERTIFICATE_WORDS,
    Certificate,
    CertificateKind,
    CertificateState,
    Evidence,
    Product,
    ProductState,
)
from marketplace.dossiers import queries as dossiers_seen
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import DossierState
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmMember
from marketplace.foundation import audit, clock, files, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish as tell
from marketplace.foundation.files import StoredPaper
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.words import _
from marketplace.notifications import service as notifications
from marketplace.notifications.models import Recipient


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
    score: int | None = None,
    renews: Certificate | None = None,
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
        if score is not None and ocop.stars_of_score(score) != stars:
            raise Refusal(
                _("Điểm này không thành %(stars)s sao. Hãy xem lại điểm và số sao trên giấy.", stars=stars),
                "score",
            )
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
    if kind is not CertificateKind.OCOP:
        _not_anothers(subject, kind, number, issuer)
    if renews is not None and (renews.kind is not kind or _farm_of(renews) != _farm_id(subject)):
        raise Refusal(_("Giấy cũ không cùng loại hoặc không phải của gian hàng này."), "renews")
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
        score=score if kind is CertificateKind.OCOP else None,
        renews=renews,
    )
    db.session.add(certificate)
    audit.record(by, "certificate.submitted", certificate)
    return certificate


def send_certificate(
    subject: Product | Farm,
    kind: CertificateKind,
    number: str,
    issuer: str,
    issued_on: date,
    by: Actor,
    paper: StoredPaper,
    stars: int | None = None,
    valid_until: date | None = None,
    score: int | None = None,
    renews: Certificate | None = None,
) -> Certificate:
    """The farm sends a proof in: as a dossier with its appointment, which a reviewer answers beside the paper."""
    made = add_certificate(
        subject, kind, number, issuer, issued_on, by, stars, valid_until, paper, score=score, renews=renews
    )
    key = "attach_ocop_certificate" if kind is CertificateKind.OCOP else "attach_certificate"
    if key not in {one.key for one in dossiers_seen.procedures()}:
        return made
    db.session.flush()
    owner = farmers.owner_of(papers.owner_farm(made))
    made.dossier = dossiers.open(key, owner, Certificate.__tablename__, made.id, _facts(made), SYSTEM)
    dossiers.attach_paper(made.dossier, "certificate", paper, SYSTEM)
    dossiers.submit(made.dossier, SYSTEM)
    return made


def _facts(certificate: Certificate) -> dict[str, str]:
    subject = certificate.product or certificate.farm
    assert subject is not None
    return {
        "subject": subject.name,
        "kind": certificate.kind.value,
        "number": certificate.number,
        "issuer": certificate.issuer,
        "issued_on": certificate.issued_on.isoformat(),
        "valid_until": certificate.valid_until.isoformat(),
        "stars": str(certificate.stars or ""),
    }


def _farm_id(subject: Product | Farm) -> int:
    return subject.id if isinstance(subject, Farm) else subject.farm_id


def _farm_of(certificate: Certificate) -> int:
    return papers.owner_farm(certificate).id


def _not_anothers(subject: Product | Farm, kind: CertificateKind, number: str, issuer: str) -> None:
    """One OCOP decision names many products; any other number belongs to one farm."""
    for other in db.session.scalars(
        select(Certificate).where(
            Certificate.kind == kind,
            Certificate.number == number,
            Certificate.issuer == issuer,
            Certificate.state.in_([CertificateState.SUBMITTED, CertificateState.VERIFIED]),
        )
    ):
        if _farm_of(other) != _farm_id(subject):
            raise Refusal(_("Số này là giấy của gian hàng khác. Hãy xem lại số trên giấy của bạn."), "number")


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


def look_at_certificate(certificate: Certificate, by: Actor) -> bytes:
    """A reviewer opens the paper: who looked when is kept. Raises Missing where none came with it."""
    if certificate.paper is None:
        raise Missing()
    return files.open_paper(certificate.paper, by, certificate, "certificate.looked_at")


def verify_certificate(
    certificate: Certificate, by: Actor, grade: Evidence = Evidence.A, evidence: str = ""
) -> None:
    """A reviewer has compared paper and words: from now on it proves what it says, until its last day.

    `grade` says how well: B needs the source where it was seen (`evidence`); C, the seller's word alone, is noted and
    never shows. Two reviewers at once: the second is told (Conflict).
    """
    _not_ones_own(certificate, by)
    _claim(certificate)
    if certificate.valid_until < clock.today():
        raise Refusal(_("Giấy này đã hết hạn. Hãy từ chối và ghi lý do."))
    if grade is Evidence.B and not evidence.strip() and not certificate.source_note:
        raise Refusal(_("Mức B cần nguồn: địa chỉ trang báo hoặc trang của cơ quan đã xác nhận."), "evidence")
    to = CertificateState.NOTED if grade is Evidence.C else CertificateState.VERIFIED
    certificate.grade, certificate.evidence = grade, evidence.strip()[:300]
    states.move(certificate, to, by, grade.value)
    certificate.decided_by_id = by.person_id
    _close_dossier(certificate, by, "")
    _proof_changed(certificate)
    is_proved = to is CertificateState.VERIFIED
    _tell_farm(certificate, "catalog/certificate_verified" if is_proved else "catalog/certificate_noted")


def _close_dossier(certificate: Certificate, by: Actor, reason: str) -> None:
    """The dossier it came in with is answered in the same breath."""
    dossier = certificate.dossier
    if dossier is None or not dossier.is_with_us:
        return
    if dossier.state is DossierState.SUBMITTED:
        dossiers.receive(dossier, by)
    if reason:
        dossiers.refuse(dossier, reason, by)
        return
    if dossier.state is DossierState.RECEIVED:
        dossiers.appraise(dossier, by)
    dossiers.approve(dossier, by)


def _claim(certificate: Certificate) -> None:
    """Two reviewers at one paper come one after the other."""
    db.session.flush()
    claim(Certificate, [certificate.id])


def withdraw_certificate(certificate: Certificate, by: Actor, reason: str) -> None:
    """The proof is not accepted, or was taken back by who gave it: it proves nothing from now on."""
    _not_ones_own(certificate, by)
    if len(reason.strip()) < 5:
        raise Refusal(_("Ghi lý do để người bán hiểu và sửa được."), "reason")
    _claim(certificate)
    states.move(certificate, CertificateState.WITHDRAWN, by, reason)
    certificate.decided_by_id = by.person_id
    certificate.reason = reason.strip()
    _close_dossier(certificate, by, certificate.reason)
    _proof_changed(certificate)
    _tell_farm(certificate, "catalog/certificate_withdrawn")


def _not_ones_own(certificate: Certificate, by: Actor) -> None:
    member = db.session.scalar(
        select(FarmMember.id).where(
            FarmMember.farm_id == papers.owner_farm(certificate).id,
            FarmMember.person_id == by.person_id,
        )
    )
    if member is not None:
        raise Conflict(_("Đây là giấy của gian hàng bạn. Hãy để người khác thẩm định."))


def lapse_certificates() -> None:
    """Certificates whose last day is over prove nothing any more: the star disappears, search follows."""
    for certificate in _lapsed_on(clock.today()):
        states.move(certificate, CertificateState.LAPSED, SYSTEM)
        _proof_changed(certificate)
        _tell_farm(certificate, "catalog/certificate_lapsed")


REMIND_DAYS = (90, 30, 7)


def watch_certificates() -> int:
    """Say 90, 30 and 7 days before the end that a proof runs out, to the farm and to whoever teaches in its commune;
    each once. Returns how many were told of."""
    today, told = clock.today(), 0
    for certificate in _running_out(today, today + timedelta(days=max(REMIND_DAYS))):
        left = (certificate.valid_until - today).days
        due = min(days for days in REMIND_DAYS if left <= days)
        if certificate.reminded_days is not None and certificate.reminded_days <= due:
            continue
        certificate.reminded_days = due
        farm = papers.owner_farm(certificate)
        trainers = people.trainers_in(farm.commune_code) if farm.commune_code else []
        _tell_farm(
            certificate,
            "catalog/certificate_running_out",
            also=[people.recipient_of(trainer) for trainer in trainers],
            days=left,
        )
        audit.record(SYSTEM, "certificate.reminded", certificate, days=due)
        told += 1
    return told


def _tell_farm(certificate: Certificate, template: str, also: Sequence[Recipient] = (), **facts: Any) -> None:
    """Everybody who works for the farm hears how its paper stands."""
    farm, product = papers.owner_farm(certificate), certificate.product
    path = f"/sell/products/{product.code}/certificates" if product else "/sell/certificates"
    for member in [*farmers.members_recipients(farm), *also]:
        notifications.send(
            member,
            template,
            path,
            subject_name=product.name if product else farm.name,
            kind=CERTIFICATE_WORDS[certificate.kind],
            number=certificate.number,
            reason=certificate.reason,
            until=certificate.valid_until,
            farm=farm.name,
            **facts,
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


def _running_out(day: date, until: date) -> list[Certificate]:
    """Verified certificates whose last day lies between the two, the nearest first; without those already renewed."""
    renewed = (
        select(Certificate.renews_id)
        .where(Certificate.renews_id.is_not(None), Certificate.state == CertificateState.VERIFIED)
        .scalar_subquery()
    )
    return list(
        db.session.scalars(
            select(Certificate)
            .where(
                Certificate.state == CertificateState.VERIFIED,
                Certificate.valid_until >= day,
                Certificate.valid_until <= until,
                Certificate.id.not_in(renewed),
            )
            .order_by(Certificate.valid_until, Certificate.id)
        )
    )


def _lapsed_on(day: date) -> list[Certificate]:
    """Verified certificates whose last day is before `day`."""
    return list(
        db.session.scalars(
            select(Certificate)
            .where(Certificate.state == CertificateState.VERIFIED, Certificate.valid_until < day)
            .order_by(Certificate.id)
        )
    )
