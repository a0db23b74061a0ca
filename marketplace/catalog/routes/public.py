"""For everybody: what a certificate proves, by its number or from its badge; where a pack in the hand comes from."""

from typing import Any

from flask import Blueprint, current_app, request, url_for

from marketplace.catalog import history, papers, queries
from marketplace.catalog.models import CERTIFICATE_WORDS, EVIDENCE_WORDS
from marketplace.foundation import clock, qr
from marketplace.foundation.access import limiter
from marketplace.foundation.form import tidy
from marketplace.foundation.web import page
from marketplace.places import queries as places

bp = Blueprint("catalog", __name__)


@bp.get("/certificates")
@limiter.limit("60 per minute")
def certificates() -> Any:
    """Look a certificate up by the number printed on it."""
    number = tidy(request.args.get("number", ""))[:60]
    return page(
        "catalog/public/certificates.html",
        number=number,
        found=papers.by_number(number) if number else [],
        words=CERTIFICATE_WORDS,
        farm_of=papers.owner_farm,
    )


@bp.get("/certificates/<code>")
@limiter.limit("120 per minute")
def certificate(code: str) -> Any:
    """The proof behind a badge: who gave it, who looked at it, how well it is proved, until when it holds."""
    found = papers.shown(code)
    return page(
        "catalog/public/certificate.html",
        certificate=found,
        farm=papers.owner_farm(found),
        kind_name=CERTIFICATE_WORDS[found.kind],
        grade=EVIDENCE_WORDS[found.grade] if found.grade else None,
        proves=found.proves_now,
        is_over=found.valid_until < clock.today(),
    )


@bp.get("/trace/<code>")
def trace(code: str) -> Any:
    """A lot: farm, commune, harvest, certificates, who wrote down what and when; with the code to stick on the pack."""
    lot = queries.lot_of(code.upper())
    product = lot.product
    site = current_app.extensions["settings"].site_url.rstrip("/")
    address = f"{site}{url_for('catalog.trace', code=lot.code)}"
    return page(
        "catalog/public/trace.html",
        lot=lot,
        product=product,
        place=places.commune_words(product.farm.commune_code or ""),
        certificates=queries.certificates_now(product),
        kinds=CERTIFICATE_WORDS,
        trail=history.trail_of_lot(lot),
        on_sale=queries.is_on_sale(product),
        address_here=address,
        picture=qr.svg(address),
    )
