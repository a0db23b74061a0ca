"""The certificates of the farm itself, which hold for everything it sells."""

from typing import Any

from flask import Blueprint, request

from marketplace.catalog import papers, queries, service
from marketplace.catalog.forms import CertificateForm
from marketplace.catalog.models import (
    CERTIFICATE_WORDS,
    EVIDENCE_WORDS,
    Certificate,
    CertificateKind,
    Product,
)
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.files import keep_paper
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("proofs", __name__)
KINDS = [kind for kind in CertificateKind if kind is not CertificateKind.OCOP]


def _farm() -> Farm:
    farm = farmers.my_farm(person())
    if farm is None:
        raise Missing(_("Bạn chưa có gian hàng. Hãy mở gian hàng trước."))
    return farm


def send(of: Farm | Product, form: CertificateForm, renews: Certificate | None) -> None:
    """What the form says of a proof, with its paper, on its way to the reviewer."""
    by, issued_on, paper = current_actor(), form.issued_on.data, form.paper.data
    assert issued_on is not None and paper is not None, "the form was not validated"
    is_ocop = form.chosen_kind is CertificateKind.OCOP
    service.send_certificate(
        of,
        form.chosen_kind,
        form.number.data,
        form.issuer.data,
        issued_on,
        by,
        stars=int(form.stars.data) if is_ocop and form.stars.data else None,
        valid_until=form.valid_until.data,
        paper=keep_paper(paper, "", by, "certificate"),
        score=form.score.data if is_ocop else None,
        renews=renews,
    )


@bp.get("")
def certificates() -> Any:
    """What the farm has sent, and how it stands."""
    if farmers.my_farm(person()) is None:
        return redirect_to("farmers_farmer.start")
    farm = _farm()
    return page(
        "catalog/farmer/proofs.html",
        farm=farm,
        listed=papers.of_farm(farm),
        words=CERTIFICATE_WORDS,
        grades=EVIDENCE_WORDS,
        kinds=KINDS,
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> Any:
    """Send one in with its paper; `renews` names the one it follows."""
    if farmers.my_farm(person()) is None:
        return redirect_to("farmers_farmer.start")
    farm, code = _farm(), request.values.get("renews", "")[:40]
    old = queries.certificate_of(farm, code) if code else None
    asked = request.args.get("kind", "")
    first = old.kind.value if old else asked if asked in {one.value for one in KINDS} else KINDS[0].value
    form = CertificateForm(data={"kind": first, "issuer": old.issuer if old else ""})
    kind = form.chosen_kind
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction():
                mine = _farm()
                send(mine, form, queries.certificate_of(mine, code) if code else None)
            notice(_("Đã gửi giấy. Người thẩm định sẽ kiểm tra và báo cho bạn."))
            return redirect_to("catalog_farmer.proofs.certificates")
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    return page(
        "catalog/farmer/proof.html",
        status,
        form=form,
        kind_name=CERTIFICATE_WORDS[kind],
        renews=code,
    )
