"""Manifests: what leaves a point together, counted and signed for. open → closed → collected.

A parcel stands on one manifest at a time. Closing counts; when the van has it every parcel still on it is on its way.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.money import dong
from marketplace.foundation.printed import PrintedSheet
from marketplace.foundation.refusal import Conflict, Missing
from marketplace.foundation.show import grams
from marketplace.foundation.words import _, in_language
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import queries, service
from marketplace.shipping.models import Manifest, ManifestState, Parcel

MOST_SHOWN = 20


def close(waiting: Sequence[Parcel], point: ServicePoint, by: Actor) -> Manifest:
    """Put what waits at the counter onto a manifest and count it; what stands on one already stays there."""
    chosen = [one for one in claim(Parcel, [parcel.id for parcel in waiting]) if may_stand(one)]
    if not chosen:
        raise Conflict(_("Không có bưu gửi nào chờ chuyển đi."))
    manifest = Manifest(service_point_id=point.id, parcel_count=len(chosen))
    db.session.add(manifest)
    db.session.flush()
    for parcel in chosen:
        parcel.manifest_id = manifest.id
    states.move(manifest, ManifestState.CLOSED, by)
    return manifest


def may_stand(parcel: Parcel) -> bool:
    """Does it wait for a van, and is it promised to none?"""
    if parcel.state not in service.WAITS_FOR_VAN:
        return False
    return parcel.manifest is None or parcel.manifest.state is ManifestState.COLLECTED


def collect(manifest: Manifest, point: ServicePoint, by: Actor) -> int:
    """The van has it: every parcel still on it is on its way. Returns how many; pressing twice says so."""
    (manifest,) = claim(Manifest, [manifest.id])
    if manifest.state is not ManifestState.CLOSED:
        raise Conflict(_("Bản kê %(code)s đã giao cho xe rồi.", code=manifest.code))
    count = service.send_on(parcels_of(manifest), by, point)
    states.move(manifest, ManifestState.COLLECTED, by)
    return count


def take_off(manifest: Manifest, tracking: str, by: Actor) -> Parcel:
    """One parcel stays behind (wet, no room): it waits at the counter again."""
    (manifest,) = claim(Manifest, [manifest.id])
    if manifest.state is not ManifestState.CLOSED:
        raise Conflict(_("Bản kê %(code)s đã giao cho xe rồi.", code=manifest.code))
    parcel = next((one for one in parcels_of(manifest) if one.tracking == tracking), None)
    if parcel is None:
        raise Missing(queries.NO_SUCH_PARCEL)
    parcel.manifest_id = None
    manifest.parcel_count -= 1
    audit.record(by, "manifest.taken_off", manifest, number=parcel.tracking)
    return parcel


def manifest_at(point: ServicePoint, code: str) -> Manifest:
    """A manifest of this point, or Missing."""
    found = db.session.scalar(
        select(Manifest).where(Manifest.code == code[:40], Manifest.service_point_id == point.id)
    )
    if found is None:
        raise Missing(_("Điểm này không có bản kê nào mang mã ấy."))
    return found


def manifests_of(point: ServicePoint) -> Sequence[Manifest]:
    """The point's latest manifests, the newest first."""
    return list(
        db.session.scalars(
            select(Manifest)
            .where(Manifest.service_point_id == point.id)
            .order_by(Manifest.id.desc())
            .limit(MOST_SHOWN)
        )
    )


def parcels_of(manifest: Manifest) -> list[Parcel]:
    return list(
        db.session.scalars(
            select(Parcel)
            .where(Parcel.manifest_id == manifest.id)
            .options(selectinload(Parcel.farm_order))
            .order_by(Parcel.id)
        )
    )


def pdf(manifest: Manifest, point: ServicePoint, parcels: Sequence[Parcel]) -> bytes:
    """The sheet the driver signs: every parcel, the totals, room for two names. In Vietnamese whoever prints it."""
    with in_language("vi"):
        at = clock.local(manifest.closed_at or manifest.created_at)
        paper = PrintedSheet("A4", title=f"{manifest.code}")
        paper.say(str(_("Bản kê bưu gửi giao xe")).upper(), 14, bold=True, align="C", gap=2)
        paper.fact(str(_("Số bản kê")), manifest.code)
        paper.fact(str(_("Bưu cục")), f"{point.name}, {queries.address_of_point(point)}")
        paper.fact(str(_("Chốt lúc")), at.strftime("%H:%M %d/%m/%Y"))
        paper.rule()
        rows = [
            [
                str(number),
                parcel.number_in_groups,
                places.commune_words(parcel.farm_order.order.commune_code),
                grams(parcel.grams_now).replace("\u00a0", " "),
                dong(parcel.cod_dong) if parcel.cod_dong else "–",
            ]
            for number, parcel in enumerate(parcels, 1)
        ]
        heads = ["#", _("Số bưu gửi"), _("Gửi tới"), _("Cân"), _("Thu hộ")]
        paper.table([str(head) for head in heads], rows, (6, 36, 60, 20, 26))
        paper.rule()
        paper.fact(str(_("Số bưu gửi")), str(len(parcels)))
        paper.fact(str(_("Tổng cân")), grams(sum(p.grams_now for p in parcels)).replace("\u00a0", " "))
        paper.fact(str(_("Tổng thu hộ")), dong(sum(p.cod_dong for p in parcels)))
        paper.signatures(str(_("Người giao (bưu cục)")), str(_("Người nhận (xe thư)")))
        return paper.done()
