"""Certificates as a reviewer sees them, and as anybody may look one up by its code or its number."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from marketplace.catalog.models import Certificate, CertificateState, Product
from marketplace.dossiers.models import Dossier
from marketplace.farmers.models import Farm
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import _


def to_check() -> list[Certificate]:
    """Certificates waiting for a reviewer, oldest first."""
    return _for_reviewer(
        select(Certificate)
        .where(Certificate.state == CertificateState.SUBMITTED)
        .order_by(Certificate.created_at, Certificate.id)
    )


def decided(limit: int = 50) -> list[Certificate]:
    """Those decided lately, newest first."""
    return _for_reviewer(
        select(Certificate)
        .where(Certificate.state != CertificateState.SUBMITTED)
        .order_by(
            func.coalesce(Certificate.withdrawn_at, Certificate.verified_at).desc(), Certificate.id.desc()
        )
        .limit(limit)
    )


def one(code: str) -> Certificate:
    """The certificate with this code, for a reviewer."""
    found = _for_reviewer(select(Certificate).where(Certificate.code == code))
    if not found:
        raise Missing()
    return found[0]


def of_dossier(code: str) -> Certificate:
    """The certificate that came in with a dossier, for a reviewer."""
    found = _for_reviewer(
        select(Certificate).join(Dossier, Dossier.id == Certificate.dossier_id).where(Dossier.code == code)
    )
    if not found:
        raise Missing()
    return found[0]


def on_paper(paper_id: int) -> Certificate:
    """The certificate a stored paper belongs to."""
    found = _for_reviewer(select(Certificate).where(Certificate.paper_id == paper_id))
    if not found:
        raise Missing()
    return found[0]


def owner_farm(certificate: Certificate) -> Farm:
    """The farm it belongs to, itself or through its product."""
    farm = certificate.farm or (certificate.product.farm if certificate.product else None)
    assert farm is not None, "a certificate has one subject"
    return farm


def same_decision(certificate: Certificate) -> list[Certificate]:
    """Other certificates that name the same decision: one decision recognises many products, so this is no fault,
    but a reviewer wants to see it."""
    return _for_reviewer(
        select(Certificate)
        .where(
            Certificate.id != certificate.id,
            Certificate.number == certificate.number,
            Certificate.issued_on == certificate.issued_on,
        )
        .order_by(Certificate.id)
        .limit(10)
    )


def _for_reviewer(rows: Select[Certificate]) -> list[Certificate]:
    return list(
        db.session.scalars(
            rows.options(
                joinedload(Certificate.product).joinedload(Product.farm),
                joinedload(Certificate.farm),
                joinedload(Certificate.paper),
            )
        )
    )


def of_farm(farm: Farm) -> list[Certificate]:
    """Every certificate ever sent for the farm itself, newest first."""
    return list(
        db.session.scalars(
            select(Certificate).where(Certificate.farm_id == farm.id).order_by(Certificate.id.desc())
        )
    )


def shown(code: str) -> Certificate:
    """A certificate everybody may look at: one a reviewer accepted, also after its end; raises Missing."""
    seen = (CertificateState.VERIFIED, CertificateState.LAPSED, CertificateState.WITHDRAWN)
    found = _for_reviewer(
        select(Certificate).where(
            Certificate.code == code, Certificate.state.in_(seen), Certificate.verified_at.is_not(None)
        )
    )
    if not found:
        raise Missing(_("Không có giấy chứng nhận nào mang mã này. Hãy tra theo số trên giấy."))
    return found[0]


def by_number(number: str) -> list[Certificate]:
    """What proves something, or did, under a number as printed (spaces and case do not matter), newest first."""
    wanted = "".join(number.split()).casefold()
    stem = wanted.partition("/")[0][:20]
    if not stem:
        return []
    rows = _for_reviewer(
        select(Certificate)
        .where(
            Certificate.number.icontains(stem, autoescape=True),
            Certificate.state.in_((CertificateState.VERIFIED, CertificateState.LAPSED)),
        )
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
        .limit(200)
    )
    exact = [row for row in rows if "".join(row.number.split()).casefold() == wanted]
    return exact or [row for row in rows if "".join(row.number.split()).casefold().startswith(wanted)][:20]
