"""What partners send and get, as one set of models: they judge what comes in and describe themselves in
/openapi.json."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Named(Model):
    """A thing with its public code and its name."""

    code: str
    name: str


class ProductItem(Model):
    """A product in a list. Money is whole đồng; `unit_price_dong` is per `unit` (kg, l or piece)."""

    code: str
    name: str
    url: str
    price_dong: int
    unit: str
    unit_price_dong: int | None
    stars: int | None
    group: str
    set: int | None
    province: Named
    shop: Named
    image: str | None
    available: bool


class FacetCount(Model):
    value: str | int
    count: int


class ProductList(Model):
    items: list[ProductItem]
    total: int
    page: int
    pages: int
    facets: dict[str, list[FacetCount]]


class VariantFacts(Model):
    """A pack: exactly one of grams, millilitres, pieces is set."""

    code: str
    name: str
    grams: int | None
    millilitres: int | None
    pieces: int | None
    price_dong: int
    available: int


class CertificateFacts(Model):
    kind: str
    number: str
    issuer: str
    issued_on: date
    valid_until: date
    stars: int | None


class LotFacts(Model):
    code: str
    harvested_on: date
    use_by: date | None


class PhotoFacts(Model):
    url: str
    width: int


class ProductFacts(ProductItem):
    """A product with all that its page shows."""

    description: str
    ingredients: str
    storage: str
    handling: str
    variants: list[VariantFacts]
    certificates: list[CertificateFacts]
    lots: list[LotFacts]
    photos: list[PhotoFacts]


class SuggestionItem(Model):
    text: str
    kind: str
    url: str


class Suggestions(Model):
    items: list[SuggestionItem]


class QuoteLine(Model):
    variant: str = Field(max_length=40)
    quantity: int = Field(ge=1, le=999)


class QuoteAsk(Model):
    """What should be sent where: packs by code, the destination's commune by official code."""

    commune: str = Field(pattern=r"^\d{5}$")
    lines: list[QuoteLine] = Field(min_length=1, max_length=50)


class FeePartFacts(BaseModel):
    code: str
    label: str
    amount_dong: int


class ServiceFacts(Model):
    """A way to send it. `days_min`/`days_max` are working days on the way; the dates count the farm's own days."""

    code: str
    name: str
    fee_dong: int
    cod_fee_dong: int | None
    days_min: int
    days_max: int
    arrives_from: date
    arrives_to: date
    source: str
    is_illustration: bool
    is_estimate: bool
    parts: list["FeePartFacts"]
    valid_until: datetime


class RefusedFacts(Model):
    code: str
    name: str
    reason: str


class ShopQuotes(Model):
    shop: Named
    services: list[ServiceFacts]
    refused: list[RefusedFacts]


class QuoteAnswer(Model):
    shops: list[ShopQuotes]


class ProvinceFacts(Model):
    code: str
    name: str
    full_name: str


class CommuneFacts(Model):
    code: str
    name: str
    postcode: str | None
    lat: float
    lon: float


class ProvinceList(Model):
    items: list[ProvinceFacts]


class CommuneList(Model):
    items: list[CommuneFacts]


class AddressText(Model):
    """An address as a person writes it, of today or of before July 2025."""

    text: str = Field(min_length=1, max_length=300)


class PositionText(Model):
    """A place as a person writes it: a code, a map's link, degrees. `near` is the code of a commune."""

    text: str = Field(min_length=1, max_length=300)
    near: str | None = Field(default=None, max_length=5)


class NearCommune(Model):
    code: str
    name: str
    province: Named


class PositionAnswer(Model):
    lat: float
    lon: float
    plus_code: str
    communes: list[NearCommune]


class AddressCandidate(Model):
    street: str
    commune: Named
    province: Named
    is_default: bool
    printed: str


class AddressAnswer(Model):
    candidates: list[AddressCandidate]
    needs_choice: bool


class TrackingEvent(Model):
    at: datetime
    event: str
    place: str | None


class TrackingAnswer(Model):
    number: str
    state: str
    events: list[TrackingEvent]


class Problem(Model):
    """RFC 9457: what went wrong, in a sentence."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
