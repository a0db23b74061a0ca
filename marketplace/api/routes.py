"""/api/v1 for partners: reads, freight quotes, address reading. Never looks at the session; errors are
application/problem+json."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, request, url_for
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from marketplace.api import openapi, schemas
from marketplace.catalog import ocop
from marketplace.catalog import queries as catalog
from marketplace.catalog.models import Product, Variant
from marketplace.foundation.access import limiter
from marketplace.foundation.db import clean_text
from marketplace.foundation.files import ShownPhoto, StoredPhoto, photo_url
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.show import slug
from marketplace.places import addresses
from marketplace.places import queries as places
from marketplace.search.port import FACETS, PER_PAGE, Suggestion
from marketplace.shipping import queries as shipping
from marketplace.shipping import quotes
from marketplace.storefront import asking
from marketplace.storefront import queries as storefront
from marketplace.storefront.cards import Card

bp = Blueprint("api", __name__)
M = TypeVar("M", bound=BaseModel)
MOST_PER_PAGE = 100


@bp.get("/api/v1/products")
@limiter.limit("600 per minute")
def products() -> Response:
    given = MultiDict(request.args)
    given.setdefault("sort", "relevance")
    asked = asking.read(given, per_page=_per_page(given.get("per_page", "")))
    if asked.left_aside:
        # A person sees the sentence beside the goods; a program would take goods it never asked for.
        raise Refusal("; ".join(f"{name}: cannot read {value!r}" for name, value in asked.left_aside.items()))
    query = asked.query
    shelf = storefront.shelf(query)
    pages = max(1, -(-shelf.total // query.per_page))
    facets = {
        name: [{"value": value, "count": count} for value, count in counts.items() if count]
        for name, counts in shelf.facets.items()
    }
    for name in FACETS:
        facets.setdefault(name, [])
    return _answer(
        schemas.ProductList(
            items=[_item(card) for card in shelf.cards],
            total=shelf.total,
            page=query.page,
            pages=pages,
            facets=facets,  # type: ignore[arg-type]
        )
    )


@bp.get("/api/v1/products/<code>")
def product(code: str) -> Response:
    found = storefront.product_page(code)
    return _answer(_facts(found))


@bp.get("/api/v1/suggestions")
@limiter.limit("1200 per minute")
def suggestions() -> Response:
    text = request.args.get("q", "").replace("\x00", "").strip()[:100]
    found = storefront.suggestions(text) if text else []
    return _answer(
        schemas.Suggestions(
            items=[schemas.SuggestionItem(text=s.text, kind=s.kind, url=_suggestion_url(s)) for s in found]
        )
    )


@bp.post("/api/v1/shipping-quotes")
@limiter.limit("240 per minute")
def shipping_quotes() -> Response:
    """What it costs to send packs to a commune, per shop. Changes nothing."""
    asked = _body(schemas.QuoteAsk)
    if places.commune(asked.commune) is None:
        raise Refusal("commune: no commune has this code", status=422)
    shops: dict[str, list[tuple[Variant, int]]] = {}
    for line in asked.lines:
        variant = catalog.variant_on_sale(clean_text(line.variant))
        shops.setdefault(variant.product.farm.code, []).append((variant, line.quantity))
    answers = []
    parts = [(lines[0][0].product.farm, lines) for lines in shops.values()]
    for (farm, _lines), found in zip(parts, quotes.quote_cart(parts, asked.commune), strict=True):
        answers.append(
            schemas.ShopQuotes(
                shop=schemas.Named(code=farm.code, name=farm.name),
                services=[
                    schemas.ServiceFacts(
                        code=s.code,
                        name=s.name,
                        fee_dong=s.fee_dong,
                        cod_fee_dong=s.cod_fee_dong,
                        days_min=s.days_min,
                        days_max=s.days_max,
                        arrives_from=s.arrives_from,
                        arrives_to=s.arrives_to,
                        source=s.source,
                        is_illustration=s.is_illustration,
                        is_estimate=s.is_estimate,
                        parts=[
                            schemas.FeePartFacts(code=p.code, label=p.label, amount_dong=p.amount_dong)
                            for p in s.parts
                        ],
                        valid_until=s.valid_until,
                    )
                    for s in found.services
                ],
                refused=[
                    schemas.RefusedFacts(code=r.code, name=r.name, reason=str(r.reason))
                    for r in found.refused
                ],
            )
        )
    return _answer(schemas.QuoteAnswer(shops=answers))


@bp.get("/api/v1/provinces")
def provinces() -> Response:
    rows = [
        schemas.ProvinceFacts(code=p.code, name=p.name, full_name=p.full_name) for p in places.provinces()
    ]
    return _kept(_answer(schemas.ProvinceList(items=rows)))


@bp.get("/api/v1/provinces/<code>/communes")
def communes(code: str) -> Response:
    if places.province(code) is None:
        raise Missing()
    rows = [
        schemas.CommuneFacts(code=c.code, name=c.name, postcode=c.postcode, lat=c.lat, lon=c.lon)
        for c in places.communes(code)
    ]
    return _kept(_answer(schemas.CommuneList(items=rows)))


@bp.post("/api/v1/addresses/parse")
@limiter.limit("240 per minute")
def parse_address() -> Response:
    """Read an address of today or of before July 2025. Changes nothing."""
    parsed = addresses.parse(_body(schemas.AddressText).text)
    return _answer(
        schemas.AddressAnswer(
            candidates=[
                schemas.AddressCandidate(
                    street=c.street,
                    commune=schemas.Named(code=c.commune.code, name=c.commune.name),
                    province=schemas.Named(code=c.commune.province.code, name=c.commune.province.name),
                    is_default=c.is_default,
                    printed=c.printed,
                )
                for c in parsed.candidates
            ],
            needs_choice=parsed.needs_choice,
        )
    )


@bp.post("/api/v1/positions/parse")
@limiter.limit("240 per minute")
def parse_position() -> Response:
    """Read a place on the map and name the communes nearest to it. Changes and keeps nothing."""
    asked = _body(schemas.PositionText)
    found = places.read_position(asked.text, places.commune(asked.near or ""))
    if found is None:
        raise Refusal("text: no place in Vietnam can be read from it", status=422)
    return _answer(
        schemas.PositionAnswer(
            lat=found.lat,
            lon=found.lon,
            plus_code=places.plus_code(found.lat, found.lon),
            communes=[
                schemas.NearCommune(
                    code=one.code,
                    name=one.name,
                    province=schemas.Named(code=one.province.code, name=one.province.name),
                )
                for one in places.nearest_communes(found)
            ],
        )
    )


@bp.get("/api/v1/tracking/<number>")
@limiter.limit("240 per minute")
def tracking(number: str) -> Response:
    seen = shipping.tracking(number)
    return _answer(
        schemas.TrackingAnswer(
            number=seen.number,
            state=seen.state.value,
            events=[
                schemas.TrackingEvent(at=event.at, event=event.kind, place=event.place or None)
                for event in seen.events
                if not event.is_booking
            ],
        )
    )


@bp.get("/openapi.json")
def description() -> Response:
    settings = current_app.extensions["settings"]
    return _kept(_json(openapi.describe(settings.site_name, settings.site_url)))


@bp.after_request
def name_the_answer(answer: Response) -> Response:
    """Whoever has this very answer already is told so (304) instead of being sent it again."""
    if request.method in ("GET", "HEAD") and answer.status_code == 200:
        answer.headers.setdefault("Cache-Control", "public, no-cache")
        answer.add_etag()
        answer.make_conditional(request)
    return answer


# -- shapes -------------------------------------------------------------------------------------------------------


def _item(card: Card) -> schemas.ProductItem:
    return schemas.ProductItem(
        code=card.code,
        name=card.name,
        url=_whole(url_for("storefront.product", code=card.code, slug=card.slug)),
        price_dong=card.price_dong,
        unit=card.unit,
        unit_price_dong=card.unit_price_dong,
        stars=card.stars,
        group=ocop.group_of(card.set_no),
        set=card.set_no,
        province=schemas.Named(code=card.province_code, name=card.place),
        shop=schemas.Named(code=card.farm_code, name=card.farm_name),
        image=_picture(card.photo),
        available=not card.gone and not card.contact,
    )


def _facts(it: storefront.ProductPage) -> schemas.ProductFacts:
    product: Product = it.product
    unit_price, unit = catalog.unit_price(it.chosen.variant)
    return schemas.ProductFacts(
        code=product.code,
        name=product.name,
        url=_whole(url_for("storefront.product", code=product.code, slug=slug(product.name))),
        price_dong=it.chosen.variant.price_dong,
        unit=unit,
        unit_price_dong=unit_price,
        stars=it.stars.stars if it.stars else None,
        group=ocop.group_of(product.set_no),
        set=product.set_no,
        province=schemas.Named(code=product.farm.province_code or "", name=it.province),
        shop=schemas.Named(code=product.farm.code, name=product.farm.name),
        image=_picture(product.photos[0].photo if product.photos else None),
        available=not it.is_gone and not product.is_service,
        description=product.description,
        ingredients=product.ingredients,
        storage=product.storage,
        handling=product.handling.value,
        variants=[
            schemas.VariantFacts(
                code=pack.variant.code,
                name=pack.variant.name,
                grams=pack.variant.grams,
                millilitres=pack.variant.millilitres,
                pieces=pack.variant.pieces,
                price_dong=pack.variant.price_dong,
                available=max(0, pack.variant.available),
            )
            for pack in it.packs
        ],
        certificates=[
            schemas.CertificateFacts(
                kind=c.kind.value,
                number=c.number,
                issuer=c.issuer,
                issued_on=c.issued_on,
                valid_until=c.valid_until,
                stars=c.stars,
            )
            for c in it.certificates
        ],
        lots=[
            schemas.LotFacts(code=lot.code, harvested_on=lot.harvested_on, use_by=lot.use_by)
            for lot in product.lots
        ],
        photos=[
            schemas.PhotoFacts(url=_whole(photo_url(shown.photo, 800, "jpg")), width=800)
            for shown in product.photos
        ],
    )


def _suggestion_url(found: Suggestion) -> str:
    """Where a suggestion leads."""
    if found.kind == "product":
        return url_for("storefront.product", code=found.key, slug=slug(found.text))
    if found.kind == "farm":
        return url_for("storefront.farm", code=found.key, slug=slug(found.text))
    if found.kind == "place":
        return url_for("storefront.shelf", province=found.key)
    return url_for("storefront.shelf", set=found.key)


def _per_page(text: str) -> int:
    """As many as were asked for, a hundred at most."""
    if not text:
        return PER_PAGE
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise Refusal(f"per_page: cannot read {text[:40]!r}")
    return min(MOST_PER_PAGE, int(text) if len(text) < 5 else MOST_PER_PAGE)


def _body(model: type[M]) -> M:
    """The JSON body as a model, or a 422 that names the first field that is wrong."""
    try:
        facts = request.get_json(silent=True)
    except RecursionError:
        facts = None
    if not isinstance(facts, Mapping):
        raise Refusal("the body must be a JSON object", status=400)
    try:
        return model.model_validate(facts)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refusal(f"{where}: {first['msg']}", status=422) from None


def _whole(path: str) -> str:
    return f"{current_app.extensions['settings'].site_url}{path}"


def _picture(photo: StoredPhoto | ShownPhoto | None) -> str | None:
    return _whole(photo_url(photo, 800, "jpg")) if photo is not None else None


def _answer(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), mimetype="application/json")


def _json(facts: Any) -> Response:
    return Response(current_app.json.dumps(facts), mimetype="application/json")


def _kept(answer: Response) -> Response:
    """May be kept for an hour by anybody: it changes by decree, not by the minute."""
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
