"""What the platform owes the public: what it is and who runs it, how goods are ranked, what is taken of a price, how to
complain, what is kept of people, the rules of the market, whose work it is made of."""

from typing import Any

from flask import Blueprint

from marketplace.foundation.web import page
from marketplace.shipping.price_list import ZONE_WORDS
from marketplace.storefront import duties

bp = Blueprint("about", __name__)


@bp.get("")
def about() -> Any:
    return page("storefront/public/about/about.html", owner=duties.owner())


@bp.get("/ranking")
def ranking() -> Any:
    return page("storefront/public/about/ranking.html")


@bp.get("/fees")
def fees() -> Any:
    return page("storefront/public/about/fees.html", fees=duties.fees(), zones=ZONE_WORDS)


@bp.get("/complaints")
def complaints() -> Any:
    return page("storefront/public/about/complaints.html", owner=duties.owner(), times=duties.claim_rule())


@bp.get("/duties")
def law() -> Any:
    """Each duty of the law, and the page where it is met."""
    return page("storefront/public/about/law.html", duties=duties.DUTIES, kept=duties.kept())


@bp.get("/privacy")
def privacy() -> Any:
    return page("storefront/public/about/privacy.html", owner=duties.owner())


@bp.get("/terms")
def terms() -> Any:
    return page(
        "storefront/public/about/terms.html",
        owner=duties.owner(),
        answer=duties.answer_rule(),
        fee=duties.fees().fee,
    )


@bp.get("/licences")
def licences() -> Any:
    return page("storefront/public/about/licences.html", packages=duties.packages())
