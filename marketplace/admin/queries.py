"""What the desk shows: health, what waits, the day's figures, the trail in sentences, jobs, service points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Person
from marketplace.admin import wording
from marketplace.catalog import queries as catalog
from marketplace.claims import queries as claims
from marketplace.claims.models import ComplaintState
from marketplace.dossiers import queries as dossiers
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation import clock, jobs
from marketplace.foundation.audit import AuditEntry
from marketplace.foundation.db import db
from marketplace.foundation.jobs import OutboxJob, WorkerBeat
from marketplace.foundation.phones import parse_phone
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import Text, _
from marketplace.orders import queries as orders
from marketplace.orders.models import FarmOrder, FarmOrderState, Order
from marketplace.payments import queries as payments
from marketplace.payments.models import Payment
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint, ServicePointState
from marketplace.places.names import folded_key
from marketplace.search import service as search
from marketplace.shipping import queries as shipping
from marketplace.shipping.models import Parcel

# -- is all well --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Health:
    """Whether what runs behind the pages runs: the worker, its jobs, the search index."""

    is_worker_alive: bool
    seen_at: datetime | None
    waiting_count: int
    oldest_waiting_at: datetime | None
    given_up_count: int
    can_search: bool

    @property
    def is_late(self) -> bool:
        """Jobs that should have begun ten minutes ago have not."""
        return self.oldest_waiting_at is not None and self.oldest_waiting_at < clock.now() - timedelta(
            minutes=10
        )

    @property
    def is_well(self) -> bool:
        return self.is_worker_alive and self.can_search and not self.given_up_count and not self.is_late


def health() -> Health:
    """The state of worker, jobs and index now."""
    beat = db.session.get(WorkerBeat, 1)
    return Health(
        is_worker_alive=jobs.worker_is_alive(),
        seen_at=beat.at if beat is not None else None,
        waiting_count=jobs.waiting_count(),
        oldest_waiting_at=db.session.scalar(
            select(func.min(OutboxJob.run_after)).where(
                OutboxJob.done_at.is_(None), OutboxJob.given_up_at.is_(None)
            )
        ),
        given_up_count=len(jobs.given_up()),
        can_search=search.can_serve(),
    )


# -- what waits ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """Work that waits for somebody with this role: what, how much of it, where it is done."""

    title: Text
    says: Text
    path: str
    count: int
    dong: int | None = None


def tasks(person: Person) -> list[Task]:
    """What waits for this person, by the roles they hold; nothing that is done already."""
    found: list[Task] = []
    if person.has_role("admin"):
        found += _deciders()
    if person.has_role("reviewer", "admin"):
        found += _reviewers(person)
    if person.has_role("cashier", "admin"):
        found += _cashiers()
    return [task for task in found if task.count]


def _reviewers(person: Person) -> list[Task]:
    return [
        Task(
            _("Hồ sơ chờ xử lý"),
            _("Tiếp nhận, thẩm định, duyệt hoặc trả lại."),
            "/admin/dossiers",
            dossiers.waiting_count(person),
        ),
        Task(
            _("Giấy chứng nhận chờ kiểm tra"),
            _("Xem bản gốc rồi mới cho hiện sao."),
            "/admin/certificates",
            catalog.count_to_check(),
        ),
    ]


def _deciders() -> list[Task]:
    return [
        Task(
            _("Lời hứa quá hạn hoặc sắp tới hạn"),
            _("Khiếu nại, phản ánh, người xin xem lại đang chờ câu trả lời đã hứa."),
            "/admin/claims",
            len(claims.promised_by_us()),
        ),
        Task(
            _("Khiếu nại chờ quyết định"),
            _("Hai bên đã nói, hoặc nhà vườn quá hạn trả lời."),
            "/admin/claims",
            len(claims.to_decide()),
        ),
        Task(
            _("Phản ánh chờ trả lời"),
            _("Mỗi phản ánh có ngày trả lời đã hứa."),
            "/admin/claims",
            len(claims.complaints_in(ComplaintState.RECEIVED)),
        ),
        Task(
            _("Người xin xem lại việc trả khi nhận"),
            _("Quy định chặn họ, họ nhờ một người xem lại."),
            "/admin/appeals",
            orders.count_appeals_waiting(),
        ),
    ]


def _cashiers() -> list[Task]:
    notices, refunds, batches = payments.notices_waiting(), payments.refunds_due(), payments.batches_waiting()
    cod = payments.cod_to_remit()
    return [
        Task(
            _("Chuyển khoản chưa ghép được"),
            _("Sai số tiền, sai nội dung hoặc tới trễ."),
            "/admin/money",
            len(notices),
            sum(notice.amount_dong for notice in notices),
        ),
        Task(
            _("Tiền phải hoàn cho khách"),
            _("Đơn hủy, nhà vườn từ chối, hàng hoàn."),
            "/admin/money",
            len(refunds),
            sum(refund.amount_dong for refund in refunds),
        ),
        Task(
            _("Tiền thu hộ bưu điện chưa nộp"),
            _("Tiền mặt bưu tá đã thu ở cửa."),
            "/admin/money/cod",
            sum(len(point.payments) for point in cod),
            sum(point.total_dong for point in cod),
        ),
        Task(
            _("Danh sách trả tiền chờ gửi"),
            _("Gửi ngân hàng, hoặc ra quầy trả tiền mặt."),
            "/admin/money/payouts",
            len(batches),
            sum(batch.total_dong for batch in batches),
        ),
    ]


# -- where an order stands ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OrderPart:
    """One farm's part of an order as the desk sees it: its way, its parcels, its money, and whether it is late."""

    farm_order: FarmOrder
    steps: list[orders.Step]
    parcels: Sequence[Parcel]
    payments: Sequence[Payment]
    is_late: bool


