"""A trainer's classes, and who stands where on the way to the first sale; what became of it: `outcomes`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import Consent, ConsentState, HelpScope, Person, Role
from marketplace.catalog.models import Product
from marketplace.dossiers.models import Dossier, DossierState
from marketplace.farmers.models import Farm, FarmMember
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder
from marketplace.payments.models import Payout
from marketplace.places import queries as places
from marketplace.training.models import (
    ClassAssistant,
    ClassState,
    ConsentPaper,
    HelpedDossier,
    HelpedListing,
    HelpedOrder,
    HelpedState,
    HelpedWork,
    Learner,
    LearnerState,
    Nudge,
    PracticeReport,
    TrainingClass,
)
from marketplace.training.steps import FIRST_SALE, HANDED_IN, STEPS, Step, after, as_the_papers_stand

NOT_YOURS = _("Không tìm thấy lớp này. Có thể địa chỉ đã gõ sai, hoặc đây là lớp của cán bộ khác.")
NO_SUCH_CODE = _("Không có lớp nào đang nhận học viên với mã này. Hãy hỏi lại cán bộ lớp sáu chữ số.")


# -- classes, through the person ----------------------------------------------------------------------------------


def classes_of(person: Person) -> Select[TrainingClass]:
    """The classes this person teaches or assists, the newest first; an admin sees all of them."""
    asked = select(TrainingClass).order_by(TrainingClass.begins_at.desc(), TrainingClass.id.desc())
    if person.has_role(Role.ADMIN):
        return asked
    assists = select(ClassAssistant.class_id).where(ClassAssistant.person_id == person.id)
    return asked.where(or_(TrainingClass.trainer_id == person.id, TrainingClass.id.in_(assists)))


def count(asked: Select[TrainingClass]) -> int:
    """How many classes a list holds."""
    return db.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0


def class_for(person: Person, code: str) -> TrainingClass:
    """One of this person's classes; raises Missing for anybody else's."""
    found: TrainingClass | None = db.session.scalar(classes_of(person).where(TrainingClass.code == code))
    if found is None:
        raise Missing(NOT_YOURS)
    return found


def class_by_join_code(digits: str) -> TrainingClass | None:
    """The class that takes learners under these six digits, if any."""
    return db.session.scalar(
        select(TrainingClass).where(TrainingClass.join_code == digits, TrainingClass.state == ClassState.OPEN)
    )


def is_taught_by(training_class: TrainingClass, person: Person) -> bool:
    """Does the person teach or assist it?"""
    return person.id in {training_class.trainer_id, *(one.person_id for one in training_class.assistants)}


# -- learners -----------------------------------------------------------------------------------------------------


def learners_of(*classes: TrainingClass) -> Sequence[Learner]:
    """Everybody of the classes who has not left, by class and name."""
    return db.session.scalars(
        select(Learner)
        .where(Learner.class_id.in_([one.id for one in classes]), Learner.state != LearnerState.LEFT)
        .options(joinedload(Learner.training_class))
        .order_by(Learner.class_id, Learner.name, Learner.id)
    ).all()


def learner_in(training_class: TrainingClass, code: str) -> Learner:
    """A learner of the class, or Missing."""
    found = db.session.scalar(
        select(Learner).where(Learner.class_id == training_class.id, Learner.code == code)
    )
    if found is None:
        raise Missing()
    return found


def taken_seats(training_class: TrainingClass) -> int:
    """How many places of the class are taken."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Learner)
            .where(Learner.class_id == training_class.id, Learner.state != LearnerState.LEFT)
        )
        or 0
    )


def seats_taken(classes: Iterable[TrainingClass]) -> dict[int, int]:
    """How many places are taken, by the class's id."""
    rows = db.session.execute(
        select(Learner.class_id, func.count())
        .where(Learner.class_id.in_([one.id for one in classes]), Learner.state != LearnerState.LEFT)
        .group_by(Learner.class_id)
    )
    return dict(rows.all())


def places_of(person: Person) -> Sequence[Learner]:
    """The classes a learner is in or was written down for, the newest first."""
    return db.session.scalars(
        select(Learner)
        .join(TrainingClass)
        .where(Learner.person_id == person.id, Learner.state != LearnerState.LEFT)
        .options(joinedload(Learner.training_class))
        .order_by(TrainingClass.begins_at.desc())
    ).all()


def place_of(person: Person, code: str) -> Learner:
    """A learner's own place in a class, by its code; raises Missing for anybody else's."""
    found = db.session.scalar(select(Learner).where(Learner.code == code, Learner.person_id == person.id))
    if found is None:
        raise Missing()
    return found


