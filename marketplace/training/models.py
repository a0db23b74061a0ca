"""Classes, who teaches them, who learns in them, and the words of encouragement that were sent."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from marketplace.accounts.models import Consent, Person
from marketplace.catalog.models import Product
from marketplace.farmers.models import Farm
from marketplace.foundation import states
from marketplace.foundation.db import Line, Moment, Prose, Record, state_column
from marketplace.foundation.files import StoredPaper
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder

MOST_SEATS = 200


class ClassState(State):
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class LearnerState(State):
    LISTED = "listed"
    JOINED = "joined"
    LEFT = "left"


states.label(
    {
        ClassState.OPEN: (_("Đang nhận học viên"), "good"),
        ClassState.CLOSED: _("Đã khép lớp"),
        ClassState.CANCELLED: (_("Đã hủy"), "bad"),
        LearnerState.LISTED: (_("Chưa xác nhận"), "warm"),
        LearnerState.JOINED: (_("Đã vào lớp"), "good"),
        LearnerState.LEFT: _("Đã rời lớp"),
    }
)


class CameBy(StrEnum):
    """How a learner came into the class."""

    CODE = "code"
    TYPED = "typed"
    IMPORTED = "imported"


CAME_BY_WORDS: dict[CameBy, Text] = {
    CameBy.CODE: _("tự vào bằng mã lớp"),
    CameBy.TYPED: _("cán bộ ghi tên"),
    CameBy.IMPORTED: _("từ danh sách giấy"),
}


class TrainingClass(Record):
    """A class in a commune on a day. `join_code` is six digits, printed on the poster and read out in the hall."""

    __tablename__ = "training_class"
    __table_args__ = (
        CheckConstraint(f"seats BETWEEN 1 AND {MOST_SEATS}", name="seats"),
        CheckConstraint("begins_at < ends_at", name="begins_before_it_ends"),
    )
    CODE_PREFIX = "LOP"
    CODE_LENGTH = 6
    MOVES: ClassVar[Mapping[ClassState, frozenset[ClassState]]] = {
        ClassState.OPEN: frozenset({ClassState.CLOSED, ClassState.CANCELLED}),
        ClassState.CLOSED: frozenset({ClassState.OPEN}),
    }

    title: Mapped[str] = mapped_column(Line(120))
    province_code: Mapped[str] = mapped_column(String(2), index=True)
    commune_code: Mapped[str] = mapped_column(String(5), index=True)
    place: Mapped[str] = mapped_column(Line(200))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    begins_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    seats: Mapped[int]
    note: Mapped[str] = mapped_column(Prose, default="")
    trainer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    join_code: Mapped[str] = mapped_column(String(6), unique=True)
    state: Mapped[ClassState] = state_column(ClassState, default=ClassState.OPEN)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    trainer: Mapped[Person] = relationship(lazy="joined")
    assistants: Mapped[list["ClassAssistant"]] = relationship(
        back_populates="training_class", order_by="ClassAssistant.id"
    )

    @property
    def join_code_shown(self) -> str:
        """`123 456`: two groups are easier to read out."""
        return f"{self.join_code[:3]} {self.join_code[3:]}"


class ClassAssistant(Record):
    """A second trainer of a class: sees and does what the first one does."""

    __tablename__ = "class_assistant"
    __table_args__ = (UniqueConstraint("class_id", "person_id"),)

    class_id: Mapped[int] = mapped_column(ForeignKey("training_class.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    training_class: Mapped[TrainingClass] = relationship(back_populates="assistants")
    person: Mapped[Person] = relationship(lazy="joined")


class Learner(Record):
    """Somebody in a class. `person_id` is known when they came with their own account, or proved this number later.

    Until they said yes themselves (`joined_at`) nobody sees how far they are: a name on a list is not a consent
    (Law 91/2025/QH15 on personal data). The code is printed on the certificate of completion.
    """

    __tablename__ = "learner"
    __table_args__ = (
        UniqueConstraint("class_id", "phone"),
        Index("ix_learner_person", "person_id", "class_id"),
        Index("ix_learner_phone", "phone"),
    )
    CODE_PREFIX = "HV"
    MOVES: ClassVar[Mapping[LearnerState, frozenset[LearnerState]]] = {
        LearnerState.LISTED: frozenset({LearnerState.JOINED, LearnerState.LEFT}),
        LearnerState.JOINED: frozenset({LearnerState.LEFT}),
        LearnerState.LEFT: frozenset({LearnerState.JOINED}),
    }

    class_id: Mapped[int] = mapped_column(ForeignKey("training_class.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(Line(120))
    phone: Mapped[str] = mapped_column(String(20))
    came_by: Mapped[CameBy] = state_column(CameBy, index=False)
    state: Mapped[LearnerState] = state_column(LearnerState, default=LearnerState.LISTED)
    joined_at: Mapped[datetime | None] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)
    attended_at: Mapped[datetime | None] = mapped_column(Moment)
    training_class: Mapped[TrainingClass] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship()


class Nudge(Record):
    """A word of encouragement sent to a learner, and for which step; the same step is not nudged twice in three
    days."""

    __tablename__ = "nudge"
    __table_args__ = (Index("ix_nudge_learner", "learner_id", "step"),)

    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"))
    step: Mapped[str] = mapped_column(String(24))
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class HelpedState(State):
    ASKED = "asked"
    AGREED = "agreed"
    UNDONE = "undone"


states.label(
    {
        HelpedState.ASKED: (_("Chờ chủ hàng đồng ý"), "warm"),
        HelpedState.AGREED: (_("Chủ hàng đã đồng ý"), "good"),
        HelpedState.UNDONE: _("Chủ hàng đã gỡ"),
    }
)


class AgreedBy(StrEnum):
    """How the farmer said yes: on their own telephone, by a code of an SMS read out to the helper, or by the next
    number of their paper slip."""

    PHONE = "phone"
    CODE = "code"
    SLIP = "slip"


class HelpedWork(Record):
    """What a helper prepared for a farmer: it counts for nothing until the farmer's own yes, and for a day after it
    one tap takes it back."""

    __abstract__ = True
    KIND: ClassVar[str]
    MOVES: ClassVar[Mapping[HelpedState, frozenset[HelpedState]]] = {
        HelpedState.ASKED: frozenset({HelpedState.AGREED, HelpedState.UNDONE}),
        HelpedState.AGREED: frozenset({HelpedState.UNDONE}),
    }

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    helper_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[HelpedState] = state_column(HelpedState, default=HelpedState.ASKED)
    agreed_by: Mapped[AgreedBy | None] = state_column(AgreedBy, nullable=True, index=False)
    agreed_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)

    @declared_attr
    def person(cls) -> Mapped[Person]:
        return relationship(Person, foreign_keys=f"{cls.__name__}.person_id")

    @declared_attr
    def helper(cls) -> Mapped[Person]:
        return relationship(Person, foreign_keys=f"{cls.__name__}.helper_id")

    @property
    def title(self) -> str:
        """What it is about, as the farmer calls it."""
        raise NotImplementedError

    @property
    def deed(self) -> str:
        """What a code or a number for it stands for, and nothing else."""
        return f"{self.__tablename__} {self.code}"


class HelpedListing(HelpedWork):
    """A product a helper drew up: nobody sees it until the farmer's own yes."""

    __tablename__ = "helped_listing"
    __table_args__ = (Index("ix_helped_listing_person", "person_id", "state"),)
    CODE_PREFIX = "GH"
    KIND = "listing"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), unique=True)
    product: Mapped[Product] = relationship()

    @property
    def title(self) -> str:
        return self.product.name