def find_orders(typed: str, limit: int = 20) -> list[OrderPart]:
    """By any number somebody reads out on the telephone (order, farm's part, parcel, transfer, the buyer's phone);
    without one, those that wait too long: the farm has not answered in time, or the promised day is over."""
    asked = typed.replace(" ", "").upper()
    found = select(FarmOrder).join(Order, Order.id == FarmOrder.order_id)
    if asked:
        found = found.where(
            or_(
                Order.code == asked,
                FarmOrder.code == asked,
                FarmOrder.id.in_(select(Parcel.farm_order_id).where(Parcel.tracking == asked)),
                Order.id.in_(select(Payment.order_id).where(Payment.code == asked)),
                Order.phone == (parse_phone(typed) or "-"),
            )
        ).order_by(FarmOrder.id.desc())
    else:
        found = found.where(_late()).order_by(FarmOrder.id)
    return [_order_part(one) for one in db.session.scalars(found.limit(limit))]


def _late() -> ColumnElement[bool]:
    unanswered = and_(FarmOrder.state == FarmOrderState.CONFIRMED, FarmOrder.answer_by < clock.now())
    on_the_way = FarmOrder.state.in_((FarmOrderState.ACCEPTED, FarmOrderState.HANDED_OVER))
    return or_(unanswered, and_(on_the_way, FarmOrder.promised_to < clock.today()))


def _order_part(one: FarmOrder) -> OrderPart:
    paid = [pay for pay in payments.payments_of(one.order) if pay.farm_order_id in (None, one.id)]
    is_late = db.session.scalar(select(FarmOrder.id).where(FarmOrder.id == one.id, _late())) is not None
    return OrderPart(one, orders.timeline(one), shipping.parcels_of(one), paid, is_late)


# -- figures of the day -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """The day so far, and the market as it stands."""

    order_count: int
    goods_dong: int
    delivered_count: int
    new_people_count: int
    product_count: int
    farm_count: int


CAME_TO_NOTHING = (
    FarmOrderState.PLACED,
    FarmOrderState.CANCELLED,
    FarmOrderState.REFUSED,
    FarmOrderState.UNANSWERED,
)


def figures() -> Figures:
    """Orders asked of farms today and their goods, parts delivered, people who came, what is on sale."""
    begin = clock.start_of_day(clock.today())
    row = db.session.execute(
        select(
            func.count(func.distinct(FarmOrder.order_id)), func.coalesce(func.sum(FarmOrder.goods_dong), 0)
        )
        .join(Order, Order.id == FarmOrder.order_id)
        .where(Order.created_at >= begin, FarmOrder.state.not_in(CAME_TO_NOTHING))
    ).one()
    return Figures(
        order_count=row[0],
        goods_dong=int(row[1]),
        delivered_count=count(select(FarmOrder.id).where(FarmOrder.delivered_at >= begin)),
        new_people_count=count(select(Person.id).where(Person.created_at >= begin)),
        product_count=count(catalog.on_sale()),
        farm_count=count(select(Farm.id).where(Farm.state == FarmState.OPEN)),
    )