def completion(code: str) -> Learner:
    """Whom a certificate of completion was made for, by the check code on it; raises Missing where there is none."""
    found = db.session.scalar(
        select(Learner).where(
            Learner.code == code,
            Learner.attended_at.is_not(None),
            Learner.state == LearnerState.JOINED,
        )
    )
    if found is None:
        raise Missing(_("Không có giấy chứng nhận nào mang mã này. Hãy xem lại mã in ở cuối tờ giấy."))
    return found


# -- help with consent ---------------------------------------------------------------------------------------------


def plus_code(held: TrainingClass) -> str:
    """The code that leads to the class in a map; empty where no position was picked."""
    return places.plus_code(held.lat, held.lon) if held.lat is not None and held.lon is not None else ""


def consent_between(helper: Person, person: Person, scope: HelpScope) -> Consent | None:
    """The consent in one scope that was asked or given last between the two, while it holds."""
    return db.session.scalars(
        select(Consent)
        .where(
            Consent.helper_id == helper.id,
            Consent.person_id == person.id,
            Consent.scope == scope,
            Consent.state.in_([ConsentState.ASKED, ConsentState.GIVEN]),
            Consent.until > clock.now(),
        )
        .order_by(Consent.id.desc())
        .limit(1)
    ).first()


def consent_paper(consent: Consent) -> ConsentPaper | None:
    """The signed paper a consent was given on, if it was."""
    return db.session.scalar(select(ConsentPaper).where(ConsentPaper.consent_id == consent.id))


def signed_by(person: Person) -> Sequence[ConsentPaper]:
    """The papers this person signed, as far as their consents still hold."""
    return db.session.scalars(
        select(ConsentPaper)
        .join(Consent)
        .where(
            Consent.person_id == person.id,
            Consent.state == ConsentState.GIVEN,
            Consent.until > clock.now(),
        )
        .order_by(ConsentPaper.id.desc())
    ).all()


def signed_paper(person: Person, code: str) -> ConsentPaper:
    """One of the papers this person signed; raises Missing for anybody else's."""
    found = db.session.scalar(
        select(ConsentPaper).join(Consent).where(Consent.person_id == person.id, ConsentPaper.code == code)
    )
    if found is None:
        raise Missing()
    return found


WORKS: tuple[type[HelpedWork], ...] = (HelpedListing, HelpedDossier, HelpedOrder)


def helped_by(helper: Person, person: Person) -> list[HelpedWork]:
    """What the helper prepared for this person, the newest first."""
    found = [
        work
        for kind in WORKS
        for work in db.session.scalars(
            select(kind).where(kind.helper_id == helper.id, kind.person_id == person.id)
        )
    ]
    return sorted(found, key=lambda work: work.created_at, reverse=True)


def done_for(person_id: int) -> list[HelpedWork]:
    """Everything helpers ever prepared for this person, the oldest first."""
    return [
        work
        for kind in WORKS
        for work in db.session.scalars(select(kind).where(kind.person_id == person_id).order_by(kind.id))
    ]


def helped_of(person: Person, code: str) -> HelpedWork:
    """What somebody prepared for this person, by its code; raises Missing for anybody else's."""
    for kind in WORKS:
        found = db.session.scalar(select(kind).where(kind.code == code, kind.person_id == person.id))
        if found is not None:
            return found
    raise Missing()


def drawn_up_for(person: Person, most: int = 10) -> list[HelpedWork]:
    """What helpers prepared for this person: what waits for a yes, and what was agreed to lately."""
    since = clock.now() - timedelta(days=1)
    found = [
        work
        for kind in WORKS
        for work in db.session.scalars(
            select(kind)
            .where(
                kind.person_id == person.id,
                or_(kind.state == HelpedState.ASKED, kind.agreed_at >= since),
                kind.state != HelpedState.UNDONE,
            )
            .order_by(kind.id.desc())
            .limit(most)
        )
    ]
    return sorted(found, key=lambda work: work.created_at, reverse=True)[:most]


