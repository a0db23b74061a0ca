"""MyVNPost, the customer API of Vietnam Post (shapes: data/vnpost.json and the post's own pages,
my-uat.vnpost.vn/static).

Token by POST /GetAccessToken, then the header `token` on every call; renewed once when the post says 401 or 403. A
two-level address is sent with the district "VNPOST". Money is whole đồng, sides whole centimetres, `totalFee` with VAT.
"""

import threading
from collections.abc import Sequence
from typing import Any

from marketplace.places import queries as places
from marketplace.shipping.calls import NotLetIn, call
from marketplace.shipping.port import (
    Away,
    Booked,
    Goods,
    Order,
    Place,
    QuoteRequest,
    Rate,
    Seen,
    Sender,
    WrongAnswer,
)
from marketplace.shipping.post_words import seen, words

DISTRICT = "VNPOST"


class Vnpost:
    source = "vnpost"
    name = "VNPost"
    takes_orders = True

    def __init__(self, base_url: str, username: str, password: str, customer_code: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._who = {"username": username, "password": password, "customerCode": customer_code}
        self._token, self._lock = "", threading.Lock()

    # -- prices --

    def rates(self, request: QuoteRequest, until: float) -> Sequence[Rate]:
        """Every service of ours the post prices, for all parcels; what cash at the door adds is asked with the first
        parcel, which takes it."""
        plain: dict[str, int] | None = None
        for parcel in request.parcels:
            fees = self._charges(request, parcel, 0, until)
            plain = fees if plain is None else {c: plain[c] + fees[c] for c in plain if c in fees}
        if not plain:
            raise WrongAnswer("no service")
        first = request.parcels[0]
        bare = self._charges(request, first, 0, until) if len(request.parcels) > 1 else plain
        cash = self._charges(request, first, request.value_dong, until)
        return [
            Rate(code, fee, max(0, cash[code] - bare[code]) if code in cash and code in bare else None)
            for code, fee in plain.items()
        ]

    def _charges(self, request: QuoteRequest, parcel: Goods, cod_dong: int, until: float) -> dict[str, int]:
        """Our service code → what the post asks for one parcel."""
        body = {
            "scope": 1,
            "customerCode": self._who["customerCode"],
            "contractCode": None,
            "data": {
                **_side("sender", request.origin),
                **_side("receiver", request.destination),
                "receiverNational": "VN",
                **_box(parcel),
                "serviceCode": None,
                "addonService": _addons(cod_dong),
                "additionRequest": [],
                "vehicle": None,
            },
        }
        answer = self._call("POST", "/ServicesCharge", body, until)
        rows = answer.get("data", answer) if isinstance(answer, dict) else answer
        if not isinstance(rows, list):
            raise WrongAnswer("ServicesCharge is no list")
        ours = {theirs: code for code, theirs in words()["services"].items()}
        fees: dict[str, int] = {}
        for row in rows:
            if not isinstance(row, dict) or "serviceCode" not in row:
                raise WrongAnswer("a row without serviceCode")
            if row.get("currency", "VND") != "VND":
                raise WrongAnswer(f"currency {row['currency']!r}")
            fee = row.get("totalFee")
            if isinstance(fee, float) and fee.is_integer():
                fee = int(fee)
            if type(fee) is not int or fee <= 0:
                raise WrongAnswer(f"totalFee {fee!r}")
            if row["serviceCode"] in ours:
                fees[ours[row["serviceCode"]]] = fee
        return fees

    # -- parcels --

    def book(self, order: Order, until: float) -> Booked:
        """CreateOrder: the post's number for the parcel. Our code goes along, so that asking twice makes one."""
        theirs = words()["services"].get(order.service_code, order.service_code)
        body = {
            "orderCreationStatus": 1,
            "type": "GUI",
            "customerCode": self._who["customerCode"],
            "informationOrder": {
                "saleOrderCode": order.code,
                "serviceCode": theirs,
                **_person("sender", order.sender),
                **_person("receiver", order.recipient),
                "contentNote": order.note,
                **_box(order.goods),
                "addonService": _addons(order.cod_dong, order.value_dong),
            },
        }
        answer = self._call("POST", "/CreateOrder", body, until)
        found = answer.get("data", answer) if isinstance(answer, dict) else None
        number = found.get("itemCode") if isinstance(found, dict) else None
        if not isinstance(number, str) or not 8 <= len(number) <= 20 or not number.isalnum():
            raise WrongAnswer("CreateOrder without itemCode")
        fee = found.get("totalFee")  # type: ignore[union-attr]
        return Booked(number.upper(), fee if type(fee) is int and fee > 0 else None)

    def cancel(self, number: str, until: float) -> None:
        self._call("POST", "/orderCancel", {"itemCode": number}, until)

    def history(self, number: str, until: float) -> Sequence[Seen]:
        """Everything the post says of a parcel, oldest first."""
        answer = self._call("GET", f"/GetStatusHistoryOrder?itemCode={number}", None, until)
        rows = answer.get("data", answer) if isinstance(answer, dict) else answer
        if not isinstance(rows, list):
            raise WrongAnswer("history is no list")
        return sorted((seen({**row, "itemCode": number}) for row in rows), key=lambda one: one.at)

    # -- the line --

    def _call(self, method: str, path: str, body: Any, until: float) -> Any:
        for is_last in (False, True):
            try:
                return call(self.base_url + path, body, {"token": self._pass(until)}, until, method)
            except NotLetIn:
                self._token = ""
                if is_last:
                    raise
        raise Away("not let in")

    def _pass(self, until: float) -> str:
        """The token, asked for once however many threads need it."""
        with self._lock:
            if not self._token:
                answer = call(f"{self.base_url}/GetAccessToken", self._who, {}, until)
                token = answer.get("token") if isinstance(answer, dict) else None
                if not isinstance(token, str) or not token:
                    raise Away("no token")
                self._token = token
            return self._token


def _side(who: str, place: Place) -> dict[str, str]:
    province, commune = places.province(place.province_code), places.commune(place.commune_code)
    return {
        f"{who}ProvinceCode": place.province_code,
        f"{who}ProvinceName": province.name if province else "",
        f"{who}DistrictCode": DISTRICT,
        f"{who}DistrictName": DISTRICT,
        f"{who}CommuneCode": place.commune_code,
        f"{who}CommuneName": commune.name if commune else "",
    }


def _person(who: str, side: Sender) -> dict[str, str]:
    return {
        f"{who}Name": side.name,
        f"{who}Phone": side.phone,
        f"{who}Address": side.street,
        **_side(who, side.place),
    }


def _box(goods: Goods) -> dict[str, int]:
    return {
        "weight": goods.grams,
        "length": -(-goods.length_mm // 10),
        "width": -(-goods.width_mm // 10),
        "height": -(-goods.height_mm // 10),
    }


def _addons(cod_dong: int, value_dong: int = 0) -> list[dict[str, Any]]:
    rows = []
    for kind, dong in (("cod", cod_dong), ("declared", value_dong)):
        if dong:
            code, prop = words()["addons"][kind]
            rows.append({"code": code, "propertyCode": prop, "propertyValue": str(dong)})
    return rows
