"""Manifests: what leaves with the van, counted and signed for."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.desks import counter
from marketplace.desks.routes import standing
from marketplace.foundation.access import current_actor
from marketplace.foundation.db import transaction
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.shipping import manifests

bp = Blueprint("desks_manifests", __name__)


@bp.get("/manifests")
def manifests_page() -> tuple[str, int]:
    here = standing.point()
    waiting = [one for one in counter.counter_of(here).to_send if manifests.may_stand(one)]
    return page(
        "desks/post/manifests.html", point=here, waiting=waiting, manifests=manifests.manifests_of(here)
    )


@bp.post("/manifests")
def close_manifest() -> Response:
    """What waits is counted onto a manifest; the van has not come yet."""
    here = standing.point()
    with transaction():
        code = manifests.close(counter.counter_of(here).to_send, here, current_actor()).code
    notice(_("Đã chốt bản kê. In ra cho lái xe ký, rồi bấm “Xe đã lấy”."))
    return redirect_to("desks_manifests.manifest", code=code)


@bp.get("/manifests/<code>")
def manifest(code: str) -> tuple[str, int]:
    here = standing.point()
    found = manifests.manifest_at(here, code)
    return page("desks/post/manifest.html", point=here, manifest=found, parcels=manifests.parcels_of(found))


@bp.get("/manifests/<code>.pdf")
def manifest_pdf(code: str) -> Response:
    here = standing.point()
    found = manifests.manifest_at(here, code)
    made = Response(manifests.pdf(found, here, manifests.parcels_of(found)), mimetype="application/pdf")
    made.headers["Content-Disposition"] = f'inline; filename="ban-ke-{found.code}.pdf"'
    return made


@bp.post("/manifests/<code>/collection")
def collection(code: str) -> Response:
    """The van has it."""
    here = standing.point()
    with transaction():
        count = manifests.collect(manifests.manifest_at(here, code), here, current_actor())
    notice(_("Đã giao xe: %(count)s bưu gửi rời %(point)s.", count=count, point=here.name))
    return redirect_to("desks_manifests.manifest", code=code)


@bp.post("/manifests/<code>/removals")
def removals(code: str) -> Response:
    """One parcel stays behind."""
    here = standing.point()
    with transaction():
        parcel = manifests.take_off(
            manifests.manifest_at(here, code), request.form.get("tracking", "")[:40], current_actor()
        )
        number = parcel.number_in_groups
    notice(_("%(number)s ở lại, chờ chuyến sau.", number=number))
    return redirect_to("desks_manifests.manifest", code=code)