# -- the trail ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One deed of the trail, as a sentence: who, what; and the facts written beside it."""

    at: datetime
    who: str
    who_code: str | None
    helped: str | None
    deed: Text
    code: str
    facts: Sequence[tuple[Text | str, str]]


@dataclass(frozen=True)
class TrailQuery:
    """What of the trail is asked for: a person (name, phone, e-mail or code), a record's code, a verb, a day. `kinds`
    are the tables of the records whoever asks may know of; none: all."""

    person: str = ""
    code: str = ""
    verb: str = ""
    day: date | None = None
    kinds: tuple[str, ...] = ()


REVIEWED = (
    "certificate", "dossier", "dossier_extension", "farm", "goods_sheet", "hand_over", "listing_review", "lot",
    "product", "variant",
)  # fmt: skip
"""Tables of what reviewers answer for: of these they see who did what, for whom, when."""


def trail(asked: TrailQuery) -> Select[AuditEntry]:
    """The deeds asked for, newest first."""
    found = select(AuditEntry)
    if asked.person:
        ids = [person.id for person in accounts.people(asked.person, limit=50)]
        found = found.where(or_(AuditEntry.actor_id.in_(ids), AuditEntry.for_id.in_(ids)))
    if asked.code:
        found = found.where(AuditEntry.record_code == asked.code.upper())
    if asked.kinds:
        found = found.where(AuditEntry.record_type.in_(asked.kinds))
    if asked.verb:
        found = found.where(AuditEntry.verb == asked.verb)
    if asked.day is not None:
        found = found.where(
            AuditEntry.at >= clock.start_of_day(asked.day),
            AuditEntry.at < clock.start_of_day(asked.day + timedelta(days=1)),
        )
    return found.order_by(AuditEntry.id.desc())


def count(asked: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0


def verbs(kinds: tuple[str, ...] = ()) -> list[tuple[str, Text]]:
    """Every verb that stands in the trail (of these tables), with its words, by words."""
    asked = select(AuditEntry.verb).distinct()
    found = db.session.scalars(asked.where(AuditEntry.record_type.in_(kinds)) if kinds else asked)
    return sorted(((verb, wording.deed(verb, "…")) for verb in found), key=lambda row: str(row[1]))


def lines(asked: Select[AuditEntry], offset: int = 0, limit: int = 50) -> list[Line]:
    """A page of the trail in sentences."""
    entries = list(db.session.scalars(asked.offset(offset).limit(limit)))
    ids = {number for entry in entries for number in (entry.actor_id, entry.for_id) if number is not None}
    people = {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(ids)))}
    return [_line(entry, people) for entry in entries]


def _line(entry: AuditEntry, people: Mapping[int, Person]) -> Line:
    actor, helped = people.get(entry.actor_id or 0), people.get(entry.for_id or 0)
    return Line(
        at=entry.at,
        who=actor.name if actor is not None else str(wording.ACTORS.get(entry.actor_kind, entry.actor_kind)),
        who_code=actor.code if actor is not None else None,
        helped=helped.name if helped is not None else None,
        deed=wording.deed(entry.verb, entry.record_code),
        code=entry.record_code,
        facts=[
            (wording.DETAILS.get(name, name), _fact(entry, name, value))
            for name, value in entry.details.items()
        ],
    )


def _fact(entry: AuditEntry, name: str, value: object) -> str:
    if name == "origin":
        return str(wording.state_label(entry.record_type, str(value)))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(_("có") if value else _("không"))
    if isinstance(value, int) and name.endswith("_dong"):
        return f"{value:,} ₫".replace(",", ".")
    return str(value)


# -- jobs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A row of the schedule: what, when, and when it was last done."""

    name: str
    says: Text | str
    when: Text | str
    done_at: datetime | None


