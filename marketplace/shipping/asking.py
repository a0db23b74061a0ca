"""Asking a carrier outside, so that a till is never kept waiting and never dead.

- All farms of a page are asked at once; after DEADLINE_SECONDS whoever has not answered is not waited for.
- Three failures in a row open the breaker: nobody is asked for a while, twice as long each time up to a minute; then
  one question is put in the background, on nobody's page; a good answer closes it, and live prices are back.
- An answer is believed only whole: đồng, more than nothing, and within ten times of what the tariff says.
- A believed answer is kept for KEPT_FOR and shown with its hour: the same question costs the same until then, also
  when the order is placed a moment later and the carrier is away by then.
- Without an answer the tariff's price stands, marked as an estimate. The rule: the buyer pays what was shown and frozen
  into the order; the difference to what the carrier asks later is the market's, never the buyer's or the farm's.
"""

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, insert, select

from marketplace.foundation import clock
from marketplace.foundation.db import db, in_transaction, new_code, turn_to_write
from marketplace.foundation.words import _
from marketplace.shipping.models import KeptQuote
from marketplace.shipping.port import (
    Away,
    Carrier,
    FeePart,
    OutsideCarrier,
    QuoteRequest,
    Quotes,
    Rate,
    RefusedService,
    Service,
    WrongAnswer,
    too_long,
)

log = structlog.get_logger(__name__)

DEADLINE_SECONDS = 1.8
"""Of the two seconds a page may take; the rest is the page's own."""
KEPT_FOR = timedelta(minutes=15)
LEAST_DONG, MOST_DONG = 500, 50_000_000
WITHIN_TIMES = 10
FAILURES, RESTS, LONGEST_REST = 3, 5.0, 60.0
AT_ONCE = 16


