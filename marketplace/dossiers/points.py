"""What can be seen at a counter: the clerk's own points, what was handed in there, the lists to agencies."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from marketplace.accounts import queries as people
from marketplace.accounts.models import Person
from marketplace.dossiers.models import Dossier, DossierPaper, DossierState, HandOver
from marketplace.foundation.db import db
from marketplace.foundation.files import StoredPaper
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import _
from marketplace.places.models import ServicePoint


def paper_at_points(point_ids: Sequence[int], stored: StoredPaper) -> DossierPaper:
    """The paper in a dossier handed in at one of these counters; raises Missing."""
    found = db.session.scalar(
        select(DossierPaper)
        .join(DossierPaper.dossier)
        .where(DossierPaper.paper_id == stored.id, Dossier.service_point_id.in_(point_ids))
        .order_by(DossierPaper.id.desc())
        .limit(1)
    )
    if found is None:
        raise Missing()
    return found


def points_with_dossiers() -> list[ServicePoint]:
    """The counters that took dossiers in, by name."""
    taken = select(Dossier.service_point_id).where(Dossier.service_point_id.is_not(None))
    return list(
        db.session.scalars(
            select(ServicePoint)
            .where(ServicePoint.id.in_(taken))
            .order_by(ServicePoint.name, ServicePoint.id)
        )
    )


def points_of(clerk: Person) -> list[ServicePoint]:
    """The counters this clerk works at, by name."""
    found = {post.point.id: post.point for post in people.posts_of(clerk) if post.point is not None}
    return sorted(found.values(), key=lambda point: (point.name, point.id))


def at_points(point_ids: Sequence[int]) -> Select[Dossier]:
    """What was handed in, or is being put together, at these counters."""
    return (
        select(Dossier)
        .join(Dossier.procedure)
        .where(Dossier.service_point_id.in_(point_ids))
        .options(joinedload(Dossier.applicant), joinedload(Dossier.handler))
    )


def dossier_at(point_ids: Sequence[int], code: str) -> Dossier:
    """A dossier of one of these counters; raises Missing."""
    found: Dossier | None = db.session.scalar(at_points(point_ids).where(Dossier.code == code))
    if found is None:
        raise Missing(_("Không tìm thấy hồ sơ này. Hãy xem lại mã hồ sơ."))
    return found


@dataclass
class CounterDay:
    """What a counter has to do with dossiers, each list the most pressing first."""

    drafts: list[Dossier]
    to_receive: list[Dossier]
    to_hand_over: list[Dossier]
    at_agency: list[Dossier]
    with_applicant: list[Dossier]
    to_return: list[Dossier]

    @property
    def late(self) -> list[Dossier]:
        rows = (*self.to_receive, *self.to_hand_over, *self.at_agency)
        return [dossier for dossier in rows if dossier.is_late]

    @property
    def soon(self) -> list[Dossier]:
        rows = (*self.to_receive, *self.to_hand_over, *self.at_agency)
        return [dossier for dossier in rows if dossier.is_due_soon]


def counter_day(point_ids: Sequence[int]) -> CounterDay:
    """The lists of a counter, in one statement."""
    day = CounterDay([], [], [], [], [], [])
    ended = (DossierState.RETURNED, DossierState.WITHDRAWN, DossierState.STOPPED)
    asked = at_points(point_ids).where(Dossier.state.not_in(ended)).order_by(Dossier.due_at, Dossier.id)
    for dossier in db.session.scalars(asked):
        if dossier.state is DossierState.DRAFTING:
            day.drafts.append(dossier)
        elif dossier.state is DossierState.SUBMITTED:
            day.to_receive.append(dossier)
        elif dossier.state is DossierState.NEEDS_PAPERS:
            day.with_applicant.append(dossier)
        elif dossier.state in (DossierState.APPROVED, DossierState.REFUSED):
            day.to_return.append(dossier)
        elif dossier.is_at_agency:
            day.at_agency.append(dossier)
        elif dossier.procedure.is_public:
            day.to_hand_over.append(dossier)
        else:
            day.to_receive.append(dossier)
    return day


def hand_overs(point_ids: Sequence[int], limit: int = 50) -> list[HandOver]:
    """The latest hand-over lists of these counters."""
    return list(
        db.session.scalars(
            select(HandOver)
            .where(HandOver.service_point_id.in_(point_ids))
            .order_by(HandOver.id.desc())
            .limit(limit)
        )
    )


def hand_over(point_ids: Sequence[int], code: str) -> HandOver:
    found = db.session.scalar(
        select(HandOver).where(HandOver.code == code, HandOver.service_point_id.in_(point_ids))
    )
    if found is None:
        raise Missing()
    return found


def busy_points(point_ids: Sequence[int]) -> set[int]:
    """Which of these counters have a dossier that is not over."""
    ended = (DossierState.RETURNED, DossierState.WITHDRAWN, DossierState.STOPPED)
    asked = select(Dossier.service_point_id).where(
        Dossier.service_point_id.in_(point_ids), Dossier.state.not_in(ended)
    )
    return {found for found in db.session.scalars(asked.distinct()) if found is not None}
