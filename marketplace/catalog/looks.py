"""Listings somebody of the market looks at before they show: which wait, which were decided, which came back."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace.catalog.models import ListingReview, Product, ProductState, ReviewState
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing


def waiting_for(product: Product) -> ListingReview | None:
    """The look this listing waits for."""
    return db.session.scalar(
        select(ListingReview).where(
            ListingReview.product_id == product.id, ListingReview.state == ReviewState.WAITING
        )
    )


def sent_back(product: Product) -> ListingReview | None:
    """The look its farm has still to answer: the last one, when it came back with a reason and the listing shows
    nowhere."""
    if product.state not in (ProductState.DRAFT, ProductState.PAUSED):
        return None
    last = db.session.scalar(
        select(ListingReview)
        .where(ListingReview.product_id == product.id)
        .order_by(ListingReview.id.desc())
        .limit(1)
    )
    return last if last is not None and last.state is ReviewState.SENT_BACK else None


def waiting() -> list[ListingReview]:
    """Listings that wait for a look, oldest first."""
    return list(
        db.session.scalars(
            select(ListingReview)
            .where(ListingReview.state == ReviewState.WAITING)
            .options(joinedload(ListingReview.product).joinedload(Product.farm))
            .order_by(ListingReview.id)
            .limit(200)
        )
    )


def decided(limit: int = 50) -> list[ListingReview]:
    """Those decided lately, newest first."""
    return list(
        db.session.scalars(
            select(ListingReview)
            .where(ListingReview.state != ReviewState.WAITING)
            .options(joinedload(ListingReview.product).joinedload(Product.farm))
            .order_by(ListingReview.id.desc())
            .limit(limit)
        )
    )


def look(code: str) -> ListingReview:
    """The look with this code, for a reviewer."""
    found = db.session.scalar(select(ListingReview).where(ListingReview.code == code))
    if found is None:
        raise Missing()
    return found