class Breaker:
    """Whether the carrier is asked at all. Closed: yes. Open: not before its rest is over, then by one trial."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._failures, self._rest, self._opened_at, self._on_trial = 0, RESTS, 0.0, False

    @property
    def is_closed(self) -> bool:
        return self._failures < FAILURES

    def take_trial(self) -> bool:
        """May this one question be put as a trial? True once after each rest."""
        with self._lock:
            due = not self.is_closed and not self._on_trial and self._now() - self._opened_at >= self._rest
            self._on_trial = self._on_trial or due
            return due

    def went_well(self) -> None:
        with self._lock:
            self._failures, self._rest, self._on_trial = 0, RESTS, False

    def went_wrong(self) -> None:
        with self._lock:
            if self._on_trial:
                self._rest, self._on_trial = min(self._rest * 2, LONGEST_REST), False
            self._failures += 1
            self._opened_at = self._now()


class AskedCarrier:
    """The market's carrier where one outside is asked: its prices, or the tariff's as estimates."""

    asks_outside = True

    def __init__(self, outside: OutsideCarrier, tariff: Carrier, deadline: float = DEADLINE_SECONDS) -> None:
        self.source, self.outside, self.tariff, self.deadline = outside.source, outside, tariff, deadline
        self.breaker = Breaker()
        self.counts: Counter[str] = Counter()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="carrier")

    def quote(self, request: QuoteRequest) -> Quotes:
        return self.quote_all([request])[0]

    def quote_all(self, requests: Sequence[QuoteRequest]) -> list[Quotes]:
        """What is kept, else what the carrier says now, else the tariff as an estimate. Inside a transaction nobody is
        asked: what the page before it was told is what counts."""
        if not requests:
            return []
        now = requests[0].at
        bases = self.tariff.quote_all(requests)
        keys = [key_of(self.source, request) for request in requests]
        kept = _kept(keys, now)
        found = [kept.get(key) for key in keys]
        missing = [place for place, quotes in enumerate(found) if quotes is None]
        if missing and not in_transaction():
            answers = self._ask([(requests[place], bases[place]) for place in missing])
            for place, quotes in zip(missing, answers, strict=True):
                found[place] = quotes
            _keep({keys[place]: quotes for place in missing if (quotes := found[place])}, self.source, now)
        return [quotes or _estimate(base) for quotes, base in zip(found, bases, strict=True)]

    def _ask(self, asked: Sequence[tuple[QuoteRequest, Quotes]]) -> list[Quotes | None]:
        """Everybody at once; None where no believed answer came in time."""
        if not self.breaker.is_closed:
            if self.breaker.take_trial():
                self._threads.submit(self._one, *asked[0], time.monotonic() + self.deadline)
            self.counts["estimate"] += len(asked)
            return [None] * len(asked)
        until = time.monotonic() + self.deadline
        calls: list[Future[Quotes | None]] = [
            self._threads.submit(self._one, request, base, until) for request, base in asked
        ]
        wait(calls, timeout=self.deadline)
        answers = [call.result() if call.done() and not call.cancel() else None for call in calls]
        self.counts["live"] += sum(answer is not None for answer in answers)
        self.counts["estimate"] += sum(answer is None for answer in answers)
        return answers

    def _one(self, request: QuoteRequest, base: Quotes, until: float) -> Quotes | None:
        """One question, in a thread of its own: the answer, or None. Everything that goes wrong opens the breaker."""
        try:
            quotes = believed(self.outside, self.outside.rates(request, until), request, base)
        except (Away, WrongAnswer) as problem:
            self.counts[type(problem).__name__] += 1
            self.breaker.went_wrong()
            log.warning("carrier gave no price", carrier=self.source, why=str(problem))
            return None
        except Exception:
            # Whatever a stranger's answer does to us, the page stands.
            self.counts["WrongAnswer"] += 1
            self.breaker.went_wrong()
            log.exception("carrier's answer broke its reading", carrier=self.source)
            return None
        self.breaker.went_well()
        return quotes


# -- what is believed ---------------------------------------------------------------------------------------------


def believed(outside: OutsideCarrier, rates: Sequence[Rate], request: QuoteRequest, base: Quotes) -> Quotes:
    """The carrier's prices as services; raises WrongAnswer when one of them cannot be true."""
    if not rates:
        raise WrongAnswer("no service")
    for rate in rates:
        _check(rate, base)
    services: list[Service] = []
    refused: list[RefusedService] = []
    for rate in rates:
        made = _service(outside, rate, request, base)
        (services if isinstance(made, Service) else refused).append(made)  # type: ignore[arg-type]
    told = {rate.code for rate in rates}
    if any(base.service(code) for code in told):
        # It speaks of services as our tariff does: what it left out it does not take.
        not_offered = _("%(carrier)s không nhận chuyến này.", carrier=outside.name)
        refused += [RefusedService(s.code, s.name, not_offered) for s in base.services if s.code not in told]
        refused += [one for one in base.refused if one.code not in {r.code for r in refused}]
    services.sort(key=lambda s: (s.fee_dong, s.arrives_to))
    return Quotes(services, refused)


def _check(rate: Rate, base: Quotes) -> None:
    fees = (rate.fee_dong, *((rate.cod_fee_dong,) if rate.cod_fee_dong is not None else ()))
    if any(type(fee) is not int for fee in fees) or not LEAST_DONG <= rate.fee_dong <= MOST_DONG:
        raise WrongAnswer(f"{rate.code}: a fee of {rate.fee_dong}")
    if rate.cod_fee_dong is not None and not 0 <= rate.cod_fee_dong <= MOST_DONG:
        raise WrongAnswer(f"{rate.code}: a COD fee of {rate.cod_fee_dong}")
    ours = [service.fee_dong for service in base.services]
    if ours and not min(ours) / WITHIN_TIMES <= rate.fee_dong <= max(ours) * WITHIN_TIMES:
        raise WrongAnswer(f"{rate.code}: a fee of {rate.fee_dong}, the tariff says {min(ours)}–{max(ours)}")


