"""People and the keys they hold."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Line, Moment, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.notifications.models import Channel
from marketplace.places.models import ServicePoint


class Role(StrEnum):
    """What a person may be on the market. Everyone who registers is a buyer; farmer comes with a farm.

    An officer belongs to an authority, not to the post: only an officer decides public procedures."""

    BUYER = "buyer"
    FARMER = "farmer"
    TRAINER = "trainer"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    CASHIER = "cashier"
    OFFICER = "officer"
    ADMIN = "admin"


ROLE_WORDS: dict[Role, Text] = {
    Role.BUYER: _("Người mua"),
    Role.FARMER: _("Người bán"),
    Role.TRAINER: _("Cán bộ hướng dẫn"),
    Role.CLERK: _("Giao dịch viên bưu điện"),
    Role.REVIEWER: _("Người thẩm định"),
    Role.CASHIER: _("Thủ quỹ"),
    Role.OFFICER: _("Cán bộ cơ quan giải quyết thủ tục"),
    Role.ADMIN: _("Quản trị"),
}


class Person(Record):
    """A person. Flask-Login's questions are answered here; `sign_in_token` is set by the loader of the session.

    `phone` is theirs alone (`phone_verified_at`: they proved it by a code); `email` always was confirmed. What they
    only said is theirs waits in `claimed_phone` and `claimed_email`: a number that another account holds, or a new one.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL OR claimed_phone IS NOT NULL OR forgotten_at IS NOT NULL",
            name="reachable",
        ),
    )
    CODE_PREFIX = "N"

    name: Mapped[str] = mapped_column(Line(120))
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    email: Mapped[str | None] = mapped_column(Line(254), unique=True)
    claimed_phone: Mapped[str | None] = mapped_column(String(20), index=True)
    claimed_email: Mapped[str | None] = mapped_column(Line(254))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="vi")
    letters_by: Mapped[Channel | None] = state_column(Channel, nullable=True, index=False)
    phone_verified_at: Mapped[datetime | None] = mapped_column(Moment)
    email_verified_at: Mapped[datetime | None] = mapped_column(Moment)
    data_consent_at: Mapped[datetime | None] = mapped_column(Moment)
    blocked_at: Mapped[datetime | None] = mapped_column(Moment)
    forgotten_at: Mapped[datetime | None] = mapped_column(Moment)
    roles_held: Mapped[list["RoleHeld"]] = relationship(back_populates="person", lazy="selectin")
    posts: Mapped[list["PostHeld"]] = relationship(back_populates="person", order_by="PostHeld.id")

    __allow_unmapped__ = True
    sign_in_token: str | None = None
    sign_in_seen_at: datetime | None = None

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.blocked_at is None and self.forgotten_at is None

    def get_id(self) -> str:
        """What the session cookie holds: the sign-in's token, not the person's id."""
        assert self.sign_in_token is not None
        return self.sign_in_token

    @property
    def roles(self) -> set[Role]:
        return {Role.BUYER, *(held.role for held in self.roles_held)}

    def has_role(self, *roles: str) -> bool:
        return any(role in roles for role in self.roles)

    @property
    def contact_phone(self) -> str | None:
        """The number to call them on, proved or not. Pages show this one, so that a number somebody else holds looks
        like any other."""
        return self.phone or self.claimed_phone

    @property
    def phone_to_confirm(self) -> str | None:
        """The number they say is theirs and have not proved yet."""
        return self.claimed_phone or (self.phone if self.phone_verified_at is None else None)


class RoleHeld(Record):
    """A role of a person."""

    __tablename__ = "role_held"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = state_column(Role)
    person: Mapped[Person] = relationship(back_populates="roles_held")


