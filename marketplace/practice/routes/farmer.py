"""The rehearsal: who has to come so that a learner can go on, called by a button. Only in the practice market."""

from typing import Any

from flask import Blueprint, redirect

from marketplace.accounts.models import Person
from marketplace.farmers import queries as farm_queries
from marketplace.foundation import market
from marketplace.foundation.access import person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.practice import service
from marketplace.training import bridge, lessons
from marketplace.training import queries as training
from marketplace.training.bridge import Report
from marketplace.training.steps import BY_KEY

bp = Blueprint("practice_farmer", __name__)

PRACTISED = ("listing", "order", "delivered", "paid")


@bp.before_request
def only_in_practice() -> None:
    if not market.settings().practice:
        raise Missing()


def _me() -> Person:
    return db.session.get_one(Person, person().id)


@bp.get("")
def home() -> Any:
    return page(
        "practice/farmer/home.html",
        farm=farm_queries.my_farm(person()),
        parcels=service.waiting(person()),
        reached=training.steps_of(person()),
        steps=[BY_KEY[key] for key in PRACTISED],
    )


@bp.post("/orders")
def order() -> Any:
    with transaction():
        service.bring_order(_me())
    notice(_("Có đơn mới! Mở Đơn hàng để nhận."))
    return redirect_to("practice_farmer.home")


@bp.post("/scans")
def scan() -> Any:
    with transaction():
        label = service.carry_on(_me()).state.label
    notice(_("Bưu điện tập đã làm xong một chặng: %(state)s.", state=label))
    return redirect_to("practice_farmer.home")


@bp.post("/payments")
def pay() -> Any:
    with transaction():
        service.pay_out(_me())
    notice(_("Tiền đã về. Mở trang Tiền để xem từng đồng."))
    return redirect_to("practice_farmer.home")


@bp.post("/beginning")
def begin_again() -> Any:
    with transaction():
        service.begin_again(_me())
    notice(_("Gian hàng tập mới đã mở. Hàng và đơn cũ đã dọn đi."))
    return redirect_to("practice_farmer.home")


@bp.get("/way-back")
def back() -> Any:
    """Home to the real market, with a word of what was practised."""
    reached = training.steps_of(person())
    deeds = [key for key in PRACTISED if key in reached] + sorted(lessons.done_by(person()))
    word = bridge.report(Report(person=person().code, deeds=tuple(deeds)))
    real = market.settings().site_url.removesuffix("/practice")
    return redirect(f"{real}/learn/practice?word={word}", 303)