def schedule(table: Mapping[str, Mapping[str, str]]) -> list[Run]:
    """What happens by the clock, those of the night first."""
    done = dict(
        db.session.execute(
            select(OutboxJob.name, func.max(OutboxJob.done_at))
            .where(OutboxJob.name.in_(table), OutboxJob.done_at.is_not(None))
            .group_by(OutboxJob.name)
        ).all()
    )
    by_hour = sorted(
        table.items(), key=lambda row: (not row[1].get("hour", "*").isdigit(), _clock_key(row[1]))
    )
    return [Run(name, wording.job(name), wording.when(fields), done.get(name)) for name, fields in by_hour]


def _clock_key(fields: Mapping[str, str]) -> tuple[int, str]:
    hour = fields.get("hour", "")
    return (int(hour) if hour.isdigit() else 99, fields.get("minute", "").zfill(4))


@dataclass(frozen=True)
class Waiting:
    """Jobs of one kind still to be done: how many, since when, how often one of them failed."""

    name: str
    count: int
    run_after: datetime
    attempts: int


def waiting_jobs() -> list[Waiting]:
    """Jobs still to be done, by kind, the longest waiting first."""
    since = func.min(OutboxJob.run_after)
    rows = db.session.execute(
        select(OutboxJob.name, func.count(), since, func.max(OutboxJob.attempts))
        .where(OutboxJob.done_at.is_(None), OutboxJob.given_up_at.is_(None))
        .group_by(OutboxJob.name)
        .order_by(since, OutboxJob.name)
    )
    return [Waiting(*row) for row in rows]


# -- service points -----------------------------------------------------------------------------------------------


def points(text: str, province: str | None, is_closed: bool) -> Select[ServicePoint]:
    """Counters by name, address or code, also the closed ones, in the order of communes."""
    state = ServicePointState.CLOSED if is_closed else ServicePointState.OPEN
    found = select(ServicePoint).where(ServicePoint.state == state)
    if province:
        found = found.where(ServicePoint.province_code == province)
    for typed in text[: places.LONGEST_SEARCH].replace(",", " ").split():
        # A code is not folded: it may end in a y, which names write as an i.
        named = ServicePoint.search_key.contains(folded_key(typed), autoescape=True)
        found = found.where(or_(named, ServicePoint.code == typed.upper()))
    return found.order_by(ServicePoint.province_code, ServicePoint.commune_key, ServicePoint.id)


def written_hours(point: ServicePoint) -> str:
    """The weekly hours as they are typed: `1-5 07:30-11:30 13:30-17:00; 6 07:30-11:30`."""
    spans = {
        day: " ".join(
            f"{row.opens:%H:%M}-{row.closes:%H:%M}" for row in point.weekly_hours if row.weekday == day
        )
        for day in range(7)
    }
    parts = []
    for hours, days in groupby(range(7), key=lambda day: spans[day]):
        first, *rest = days
        if hours:
            parts.append(f"{first + 1}{f'-{rest[-1] + 1}' if rest else ''} {hours}")
    return "; ".join(parts)


@dataclass(frozen=True)
class Post:
    """Where somebody works: a service point, or a commune."""

    point_id: int | None
    commune_code: str | None


def read_post(text: str) -> Post:
    """The place meant by a code or a name; raises Refusal naming the choices when it could be several."""
    text = " ".join(text.split())
    point = db.session.scalar(select(ServicePoint).where(ServicePoint.code == text.upper()))
    if point is not None:
        return Post(point.id, None)
    if places.commune(text) is not None:
        return Post(None, text)
    points = places.service_points(text=text, limit=6) if text else []
    communes = places.find_communes(text, limit=6)
    if len(points) + len(communes) == 1:
        return Post(points[0].id, None) if points else Post(None, communes[0].code)
    meant = [f"{one.name} ({one.code})" for one in points]
    meant += [f"{one.name}, {one.province.name} ({one.code})" for one in communes]
    if not meant:
        raise Refusal(_("Không thấy điểm hay xã nào như vậy. Hãy xem lại tên hoặc mã."), "post")
    raise Refusal(
        _("Có nhiều nơi giống tên này: %(places)s. Hãy ghi mã trong ngoặc.", places="; ".join(meant[:8])),
        "post",
    )
