"""Paying by transfer: whoever has the payment's code may pay it; the order itself opens only for its buyer."""

import secrets
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from marketplace.farmers import queries as farmers
from marketplace.foundation import clock, market, qr
from marketplace.foundation.access import current_actor, current_person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.jobs import enqueue
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import notice, page, with_query
from marketplace.foundation.words import _, language
from marketplace.payments import queries, service
from marketplace.payments.models import CardAttempt, Payment, PaymentState
from marketplace.payments.port import CardAsk, Cards, CardsRefuse, CardsUnavailable
from marketplace.places import counters
from marketplace.places import queries as places
from marketplace.places.counters import Going

bp = Blueprint("payments", __name__)


@bp.get("/pay/<code>")
def pay(code: str) -> tuple[str, int]:
    payment = queries.payment_for(code)
    bank = queries.bank()
    is_waiting = payment.state is PaymentState.EXPECTED
    by_transfer = payment.method == "vietqr"
    left = payment.expires_at - clock.now() if payment.expires_at else None
    return page(
        "payments/public/pay.html",
        payment=payment,
        order=payment.order,
        bank=bank,
        bank_name=_bank_name(bank),
        svg=qr.svg(service.qr_payload(payment)) if is_waiting and bank and by_transfer else None,
        is_waiting=is_waiting,
        minutes_left=max(0, int(left.total_seconds() // 60)) if left else None,
        kept=queries.kept_notices_for(payment),
        refunds=queries.refunds_of(payment.order),
        order_key=_order_key(payment),
        returned="returned" in request.args,
        counter=_counter_near(payment) if is_waiting and payment.method == "counter" else None,
    )


def _counter_near(payment: Payment) -> Going | None:
    """The counter nearest to the buyer, as it is today."""
    point = places.service_point_for(payment.order.commune_code)
    return counters.going_to(point) if point is not None else None


def _bank_name(bank: queries.Bank | None) -> str:
    found = farmers.bank(bank.bin) if bank else None
    return found.short_name if found else ""


def _order_key(payment: Payment) -> dict[str, Any] | None:
    """How this visitor opens the order: as its buyer, by the secret they came with, or not at all."""
    person = current_person()
    if person is not None and payment.order.buyer_id == person.id:
        return {}
    key = request.args.get("key", "")
    return {"key": key} if secrets.compare_digest(key.encode(), payment.order.secret.encode()) else None


@bp.get("/pay/<code>/state")
def state(code: str) -> Response:
    payment = queries.payment_for(code)
    # What the page shows now, in two words: it reloads when they change.
    kept = len(queries.kept_for(payment))
    return Response(
        f"{payment.state.value} {kept}", mimetype="text/plain", headers={"Cache-Control": "no-store"}
    )


@bp.get("/pay/<code>/qr.png")
def qr_picture(code: str) -> Response:
    """The code as a picture to keep: bank apps on the same telephone read it from there."""
    payment = queries.payment_for(code)
    if payment.state is not PaymentState.EXPECTED:
        raise Missing()
    return Response(
        qr.png(service.qr_payload(payment)),
        mimetype="image/png",
        headers={
            "Content-Disposition": f'attachment; filename="{payment.code}.png"',
            "Cache-Control": "private, no-store",
        },
    )


@bp.get("/pay/<code>/card")
def card(code: str) -> Answer:
    """On to the card company's page. A link and not a form: a browser lets a form go nowhere but to ourselves. Asked
    again it is the same page, until that one is over."""
    payment = queries.payment_for(code)
    company: Cards | None = market.plugged("payments.cards")
    if company is None or payment.method != "card":
        raise Missing()
    site, path = market.settings().site_url, url_for("payments.pay", code=payment.code)
    here = with_query(path, request.args)
    with transaction():
        attempt = service.prepare_card(payment, current_actor())
        known, attempt_id = attempt.url, attempt.id
        ask = CardAsk(
            key=attempt.key,
            payment_code=payment.code,
            order_code=payment.order.code,
            amount_dong=payment.amount_dong,
            expires_at=attempt.expires_at,
            paid_url=site + with_query(path, {**request.args, "returned": "1"}),
            back_url=site + here,
            language=language(),
        )
    if known:
        return redirect(known, 303)
    # Between two transactions: the card company may take its time.
    try:
        session = company.begin(ask)
    except CardsUnavailable:
        notice(_("Cổng thẻ đang bận. Hãy thử lại sau một phút; bạn chưa bị trừ tiền."), "warn")
        return redirect(here, 303)
    except CardsRefuse as refusal:
        with transaction():
            service.card_page_refused(db.session.get_one(CardAttempt, attempt_id), str(refusal))
        notice(_("Cổng thẻ không nhận khoản này. Hãy thử lại hoặc đặt lại với cách trả khác."), "bad")
        return redirect(here, 303)
    with transaction():
        service.card_page_opened(db.session.get_one(CardAttempt, attempt_id), session)
    return redirect(session.url, 303)


@bp.post("/pay/<code>/simulation")
def simulate(code: str) -> Answer:
    """While developing: the bank's word, without a bank."""
    payment = queries.payment_for(code)
    bank = queries.bank()
    if bank is None or not bank.is_demo:
        raise Missing()
    with transaction():
        told, is_new = service.keep_bank_notice(
            "demo",
            f"demo-{payment.code}",
            payment.amount_dong,
            payment.code,
            bank.account,
            {"simulated": True},
        )
        if is_new:
            enqueue("payments.settle_notice", told.id)
    return redirect(with_query(url_for("payments.pay", code=payment.code), request.args), 303)
