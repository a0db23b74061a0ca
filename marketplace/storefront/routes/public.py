"""The shop window's pages, for everybody."""

from typing import Any

from flask import Blueprint, make_response, request, url_for
from werkzeug.wrappers import Response

from marketplace.accounts import queries as accounts
from marketplace.catalog import ocop
from marketplace.catalog.models import CERTIFICATE_WORDS, CertificateKind
from marketplace.foundation.access import current_person
from marketplace.foundation.files import photo_url
from marketplace.foundation.form import parse_dong
from marketplace.foundation.show import slug
from marketplace.foundation.web import (
    Pager,
    asked_page,
    back,
    csrf,
    page,
    require_same_origin,
    whole_url,
    with_query,
)
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.search.port import SearchQuery, Sort
from marketplace.storefront import linked_data, queries
from marketplace.storefront.routes import about, machines

bp = Blueprint("storefront", __name__)
bp.register_blueprint(about.bp, url_prefix="/about")
bp.register_blueprint(machines.bp)

MAX_QUERY_LETTERS = 200


@bp.get("/")
def home() -> Any:
    return page("storefront/public/home.html", home=queries.home(my_province()), groups=ocop.groups())


@bp.get("/products")
def shelf() -> Any:
    query = _query()
    found = queries.shelf(query, my_province())
    return page(
        "storefront/public/shelf.html",
        shelf=found,
        pager=Pager(found.total, query.per_page, query.page),
        search_text=query.text,
        groups=ocop.groups(),
        sets=ocop.sets(),
        provinces=places.provinces(),
        certificates=CERTIFICATE_WORDS,
        without=_without,
    )


@bp.get("/products/<code:code>")
@bp.get("/products/<code:code>-<slug>")
def product(code: str, slug: str = "") -> Any:
    found = queries.product_page(code, my_province(), request.args.get("pack"))
    right = _slug_of(found.product.name)
    if slug != right:
        return _moved("storefront.product", code=code, slug=right)
    return page(
        "storefront/public/product.html",
        it=found,
        linked=_linked_data(found),
        my_province=places.province(my_province() or ""),
        provinces=places.provinces(),
        certificates=CERTIFICATE_WORDS,
    )


@bp.get("/shops/<code:code>")
@bp.get("/shops/<code:code>-<slug>")
def farm(code: str, slug: str = "") -> Any:
    found = queries.farm_page(code, my_province())
    right = _slug_of(found.farm.name)
    if slug != right:
        return _moved("storefront.farm", code=code, slug=right)
    return page("storefront/public/farm.html", it=found, certificates=CERTIFICATE_WORDS)


@bp.post("/my-province")
@csrf.exempt
def choose_province() -> Response:
    """Where the visitor is, kept in the browser, so that pages can say when goods arrive there."""
    require_same_origin()
    province = places.province(request.form.get("province", ""))
    answer = back(url_for("storefront.home"))
    if province is not None:
        answer.set_cookie(
            "province", province.code, max_age=31_536_000, samesite="Lax", secure=request.is_secure
        )
    return answer


def my_province() -> str | None:
    """The visitor's province: chosen on a page, else of the person's usual address."""
    chosen = places.province(request.cookies.get("province", ""))
    if chosen is not None:
        return chosen.code
    person = current_person()
    usual = accounts.usual_address(person) if person else None
    return usual.province_code if usual else None


_slug_of = slug


def _linked_data(found: queries.ProductPage) -> list[Any]:
    """What the page tells machines: the product and the way here, with whole addresses."""
    item, farm = found.product, found.product.farm
    url = whole_url(url_for("storefront.product", code=item.code, slug=_slug_of(item.name)))
    farm_url = whole_url(url_for("storefront.farm", code=farm.code, slug=_slug_of(farm.name)))
    kind = {"set": item.set_no} if item.set_no else {"group": "other"}
    return [
        linked_data.of_product(
            found, url, [whole_url(photo_url(shown.photo, 1200)) for shown in item.photos], farm_url
        ),
        linked_data.of_the_way(
            [
                (str(_("Trang chủ")), whole_url(url_for("storefront.home"))),
                (str(found.category), whole_url(url_for("storefront.shelf", **kind))),
                (item.name, url),
            ]
        ),
    ]


def _moved(endpoint: str, **values: Any) -> Response:
    """The right address of the same thing, for good."""
    answer: Response = make_response("", 301)
    answer.headers["Location"] = with_query(url_for(endpoint, **values), request.args)
    return answer


def _query() -> SearchQuery:
    """What the address asks for; what makes no sense in it is left aside."""
    ask = request.args
    group = ocop.group(ask.get("group", ""))
    number = _whole(ask.get("set"))
    certificate = ask.get("certificate", "")
    stars = _whole(ask.get("stars"))
    sort = ask.get("sort", "")
    return SearchQuery(
        text=" ".join(ask.get("q", "").replace("\x00", "").split())[:MAX_QUERY_LETTERS],
        group=group.slug if group else None,
        set=number if number is not None and ocop.is_set(number) else None,
        province=found.code if (found := places.province(ask.get("province", ""))) else None,
        stars=stars if stars in (3, 4, 5) else None,
        price_min=parse_dong(ask.get("price_min", "")),
        price_max=parse_dong(ask.get("price_max", "")),
        certificate=certificate if certificate in set(CertificateKind) else None,
        in_season=ask.get("in_season") == "1",
        sort=Sort(sort) if sort in set(Sort) else Sort.RELEVANCE if ask.get("q") else Sort.POPULAR,
        page=asked_page(),
        per_page=queries.PER_PAGE,
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else None


def _without(*names: str) -> str:
    """This same shelf without some of its filters."""
    kept = {key: value for key, value in request.args.items() if key not in (*names, "page") and value}
    return with_query(url_for("storefront.shelf"), kept)
