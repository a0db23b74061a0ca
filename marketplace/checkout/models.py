"""A cart and its lines, the quotes it was shown, and the orders that came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.catalog.models import Variant
from marketplace.foundation.db import Dong, Line, Moment, Record


class Cart(Record):
    """What somebody means to buy. A guest's cart is found by the token in the browser's session; on sign-in it is
    poured into the person's own. `round` counts what was ordered from it: one order comes of each round. A clerk's cart
    for somebody who telephones has the helper, and the caller's name and telephone."""

    __tablename__ = "cart"

    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), unique=True)
    token: Mapped[str | None] = mapped_column(String(40), unique=True)
    touched_at: Mapped[datetime] = mapped_column(Moment, index=True)
    round: Mapped[int] = mapped_column(default=1)
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    for_name: Mapped[str | None] = mapped_column(Line(120))
    for_phone: Mapped[str | None] = mapped_column(String(20))
    lines: Mapped[list["CartLine"]] = relationship(
        back_populates="cart", order_by="CartLine.id", cascade="all, delete-orphan"
    )


class CartLine(Record):
    """So many of a pack; `seen_price_dong` is the price when it was put in, so that a change can be said."""

    __tablename__ = "cart_line"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity_sane"),
    )

    cart_id: Mapped[int] = mapped_column(ForeignKey("cart.id"), index=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"), index=True)
    quantity: Mapped[int]
    seen_price_dong: Mapped[int] = mapped_column(Dong)
    cart: Mapped[Cart] = relationship(back_populates="lines")
    variant: Mapped[Variant] = relationship()


class Quote(Record):
    """What sending one farm's goods of a cart costs, as the carrier said it: kept when the page is shown, so that no
    carrier is asked while an order is written. `basis` is a fingerprint of what it was asked about; when that differs,
    or `valid_until` is over, the carrier is asked again before anything is written."""

    __tablename__ = "quote"
    __table_args__ = (UniqueConstraint("cart_code", "farm_id", "is_cod"),)
    CODE_PREFIX = "BG"

    cart_code: Mapped[str] = mapped_column(String(40))
    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"))
    is_cod: Mapped[bool]
    basis: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Moment, index=True)
    valid_until: Mapped[datetime] = mapped_column(Moment)


class Placing(Record):
    """One order came of one round of a cart: whoever sends the same form, or another window of the same cart, finds
    it. `finished_at`: nothing is left to do after the order was written; the sweeper sees to those it never reached."""

    __tablename__ = "placing"
    __table_args__ = (UniqueConstraint("cart_code", "round"),)

    cart_code: Mapped[str] = mapped_column(String(40))
    round: Mapped[int]
    order_id: Mapped[int] = mapped_column(ForeignKey("order_.id"), unique=True)
    finished_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
