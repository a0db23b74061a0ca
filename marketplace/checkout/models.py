"""A cart and its lines."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.catalog.models import Variant
from marketplace.foundation.db import Dong, Moment, Record


class Cart(Record):
    """What somebody means to buy. A guest's cart is found by the token in the browser's session; on sign-in it is
    poured into the person's own."""

    __tablename__ = "cart"

    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), unique=True)
    token: Mapped[str | None] = mapped_column(String(40), unique=True)
    touched_at: Mapped[datetime] = mapped_column(Moment, index=True)
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
