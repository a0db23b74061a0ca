"""A price asked of anybody who answers one request: a signed JSON call-out in the shape of Shopify's CarrierService.

What is asked, what must be answered and how the signature is checked is written for carriers in docs/carriers.md.
`total_price` is in hundredths, as that shape has it: "2850000" is 28.500 ₫.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from marketplace.foundation import clock
from marketplace.places import queries as places
from marketplace.shipping.calls import call
from marketplace.shipping.port import Away, Booked, Order, Place, QuoteRequest, Rate, Seen, WrongAnswer

MOST_RATES = 20


class RateHook:
    source = "rate_hook"
    takes_orders = False

    def __init__(self, url: str, secret: str) -> None:
        self.url, self._secret = url, secret.encode()
        # Who gave a price, in words of no language: the buyer reads it beside the price.
        self.name = urlsplit(url).hostname or url

    def rates(self, request: QuoteRequest, until: float) -> Sequence[Rate]:
        body = json.dumps({"rate": _asked(request)}).encode()
        answer = call(self.url, body, self._signed(body), until)
        rows = answer.get("rates") if isinstance(answer, dict) else None
        if not isinstance(rows, list) or len(rows) > MOST_RATES:
            raise WrongAnswer("no list of rates")
        found = [_rate(row) for row in rows]
        if len({rate.code for rate in found}) != len(found):
            raise WrongAnswer("a service stands there twice")
        return found

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.now().timestamp()))
        signature = hmac.new(self._secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Timestamp": timestamp, "X-Signature": f"sha256={signature}"}

    def book(self, order: Order, until: float) -> Booked:
        raise Away("a rate hook gives prices only")

    def cancel(self, number: str, until: float) -> None:
        raise Away("a rate hook gives prices only")

    def history(self, number: str, until: float) -> Sequence[Seen]:
        return []


def _asked(request: QuoteRequest) -> dict[str, Any]:
    share = request.value_dong // max(1, len(request.parcels))
    return {
        "origin": _address(request.origin),
        "destination": _address(request.destination),
        "items": [
            {
                "name": f"parcel {number}",
                "quantity": 1,
                "grams": parcel.grams,
                "price": share * 100,
                "requires_shipping": True,
                "length_mm": parcel.length_mm,
                "width_mm": parcel.width_mm,
                "height_mm": parcel.height_mm,
                "cold": parcel.is_cold,
                "handling": sorted(parcel.signs),
            }
            for number, parcel in enumerate(request.parcels, 1)
        ],
        "currency": "VND",
        "locale": "vi",
        "order_value": request.value_dong * 100,
        "ready_on": request.ready_on.isoformat(),
    }


def _address(place: Place) -> dict[str, str]:
    commune, province = places.commune(place.commune_code), places.province(place.province_code)
    return {
        "country": "VN",
        "postal_code": (commune.postcode or "") if commune else "",
        "province": province.name if province else "",
        "province_code": place.province_code,
        "city": commune.name if commune else "",
        "commune_code": place.commune_code,
    }


def _rate(row: Any) -> Rate:
    if not isinstance(row, dict):
        raise WrongAnswer("a rate that is none")
    code, name = str(row.get("service_code", "")), str(row.get("service_name", ""))
    if not re.fullmatch(r"[A-Za-z0-9_\-]{1,32}", code) or not 1 <= len(name) <= 120:
        raise WrongAnswer("a rate without code or name")
    if row.get("currency") != "VND":
        raise WrongAnswer(f"currency {row.get('currency')!r}")
    cod = row.get("cod_price")
    return Rate(
        code=code,
        name=name,
        fee_dong=_dong(row.get("total_price")),
        cod_fee_dong=None if cod is None else _dong(cod),
        arrives_from=_day(row.get("min_delivery_date")),
        arrives_to=_day(row.get("max_delivery_date")),
    )


def _dong(written: Any) -> int:
    """Hundredths, as a text or a whole number, that make whole đồng."""
    text = str(written) if type(written) in (str, int) else ""
    if not re.fullmatch(r"\d{1,14}", text, re.ASCII) or int(text) % 100:
        raise WrongAnswer(f"a price of {written!r}")
    return int(text) // 100


def _day(written: Any) -> date | None:
    """`2026-11-25 08:00:00 +0700` as a day in Vietnam, or the day alone."""
    if written in (None, ""):
        return None
    try:
        said = datetime.fromisoformat(str(written)[:40].replace(" +", "+").replace(" -", "-"))
        return clock.local(said).date() if said.tzinfo is not None else said.date()
    except ValueError:
        raise WrongAnswer(f"a day {written!r}") from None