# -- the way to the first sale ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one learner is. `reached`: step → when; `since`: when they came to stand where they stand; `next`: the
    step to take, none when all are taken. Of somebody who has not said yes nothing is known (`is_seen` is false)."""

    learner: Learner
    reached: Mapping[str, datetime]
    next: Step | None
    since: datetime
    nudged_at: datetime | None = None

    @property
    def is_seen(self) -> bool:
        return self.learner.state is LearnerState.JOINED

    @property
    def days(self) -> int:
        """Whole days since anything moved."""
        return max(0, (clock.now() - self.since).days)

    @property
    def may_be_helped(self) -> bool:
        """Is there something a helper may do: the papers of the shop, its goods, its orders? Not while the papers are
        at the post."""
        is_waiting = self.next is not None and (self.next.key == "approved" or self.next == HANDED_IN)
        return self.is_seen and self.learner.person_id is not None and not is_waiting

    @property
    def has_sold(self) -> bool:
        return FIRST_SALE in self.reached


def progress(learners: Sequence[Learner]) -> list[Progress]:
    """How far the learners are, those who stand still longest first. Eight SQL statements, however many they are."""
    seen = {one.person_id for one in learners if one.person_id and one.state is LearnerState.JOINED}
    papers = _applications(seen)
    reached = steps_reached(seen, papers)
    nudged: dict[int, datetime] = dict(
        db.session.execute(
            select(Nudge.learner_id, func.max(Nudge.created_at))
            .where(Nudge.learner_id.in_([one.id for one in learners]))
            .group_by(Nudge.learner_id)
        ).all()
    )
    found = []
    for learner in learners:
        steps = reached.get(learner.person_id or 0, {}) if learner.state is LearnerState.JOINED else {}
        mine = papers.get(learner.person_id or 0, ()) if learner.state is LearnerState.JOINED else ()
        following = as_the_papers_stand(after(frozenset(steps)), mine[-1].state if mine else None)
        moments = [learner.joined_at or learner.created_at, *steps.values()]
        moments += [one.moved_at for one in mine if one.moved_at is not None]
        found.append(Progress(learner, steps, following, max(moments), nudged.get(learner.id)))
    # Who needs a hand first: not done, ours to help, longest still.
    return sorted(found, key=lambda one: (one.next is None, one.since, one.learner.id))


def steps_of(person: Person) -> Mapping[str, datetime]:
    """The steps one person has reached themselves, and when."""
    return steps_reached([person.id]).get(person.id, {})


def practised_by(person: Person) -> Sequence[PracticeReport]:
    """What the practice market told of this person, in the order it was practised."""
    return db.session.scalars(
        select(PracticeReport).where(PracticeReport.person_id == person.id).order_by(PracticeReport.id)
    ).all()


@dataclass(frozen=True, slots=True)
class _Application:
    """How an application of a farmer's stands: when the post took it in, and when it was last sent or sent back."""

    state: DossierState
    received_at: datetime | None
    moved_at: datetime | None


def _applications(person_ids: Iterable[int]) -> dict[int, list[_Application]]:
    """Person → the applications of their farm, the oldest first."""
    found: dict[int, list[_Application]] = {}
    asked = (
        select(FarmMember.person_id, Dossier.state, Dossier.received_at, Dossier.submitted_at)
        .join(Dossier, (Dossier.subject_type == "farm") & (Dossier.subject_id == FarmMember.farm_id))
        .where(FarmMember.person_id.in_(list(person_ids)), FarmMember.is_owner)
        .order_by(Dossier.id)
    )
    for person_id, state, received_at, submitted_at in db.session.execute(asked):
        found.setdefault(person_id, []).append(_Application(state, received_at, submitted_at))
    return found


def steps_reached(
    person_ids: Iterable[int], papers: Mapping[int, Sequence[_Application]] | None = None
) -> dict[int, dict[str, datetime]]:
    """Person → step → when it was reached. `papers`: their applications, where they are known already."""
    ids = list(person_ids)
    papers = _applications(ids) if papers is None else papers
    found: dict[int, dict[str, datetime]] = {}

    def note(step: str, rows: Iterable[tuple[int, datetime | None]]) -> None:
        for person_id, at in rows:
            if at is not None:
                found.setdefault(person_id, {})[step] = at

    people = db.session.execute(
        select(Person.id, Person.created_at, Person.phone_verified_at).where(Person.id.in_(ids))
    ).all()
    note("registered", ((one.id, one.created_at) for one in people))
    note("phone", ((one.id, one.phone_verified_at) for one in people))

    def of_farms(moment: object, table: type) -> Iterable[tuple[int, datetime | None]]:
        asked = (
            select(FarmMember.person_id, func.min(moment))
            .join(table, table.farm_id == FarmMember.farm_id)  # type: ignore[attr-defined]
            .where(FarmMember.person_id.in_(ids), FarmMember.is_owner)
            .group_by(FarmMember.person_id)
        )
        return db.session.execute(asked).all()  # type: ignore[return-value]

    note(
        "papers",
        (
            (person_id, min((one.received_at for one in sent if one.received_at is not None), default=None))
            for person_id, sent in papers.items()
        ),
    )
    note(
        "approved",
        db.session.execute(
            select(FarmMember.person_id, func.min(Farm.open_at))
            .join(Farm, Farm.id == FarmMember.farm_id)
            .where(FarmMember.person_id.in_(ids), FarmMember.is_owner)
            .group_by(FarmMember.person_id)
        ).all(),  # type: ignore[arg-type]
    )
    shelf = db.session.execute(
        select(FarmMember.person_id, func.min(Product.published_at), func.min(Product.first_seen_at))
        .join(Product, Product.farm_id == FarmMember.farm_id)
        .where(FarmMember.person_id.in_(ids), FarmMember.is_owner)
        .group_by(FarmMember.person_id)
    ).all()
    note("listing", ((person_id, published_at) for person_id, published_at, _seen in shelf))
    note("seen", ((person_id, seen_at) for person_id, _published, seen_at in shelf))
    note("order", of_farms(FarmOrder.confirmed_at, FarmOrder))
    note("delivered", of_farms(FarmOrder.delivered_at, FarmOrder))
    note("paid", of_farms(func.coalesce(Payout.settled_at, Payout.sent_at), Payout))
    return found