def _service(
    outside: OutsideCarrier, rate: Rate, request: QuoteRequest, base: Quotes
) -> Service | RefusedService:
    ours = base.service(rate.code)
    if rate.arrives_from is None or rate.arrives_to is None:
        if ours is None:
            no = next((one for one in base.refused if one.code == rate.code), None)
            if no is None:
                raise WrongAnswer(f"{rate.code}: no days")
            return no
        arrives_from, arrives_to, days = ours.arrives_from, ours.arrives_to, (ours.days_min, ours.days_max)
    else:
        arrives_from, arrives_to = rate.arrives_from, rate.arrives_to
        if not request.ready_on <= arrives_from <= arrives_to <= request.ready_on + timedelta(days=60):
            raise WrongAnswer(f"{rate.code}: arrives {arrives_from} to {arrives_to}")
        days = (_working_days(request, arrives_from), _working_days(request, arrives_to))
        on_the_way = (arrives_to - request.ready_on).days
        if request.within_days is not None and on_the_way > request.within_days:
            return RefusedService(rate.code, rate.name, too_long(request, on_the_way))
    cash = FeePart("cod", str(_("Phí thu hộ")), rate.cod_fee_dong or 0)
    return Service(
        code=rate.code,
        name=ours.name if ours is not None else rate.name or rate.code,
        fee_dong=rate.fee_dong,
        cod_fee_dong=rate.cod_fee_dong,
        parts=[FeePart("whole", str(_("Cước trọn gói, đã gồm thuế")), rate.fee_dong)],
        days_min=days[0],
        days_max=days[1],
        ready_on=request.ready_on,
        arrives_from=arrives_from,
        arrives_to=arrives_to,
        source=outside.source,
        basis=outside.name,
        is_illustration=False,
        valid_until=request.at + KEPT_FOR,
        cod_parts=[cash] if cash.amount_dong else [],
    )


def _working_days(request: QuoteRequest, day_: object) -> int:
    day, count = request.ready_on, 0
    while day < day_:  # type: ignore[operator]
        day += timedelta(days=1)
        count += clock.is_working_day(day)
    return count


def _estimate(base: Quotes) -> Quotes:
    """The tariff's answer, said to be an estimate."""
    return Quotes([replace(service, is_estimate=True) for service in base.services], base.refused)


# -- what is kept -------------------------------------------------------------------------------------------------


def key_of(source: str, request: QuoteRequest) -> str:
    """One key for one question: the same goods from the same commune to the same commune, handed over the same day."""
    boxes = sorted([g.grams, g.length_mm, g.width_mm, g.height_mm, g.is_cold] for g in request.parcels)
    asked = [
        source,
        request.origin.commune_code,
        request.destination.commune_code,
        boxes,
        request.value_dong,
        sorted(request.handling),
        request.within_days,
        request.ready_on.isoformat(),
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _kept(keys: Sequence[str], now: datetime) -> dict[str, Quotes]:
    rows = db.session.scalars(
        select(KeptQuote).where(KeptQuote.key.in_(set(keys)), KeptQuote.valid_until > now)
    )
    return {
        row.key: Quotes(
            [Service.of(facts) for facts in row.services],
            [RefusedService(one["code"], one["name"], one["reason"]) for one in row.refused],
        )
        for row in rows
    }


def _keep(found: dict[str, Quotes], source: str, now: datetime) -> None:
    """Write the answers down, on a connection of their own: the page that asked goes on reading what it read."""
    if not found:
        return
    rows = [
        {
            "code": new_code(length=10),
            "key": key,
            "source": source,
            "services": [service.facts() for service in quotes.services],
            "refused": [
                {"code": one.code, "name": one.name, "reason": str(one.reason)} for one in quotes.refused
            ],
            "asked_at": now,
            "valid_until": now + KEPT_FOR,
        }
        for key, quotes in found.items()
    ]
    try:
        with (
            turn_to_write(),
            db.engine.connect().execution_options(begin="IMMEDIATE") as connection,
            connection.begin(),
        ):
            connection.execute(delete(KeptQuote).where(KeptQuote.key.in_(found)))
            connection.execute(insert(KeptQuote), rows)
    except Exception:
        # Two pages kept the same answer at once, or the disk is full: the page is shown all the same.
        log.warning("a carrier's answer was not kept", carrier=source)


def forget(now: datetime) -> None:
    """Answers whose price holds no more are cleared away (inside the caller's transaction)."""
    db.session.execute(delete(KeptQuote).where(KeptQuote.valid_until < now))
