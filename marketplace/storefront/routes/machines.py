"""Pages for machines: is it alive, can it serve, figures, what may be crawled, how it is installed on a phone."""

from itertools import chain
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, stream_with_context, url_for

from marketplace.foundation import jobs, market, metrics
from marketplace.foundation.access import limiter
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import static_url, whole_url
from marketplace.foundation.words import _
from marketplace.search import service as search
from marketplace.storefront import sitemap

bp = Blueprint("machines", __name__)

XML = "application/xml"
NOT_FOR_CRAWLERS = (
    "/account", "/admin", "/api/", "/cart", "/checkout", "/dev", "/dossiers/", "/invitations", "/login", "/orders",
    "/pay/", "/post", "/practice", "/register", "/sell", "/train", "/webhooks",
)  # fmt: skip
"""What is a person's own, or a desk; and searches, which are endless."""


# -- alive and able -----------------------------------------------------------------------------------------------


@bp.get("/healthz")
@limiter.exempt
def healthz() -> Any:
    """The process answers. Asks nobody else."""
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


@bp.get("/readyz")
@limiter.exempt
def readyz() -> Any:
    """503 when database or search cannot serve. A stopped worker is said, and does not take the shop off the air."""
    state: dict[str, Any] = {"database": jobs.database_answers()}
    state["search"] = search.can_serve()
    state["worker"] = jobs.worker_is_alive() if state["database"] else False
    state["jobs_waiting"] = jobs.waiting_count() if state["database"] else None
    is_ready = state["database"] and state["search"]
    answer = jsonify({"ready": is_ready, **state})
    answer.status_code = 200 if is_ready else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/favicon.ico")
@limiter.exempt
def favicon() -> Any:
    """Asked for by browsers where a document names no picture of its own (a licence's text)."""
    return redirect(static_url("images/favicon.svg"))


@bp.get("/metrics")
@limiter.exempt
def figures() -> Any:
    """For Prometheus. Nothing of a person's own is in it; close it at the proxy where the world should not look."""
    gauges: dict[str, tuple[str, float]] = {
        "jobs_waiting": ("Jobs still to be done", jobs.waiting_count()),
        "jobs_given_up": ("Jobs nobody will try again without a person", len(jobs.given_up())),
        "worker_alive": ("1 while the worker shows signs of life", jobs.worker_is_alive()),
        "search_ready": ("1 while the search index can be read", search.can_serve()),
    }
    return Response(metrics.exposition(gauges), content_type=metrics.CONTENT_TYPE)


# -- crawlers -----------------------------------------------------------------------------------------------------


@bp.get("/robots.txt")
def robots() -> Any:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_CRAWLERS), "Disallow: /products?*q="]
    lines.append(f"Sitemap: {whole_url(url_for('storefront.machines.sitemap_index'))}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain", headers=_for_an_hour())


@bp.get("/sitemap.xml")
def sitemap_index() -> Any:
    """The parts of the sitemap: pages and categories, products and farms, ten thousand addresses each."""
    parts = [
        whole_url(url_for("storefront.machines.sitemap_part", kind=kind, number=number))
        for kind, number in sitemap.parts()
    ]
    return Response(sitemap.index(parts), mimetype=XML, headers=_for_an_hour())


@bp.get("/sitemaps/<kind>-<int:number>.xml")
def sitemap_part(kind: str, number: int) -> Any:
    """One part, sent as it is read."""
    if kind == "pages" and number == 1:
        addresses = iter([url_for(endpoint, **values) for endpoint, values in sitemap.pages()])
    elif kind in ("products", "farms") and 1 <= number <= 100_000:
        # One address is built for the pattern of all: building each would cost more than reading it.
        sample = url_for(
            "storefront.product" if kind == "products" else "storefront.farm", code="X", slug="x"
        )
        begin = sample.removesuffix("X-x")
        addresses = (f"{begin}{code}-{slug}" for code, slug in sitemap.records(kind, number))
    else:
        raise Missing()
    first = next(addresses, None)
    if first is None:
        raise Missing()
    lines = sitemap.urls(map(whole_url, chain([first], addresses)))
    return Response(stream_with_context(lines), mimetype=XML, headers=_for_an_hour())


# -- installing it ------------------------------------------------------------------------------------------------


@bp.get("/manifest.webmanifest")
def manifest() -> Any:
    """What a phone asks before it puts the market on its first screen."""
    settings, home = market.settings(), url_for("storefront.home")
    icons = [
        {"src": static_url("images/favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        {"src": static_url("images/icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": static_url("images/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {
            "src": static_url("images/icon-maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    answer = jsonify(
        {
            "id": home,
            "name": f"{settings.site_name} (tập)" if settings.practice else settings.site_name,
            "short_name": settings.site_name,
            "description": str(
                _("Đặc sản của 34 tỉnh, thành: rõ người trồng, rõ giá, bưu điện giao tận nhà.")
            ),
            "lang": "vi",
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "background_color": "#fbf7ee",
            "theme_color": "#fbf7ee",
            "icons": icons,
            "shortcuts": [
                {"name": str(_("Tìm nông sản")), "url": url_for("storefront.shelf")},
                {"name": str(_("Giỏ hàng")), "url": url_for("checkout.cart")},
                {"name": str(_("Bán hàng")), "url": f"{request.script_root}/sell"},
            ],
        }
    )
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


def _for_an_hour() -> dict[str, str]:
    return {"Cache-Control": "public, max-age=3600"}