# -- today --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Today:
    """A trainer's start page: classes of today and to come, who is stuck, papers that wait, what moved since
    yesterday."""

    of_today: Sequence[TrainingClass]
    classes: Sequence[TrainingClass]
    seats: Mapping[int, int]
    papers: Sequence[tuple[Learner, Dossier]]
    stuck: Sequence[Progress]
    stuck_count: int
    moved: Sequence[tuple[Progress, Step]]
    learners: int
    sold: int


STUCK_AFTER_DAYS = 3
UNDER_WAY = (
    DossierState.NEEDS_PAPERS,
    DossierState.SUBMITTED,
    DossierState.RECEIVED,
    DossierState.APPRAISED,
)


def _papers_of(learners: Sequence[Learner]) -> list[tuple[Learner, Dossier]]:
    """The applications of these farmers that are under way: first those that wait for them, then the next due."""
    by_person = {one.person_id: one for one in learners if one.person_id}
    rows = db.session.execute(
        select(FarmMember.person_id, Dossier)
        .join(Dossier, (Dossier.subject_type == "farm") & (Dossier.subject_id == FarmMember.farm_id))
        .where(FarmMember.person_id.in_(by_person), FarmMember.is_owner, Dossier.state.in_(UNDER_WAY))
        .order_by(Dossier.due_at)
    ).all()
    found = [(by_person[person_id], dossier) for person_id, dossier in rows]
    return sorted(found, key=lambda row: row[1].state is not DossierState.NEEDS_PAPERS)


def _each_once(rows: Iterable[Progress]) -> list[Progress]:
    """A farmer in two classes of a trainer is one farmer: shown by the class they came to last."""
    last: dict[int, Progress] = {}
    for one in sorted(rows, key=lambda row: (row.since, row.learner.id)):
        last[one.learner.person_id or -one.learner.id] = one
    return sorted(last.values(), key=lambda one: (one.next is None, one.since, one.learner.id))


def today(person: Person, most: int = 8) -> Today:
    """What a trainer sees first."""
    classes = db.session.scalars(classes_of(person).where(TrainingClass.state != ClassState.CANCELLED)).all()
    now = clock.now()
    everybody = _each_once(progress(learners_of(*classes)))
    stuck = [
        one
        for one in everybody
        if one.is_seen and one.next is not None and not one.has_sold and one.days >= STUCK_AFTER_DAYS
    ]
    yesterday = now - timedelta(days=1)
    moved = [
        (one, step)
        for one in everybody
        for step in STEPS
        if (at := one.reached.get(step.key)) is not None and at >= yesterday
    ]
    coming = sorted(
        (one for one in classes if one.ends_at >= now and one.state is ClassState.OPEN),
        key=lambda one: one.begins_at,
    )
    of_today = [one for one in coming if clock.local(one.begins_at).date() == clock.today()]
    shown = [*of_today, *[one for one in coming if one not in of_today][:most]]
    return Today(
        of_today=of_today,
        classes=shown[len(of_today) :],
        seats=seats_taken(shown),
        papers=_papers_of([one.learner for one in everybody if one.is_seen])[:most],
        stuck=stuck[:most],
        stuck_count=len(stuck),
        moved=moved[:most],
        learners=len(everybody),
        sold=sum(one.has_sold for one in everybody),
    )
