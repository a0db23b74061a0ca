"""What happens to parcels without a person. Safe to run twice: a carrier is called between transactions, by our own
code for the parcel, so that asking again makes nothing new."""

import time
from collections.abc import Sequence

import structlog

from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing
from marketplace.shipping import asking, carriers, dispatches, port, post_words, queries, service, spoiling
from marketplace.shipping.models import CarrierCall, Parcel, ParcelState, PickupRun, ScanKind
from marketplace.shipping.port import Away, Seen, WrongAnswer

log = structlog.get_logger(__name__)

JOB_SECONDS = 10.0
CARRIER = Actor("carrier", label="VNPost")


def remind_of_waiting() -> None:
    """Every morning: buyers whose parcel waits for them and goes back in a few days."""
    for parcel_id in queries.to_be_fetched_soon(clock.now()):
        with transaction():
            service.remind_of_waiting(db.session.get_one(Parcel, parcel_id))


def leave_unclaimed() -> None:
    """Every night: parcels nobody came for in the time the post keeps them."""
    for parcel_id in queries.waiting_too_long(clock.now()):
        with transaction():
            service.leave_unclaimed(db.session.get_one(Parcel, parcel_id))


def call_for_perishables() -> None:
    """Every quarter of an hour: whose fresh goods lie at a counter too long is told."""
    for parcel_id in spoiling.to_call(clock.now()):
        with transaction():
            spoiling.call(db.session.get_one(Parcel, parcel_id), SYSTEM)


def close_runs() -> None:
    """Every night: trips nobody closed."""
    for run_id in queries.open_runs(clock.today()):
        with transaction():
            service.close_run(db.session.get_one(PickupRun, run_id), SYSTEM)


def forget_kept_quotes() -> None:
    """Every hour: carriers' answers whose price holds no more."""
    with transaction():
        asking.forget(clock.now())


def book_outside(parcel_id: int) -> None:
    """Give the parcel to the carrier outside. When it is away the job comes again; the counter takes the parcel by the
    code written on it meanwhile."""
    outside = port.outside()
    parcel = db.session.get_one(Parcel, parcel_id)
    if outside is None or parcel.state is not ParcelState.ASKED:
        return
    booked = outside.book(carriers.order_for(parcel), _until())
    with transaction():
        parcel = db.session.get_one(Parcel, parcel_id)
        is_ours = carriers.was_booked(parcel, booked, CARRIER)
    if not is_ours:
        outside.cancel(booked.number, _until())


def cancel_outside(parcel_id: int) -> None:
    """Tell the carrier that the parcel will not come."""
    outside = port.outside()
    if outside is not None:
        outside.cancel(db.session.get_one(Parcel, parcel_id).tracking, _until())


def take_word(call_id: int) -> None:
    """A carrier's word, kept by its webhook. The first row is signed; what stands behind it is asked back."""
    call = db.session.get_one(CarrierCall, call_id)
    if call.handled_at is not None:
        return
    rows = [row for row in call.raw.get("data", []) if isinstance(row, dict)]
    told = [post_words.seen({"sendDate": call.raw.get("sendDate"), **row}) for row in rows]
    outside = port.outside()
    believed: list[Seen] = told[:1]
    for number in sorted({seen.number for seen in told[1:]}):
        if outside is not None and queries.find_parcel(number) is not None:
            believed += outside.history(number, _until())
    with transaction():
        call = db.session.get_one(CarrierCall, call_id)
        carriers.close_word(call, _record(believed))


def _record(told: Sequence[Seen]) -> str:
    """What a carrier saw, oldest first, as scans; inside the caller's transaction. Returns what could not be taken."""
    problems = []
    for seen in sorted(told, key=lambda one: one.at):
        if seen.kind is None:
            continue
        try:
            if dispatches.find(seen.number) is not None:
                dispatches.record(seen.number, ScanKind(seen.kind), CARRIER, at=seen.at, note=seen.note)
                continue
            service.record_scan(seen.number, ScanKind(seen.kind), CARRIER, note=seen.note, at=seen.at)
        except Missing:
            problems.append(f"unknown parcel {seen.number}")
    return "; ".join(problems)


def chase_silent() -> None:
    """Every morning: parcels nobody has seen for days are asked after at their carrier."""
    outside = port.outside()
    if outside is None:
        return
    for parcel in queries.silent_parcels(clock.now()):
        if parcel.carrier != outside.source:
            continue
        number = parcel.tracking
        try:
            told = outside.history(number, _until())
        except (Away, WrongAnswer) as problem:
            log.warning("carrier does not say where a parcel is", number=number, why=str(problem))
            continue
        with transaction():
            _record(told)


def _until() -> float:
    return time.monotonic() + JOB_SECONDS
