"""The shop window's pages, for everybody."""

from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, make_response, redirect, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from marketplace.accounts import queries as accounts
from marketplace.catalog import ocop
from marketplace.catalog import service as catalog
from marketplace.catalog.models import CERTIFICATE_WORDS, Product
from marketplace.farmers import queries as farms
from marketplace.foundation import market
from marketplace.foundation.access import OF_AGE, current_person, said_of_age
from marketplace.foundation.db import clean_text, transaction
from marketplace.foundation.files import photo_url
from marketplace.foundation.kept_pages import for_anybody
from marketplace.foundation.show import slug
from marketplace.foundation.web import (
    Pager,
    back,
    csrf,
    page,
    require_same_origin,
    safe_path,
    whole_url,
    with_query,
)
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.search import searched
from marketplace.search import service as search
from marketplace.search.port import SearchQuery
from marketplace.storefront import asking, filters, landing, linked_data, queries
from marketplace.storefront.asking import only
from marketplace.storefront.routes import about, machines, wishes

bp = Blueprint("storefront", __name__)
bp.register_blueprint(about.bp, url_prefix="/about")
bp.register_blueprint(machines.bp)
bp.register_blueprint(wishes.bp)


@bp.get("/")
def home() -> Any:
    return for_anybody(my_province(), search.version, _home_page)


def _home_page() -> Any:
    shelf = whole_url(url_for("storefront.shelf"))
    return page(
        "storefront/public/home.html",
        home=queries.home(my_province()),
        groups=ocop.groups(),
        linked=[
            linked_data.of_the_market(
                market.settings().site_name, whole_url(url_for("storefront.home")), shelf
            )
        ],
    )


@bp.get("/products")
def shelf() -> Any:
    path = url_for("storefront.shelf")
    near = my_province()
    asked = asking.read(request.args, near)
    if asking.is_scattered(request.args) and not asked.odd:
        return redirect(f"{path}?{asked.without()}")  # one address for one question
    found = queries.shelf(asked.query, near)
    query = found.query
    if asked.query.text and asked.query.page == 1:
        words = found.reading.text or asked.query.text
        searched.waiting().note(words, _chosen_province(), asked=1, found_nothing=int(not found.total))
    canonical = asked.without(*asked.given.keys() - {"q", "group", "set", "province"})
    pager = Pager(found.total, query.per_page, query.page)
    of_page = f"page={pager.page}" if pager.page > 1 else ""  # other goods stand on it than on the first
    intro = landing.sentences(asked, found.total, found.facets)
    way = _way_to(path, asked, query)
    return page(
        "storefront/public/shelf.html",
        shelf=found,
        asked=asked,
        intro=intro,
        way=way,
        linked=_linked_shelf(way, path, canonical, found) if intro else (),
        filters=filters.filters(path, asked, query, found.choices, found.reading.chips),
        in_season_href=filters.in_season(path, asked),
        chips=filters.chips(path, asked, found.reading.chips),
        left_off=[filters.words_of(chip.values) for chip in found.left_off],
        drops=_drops(path, asked, found),
        pager=pager,
        search_text=query.text,
        group=ocop.group(only(query.group) or ""),
        set_=ocop.set_of(only(query.set)) if only(query.set) else None,
        place=places.province(only(query.province) or ""),
        path=path,
        canonical="?".join(filter(None, (path, "&".join(filter(None, (canonical, of_page)))))),
        is_searched=len(asked.given) > 1 or "q" in asked.given or query.page > 1 or "," in canonical,
        path_of=lambda **values: with_query(path, {**asked.given, **values}),
    )


def _way_to(path: str, asked: asking.Asked, query: SearchQuery) -> list[tuple[str, str | None]]:
    """The crumbs of a shelf: home, all goods, its industry, itself."""
    way: list[tuple[str, str | None]] = [(str(_("Trang chủ")), url_for("storefront.home"))]
    if not asked.given.keys() - {"sort"}:
        return [*way, (str(_("Tất cả nông sản")), None)]
    way.append((str(_("Nông sản")), path))
    group, set_no, province = ocop.group(only(query.group) or ""), only(query.set), only(query.province)
    if query.text:
        way.append((f"“{query.text}”", None))
    elif set_no is not None:
        found = ocop.group(ocop.group_of(set_no))
        if found is not None:
            way.append((found.name, f"{path}?group={found.slug}"))
        way.append((ocop.set_of(set_no).name, None))
    elif group is not None:
        way.append((group.name, None))
    elif province is not None:
        place = places.province(province)
        way.append((place.name if place else "", None))
    else:
        way.append((str(_("Đang lọc")), None))
    return way


