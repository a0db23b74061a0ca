"""Papers for the buyer: the order's confirmation (the contract), delivery notes, receipts. A guest's open by key."""

from flask import Blueprint, Response, request

from marketplace.foundation.access import current_actor, current_person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Missing
from marketplace.orders import queries as orders
from marketplace.orders.models import Order
from marketplace.payments import queries, service
from marketplace.payments.models import Document

bp = Blueprint("payments_documents", __name__)


def _order(code: str) -> Order:
    """The buyer's own order, or the one the key opens; anybody else's is Missing."""
    person, key = current_person(), request.args.get("key", "")
    if person is not None:
        try:
            return orders.order_for(person, code)
        except Missing:
            if not key:
                raise
    return orders.order_by_secret(code, key)


def _answer(document: Document) -> Response:
    name = document.title_number.replace("/", "-")
    return Response(
        service.document_pdf(document),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )


@bp.get("/account/orders/<code:code>/confirmation.pdf")
def confirmation(code: str) -> Response:
    with transaction():
        return _answer(service.confirmation(_order(code), current_actor()))


@bp.get("/account/orders/<code:code>/delivery-notes/<code:part>.pdf")
def delivery_note(code: str, part: str) -> Response:
    with transaction():
        found = next((one for one in _order(code).farm_orders if one.code == part), None)
        if found is None:
            raise Missing()
        return _answer(service.delivery_note(found, current_actor()))


@bp.get("/account/orders/<code:code>/receipts/<code:payment>.pdf")
def receipt(code: str, payment: str) -> Response:
    with transaction():
        found = next((one for one in queries.payments_of(_order(code)) if one.code == payment), None)
        if found is None:
            raise Missing()
        return _answer(service.receipt(found, current_actor()))
