"""Pages for machines: alive, able, figures, crawlers, the phone's first screen."""

import re
import shutil
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy.exc import OperationalError

from marketplace.farmers import service as farmers
from marketplace.foundation import jobs
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.search import service as search
from marketplace.storefront import sitemap
from tests import make


def test_alive_says_so_and_asks_nobody(visit, monkeypatch):
    def away(*anything: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(db.session, "execute", away)
    answer = visit.raw("GET", "/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_ready_when_database_and_search_can_serve(visit, app):
    search.rebuild()
    told = visit.json("/readyz")
    assert told == {"ready": True, "database": True, "search": True, "worker": False, "jobs_waiting": 0}
    jobs.beat()
    assert visit.json("/readyz")["worker"] is True
    shutil.rmtree(Path(app.instance_path) / "search")
    told = visit.json("/readyz", status=503)
    assert told["ready"] is False and told["search"] is False


def test_not_ready_without_a_database(visit, monkeypatch):
    search.rebuild()
    monkeypatch.setattr(jobs, "database_answers", lambda: False)
    told = visit.json("/readyz", status=503)
    assert told["database"] is False and told["jobs_waiting"] is None


def test_figures_count_by_endpoint_and_status_and_know_the_jobs(visit):
    visit("/")
    visit("/products/SPKHONGCO", status=404)
    visit.raw("BREW", "/")
    with transaction():
        jobs.enqueue("catalog.count_sales")
    answer = visit.raw("GET", "/metrics")
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    told = answer.text
    assert re.search(
        r'choque_requests_total\{endpoint="storefront\.home",market="market",method="GET",status="200"\}',
        told,
    )
    assert re.search(r'endpoint="storefront\.product",market="market",method="GET",status="404"', told)
    assert 'choque_request_seconds_bucket{endpoint="storefront.home"' in told
    assert "BREW" not in told and "SPKHONGCO" not in told
    assert "choque_jobs_waiting 1.0" in told and "choque_worker_alive 0.0" in told


def addresses(visit, path: str) -> list[str]:
    answer = visit.raw("GET", path)
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    return [str(found.text) for found in fromstring(answer.data).iter() if found.tag.endswith("}loc")]


def test_the_sitemap_has_parts_and_every_address_opens(visit, monkeypatch):
    monkeypatch.setattr(sitemap, "PER_PART", 2)
    farm = make.farm("Hợp tác xã <&>")
    products = [make.product(farm, name=f"Trà số {number}") for number in range(3)]
    make.product(farm, published=False)
    make.rules()
    parts = addresses(visit, "/sitemap.xml")
    assert [part.rsplit("/", 1)[1] for part in parts] == [
        "pages-1.xml",
        "products-1.xml",
        "products-2.xml",
        "farms-1.xml",
    ]
    found = [
        address for part in parts for address in addresses(visit, part.removeprefix("http://127.0.0.1:8000"))
    ]
    assert len(found) == len(set(found))
    assert sum("/products/SP" in address for address in found) == 3
    for address in found:
        if "province=" not in address and "set=" not in address:
            assert visit.raw("GET", address.removeprefix("http://127.0.0.1:8000")).status_code == 200, address
    with transaction():
        farmers.suspend(db.session.merge(farm), "Giấy tờ không đúng với hàng bán", SYSTEM)
    assert addresses(visit, "/sitemap.xml") == [parts[0]]
    assert products[0].code not in visit.raw("GET", "/sitemaps/pages-1.xml").text


@pytest.mark.parametrize(
    "path",
    [
        "/sitemaps/products-1.xml",
        "/sitemaps/pages-2.xml",
        "/sitemaps/people-1.xml",
        "/sitemaps/farms-0.xml",
        "/sitemaps/farms-999999999999.xml",
    ],
)
def test_no_empty_part(visit, path):
    visit(path, status=404)


def test_robots_know_what_is_private(visit):
    told = visit.raw("GET", "/robots.txt").text
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in told
    for private in ("/account", "/admin", "/sell", "/post", "/checkout", "/practice"):
        assert f"Disallow: {private}\n" in told


def test_the_manifest_names_icons_that_are_there(visit):
    answer = visit.raw("GET", "/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    told = answer.get_json(force=True)
    assert told["start_url"] == "/" and {"any", "maskable"} == {icon["purpose"] for icon in told["icons"]}
    for icon in told["icons"]:
        assert visit.raw("GET", icon["src"]).status_code == 200
    page = visit("/about")
    assert page.one("link", rel="manifest").get("href") == "/manifest.webmanifest"