def _linked_shelf(
    way: list[tuple[str, str | None]], path: str, canonical: str, found: queries.Shelf
) -> list[Any]:
    """What a category's or a province's page tells machines: the way here, and what stands on it."""
    here = whole_url(f"{path}?{canonical}")
    goods = [whole_url(url_for("storefront.product", code=card.code, slug=card.slug)) for card in found.cards]
    steps = [(name, whole_url(href) if href else here) for name, href in way]
    return [linked_data.of_the_way(steps), linked_data.of_a_shelf(way[-1][0], here, goods, found.total)]


def _drops(path: str, asked: asking.Asked, found: queries.Shelf) -> list[tuple[str, int, str]]:
    """When nothing was found: which filter to take off, what is found then, and where."""
    offered = []
    for drop in found.drops:
        values = {name: getattr(found.query, name) for name in drop.fields}
        chips = [chip for chip in found.reading.chips if set(chip.values) & set(drop.fields)]
        rest = {name: value for name, value in asked.given.items() if name not in drop.fields}
        for chip in chips:
            rest["q"] = chip.without
        rest = {name: value for name, value in rest.items() if value}
        offered.append((filters.words_of(values), drop.total, with_query(path, rest)))
    return offered


@bp.get("/products/<code:code>")
@bp.get("/products/<code:code>-<slug>")
def product(code: str, slug: str = "") -> Any:
    if not slug:
        return _moved("storefront.product", code=code, slug=_slug_of(queries.product_name(code)))
    _led_here()
    return for_anybody(my_province(), lambda: queries.product_stamp(code), lambda: _product_page(code, slug))


def _product_page(code: str, slug: str) -> Any:
    found = queries.product_page(code, my_province(), request.args.get("pack"))
    right = _slug_of(found.product.name)
    if slug != right:
        return _moved("storefront.product", code=code, slug=right)
    if found.product.is_for_adults and not said_of_age():
        return page("storefront/public/age.html")
    shown = page(
        "storefront/public/product.html",
        it=found,
        linked=_linked_data(found),
        my_province=places.province(my_province() or ""),
        provinces=places.provinces(),
        certificates=CERTIFICATE_WORDS,
    )
    if found.product.first_seen_at is None:
        _first_view(found.product)
    return shown


def _first_view(product: Product) -> None:
    """A trainer sees whether anybody looks at a new farm's goods: written once in a product's life."""
    me = current_person()
    if me is None or product.farm_id not in {farm.id for farm in farms.farms_of(me)}:
        with transaction():
            catalog.note_first_view(product)


@bp.get("/shops/<code:code>")
@bp.get("/shops/<code:code>-<slug>")
def farm(code: str, slug: str = "") -> Any:
    found = queries.farm_page(code, my_province())
    right = _slug_of(found.farm.name)
    if slug != right:
        return _moved("storefront.farm", code=code, slug=right)
    return page("storefront/public/farm.html", it=found, certificates=CERTIFICATE_WORDS)


@bp.post("/of-age")
@csrf.exempt
def of_age() -> Response:
    """The visitor says they are eighteen: asked once a day before goods with alcohol are shown."""
    require_same_origin()
    answer = back(url_for("storefront.home"))
    answer.set_cookie(OF_AGE, "1", max_age=86_400, samesite="Lax", secure=request.is_secure, httponly=True)
    return answer


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


def _chosen_province() -> str | None:
    """The province a visitor chose on a page; not that of somebody's address."""
    found = places.province(request.cookies.get("province", ""))
    return found.code if found else None


def _led_here() -> None:
    """Count up when a search of ours led to this page: the browser says so, nothing is added to any address."""
    came_from = safe_path(request.referrer) if request.referrer else None
    if came_from is None or "?" not in came_from:
        return
    path, _mark, asked = came_from.partition("?")
    words = parse_qs(asked, max_num_fields=20).get("q", [""])[0] if path.endswith("/products") else ""
    if words:
        searched.waiting().note(search.read(clean_text(words)[:200]).text, _chosen_province(), led_on=1)


@bp.after_request
def write_counts(answer: Response) -> Response:
    """What was looked for is written together, every half minute."""
    waiting = searched.waiting()
    if waiting.is_due:
        counts = waiting.take()
        try:
            with transaction():
                searched.write(counts)
        except OperationalError:
            waiting.give_back(counts)  # somebody is writing; the next page tries again
    return answer


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