class PostHeld(Record):
    """Where a person works: a clerk at a service point, a trainer in a commune. One of the two is set."""

    __tablename__ = "post_held"
    __table_args__ = (
        CheckConstraint("(service_point_id IS NULL) <> (commune_code IS NULL)", name="one_place"),
        Index("ix_post_held_place", "service_point_id", "commune_code"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    commune_code: Mapped[str | None] = mapped_column(String(5))
    person: Mapped[Person] = relationship(back_populates="posts")
    point: Mapped[ServicePoint | None] = relationship()


class SignIn(Record):
    """A session of a person on a device. The cookie holds the token, the table only its fingerprint."""

    __tablename__ = "sign_in"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(Line(200), default="")
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    person: Mapped[Person] = relationship(lazy="joined")


class OneTimeCode(Record):
    """A six-digit code or a link's secret, for one purpose, used once, soon stale. Only its fingerprint is kept."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_account", "account", "purpose"),)

    account: Mapped[str] = mapped_column(Line(254))
    purpose: Mapped[str] = mapped_column(String(32))
    secret_hash: Mapped[str] = mapped_column(String(200), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    wrong_count: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Throttle(Record):
    """How often something was tried for an account within the running window (sign-in, codes). The account is kept as
    a fingerprint: it may be the number of somebody who never was here."""

    __tablename__ = "throttle"
    __table_args__ = (UniqueConstraint("account", "purpose"),)

    account: Mapped[str] = mapped_column(Line(254))
    purpose: Mapped[str] = mapped_column(String(32))
    count: Mapped[int] = mapped_column(default=0)
    window_began_at: Mapped[datetime] = mapped_column(Moment)


class Invitation(Record):
    """An invitation by an admin: a role (and a post) waiting for a person to come in by a one-time link."""

    __tablename__ = "invitation"
    CODE_PREFIX = "MOI"

    name: Mapped[str] = mapped_column(Line(120))
    phone: Mapped[str] = mapped_column(String(20))
    role: Mapped[Role] = state_column(Role)
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    commune_code: Mapped[str | None] = mapped_column(String(5))
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    point: Mapped[ServicePoint | None] = relationship()


class SavedAddress(Record):
    """An address of a person, filled in at checkout; its place on the map and its Vpostcode where the person said them.
    (The postcode is the commune's.)"""

    __tablename__ = "saved_address"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(Line(120))
    phone: Mapped[str] = mapped_column(String(20))
    province_code: Mapped[str] = mapped_column(String(2))
    commune_code: Mapped[str] = mapped_column(String(5))
    street: Mapped[str] = mapped_column(Line(200))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    vpostcode: Mapped[str | None] = mapped_column(String(12))
    is_default: Mapped[bool] = mapped_column(Boolean, default=False)


class ConsentState(State):
    ASKED = "asked"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


states.label(
    {
        ConsentState.ASKED: (_("Đang chờ đồng ý"), "warm"),
        ConsentState.GIVEN: (_("Đã đồng ý"), "good"),
        ConsentState.WITHDRAWN: _("Đã rút lại"),
        ConsentState.EXPIRED: _("Đã hết hạn"),
    }
)


class HelpScope(StrEnum):
    """What a helper may do for a person. Money and the bank account are never in any scope."""

    LIST = "list"
    PAPERS = "papers"
    ORDERS = "orders"


HELP_WORDS: dict[HelpScope, Text] = {
    HelpScope.LIST: _("Đăng và sửa nông sản"),
    HelpScope.PAPERS: _("Làm hồ sơ, giấy tờ"),
    HelpScope.ORDERS: _("Trả lời và gói đơn hàng"),
}


class Consent(Record):
    """A person's consent that a helper acts for them, in one scope, until a moment."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_pair", "helper_id", "person_id", "state"),)
    CODE_PREFIX = "DY"
    MOVES: ClassVar[Mapping[ConsentState, frozenset[ConsentState]]] = {
        ConsentState.ASKED: frozenset({ConsentState.GIVEN, ConsentState.WITHDRAWN, ConsentState.EXPIRED}),
        ConsentState.GIVEN: frozenset({ConsentState.WITHDRAWN, ConsentState.EXPIRED}),
    }

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    helper_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    scope: Mapped[HelpScope] = state_column(HelpScope)
    state: Mapped[ConsentState] = state_column(ConsentState, default=ConsentState.ASKED)
    until: Mapped[datetime] = mapped_column(Moment)
    given_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    expired_at: Mapped[datetime | None] = mapped_column(Moment)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    helper: Mapped[Person] = relationship(foreign_keys=[helper_id])