class HelpedDossier(HelpedWork):
    """The application for a shop a helper filled in: it is handed in by the farmer's own yes. How the farm is paid is
    not in it: that the farmer chooses themselves."""

    __tablename__ = "helped_dossier"
    __table_args__ = (Index("ix_helped_dossier_person", "person_id", "state"),)
    CODE_PREFIX = "GS"
    KIND = "dossier"

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"), index=True)
    farm: Mapped[Farm] = relationship()

    @property
    def title(self) -> str:
        return self.farm.name


class HelpedOrder(HelpedWork):
    """A yes to a buyer's order a helper got ready: it binds the farm only once the farmer says it. Packing and handing
    over what the farm accepted need no second yes: the consent says so, and each is told to the farmer."""

    __tablename__ = "helped_order"
    __table_args__ = (Index("ix_helped_order_person", "person_id", "state"),)
    CODE_PREFIX = "GD"
    KIND = "order"

    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    farm_order: Mapped[FarmOrder] = relationship()

    @property
    def title(self) -> str:
        return self.farm_order.code


class ConsentPaper(Record):
    """A consent the farmer signed on paper, photographed: kept as private as the papers of a dossier."""

    __tablename__ = "consent_paper"
    CODE_PREFIX = "GK"

    consent_id: Mapped[int] = mapped_column(ForeignKey("consent.id"), unique=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("stored_paper.id"))
    consent: Mapped[Consent] = relationship(lazy="joined")
    paper: Mapped[StoredPaper] = relationship(lazy="joined")


class CodeSlip(Record):
    """A paper slip of numbers handed out in class. The numbers are used in their order, each once and for one deed;
    of each only its fingerprint is kept. A new slip makes the old one void."""

    __tablename__ = "code_slip"
    __table_args__ = (Index("ix_code_slip_person", "person_id", "voided_at"),)
    CODE_PREFIX = "TM"
    CODE_LENGTH = 6

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("training_class.id"))
    printed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    next_place: Mapped[int] = mapped_column(default=1)
    wrong_count: Mapped[int] = mapped_column(default=0)
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    numbers: Mapped[list["SlipNumber"]] = relationship(
        back_populates="slip", order_by="SlipNumber.place", cascade="all, delete-orphan"
    )


class SlipNumber(Record):
    """One number of a slip, by its place; the deed it was used for, once it was."""

    __tablename__ = "slip_number"
    __table_args__ = (UniqueConstraint("slip_id", "place"),)

    slip_id: Mapped[int] = mapped_column(ForeignKey("code_slip.id"))
    place: Mapped[int]
    number_hash: Mapped[str] = mapped_column(String(64))
    deed: Mapped[str | None] = mapped_column(String(80))
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    slip: Mapped[CodeSlip] = relationship(back_populates="numbers")


class PracticeReport(Record):
    """A step somebody took in the practice market, or the deed of a lesson they did there (by its key): all that the
    real one ever learns of it."""

    __tablename__ = "practice_report"
    __table_args__ = (UniqueConstraint("person_id", "step"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    step: Mapped[str] = mapped_column(String(24))
