"""What a product's page tells machines (schema.org): the product, its offers, the way here. Only what it shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.storefront.queries import ProductPage

CONTEXT = "https://schema.org"


def of_product(it: ProductPage, url: str, pictures: Sequence[str], farm_url: str) -> dict[str, Any]:
    """The product with an offer per pack; a service on the spot has no offer, for it is not sold here."""
    product = it.product
    seller = {"@type": "Organization", "name": product.farm.name, "url": farm_url}
    told: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Service" if product.is_service else "Product",
        "@id": url,
        "url": url,
        "name": product.name,
        "category": str(it.category),
    }
    if product.description:
        told["description"] = product.description[:5000]
    if pictures:
        told["image"] = list(pictures)
    if product.is_service:
        return told | {"provider": seller, "areaServed": it.province}
    told |= {
        "sku": product.code,
        "brand": {"@type": "Brand", "name": product.farm.name},
        "countryOfOrigin": {"@type": "Country", "name": "VN"},
        "offers": [
            {
                "@type": "Offer",
                "sku": pack.variant.code,
                "name": pack.variant.name,
                "url": url,
                "price": pack.variant.price_dong,
                "priceCurrency": "VND",
                "availability": f"{CONTEXT}/{'InStock' if pack.variant.available > 0 else 'OutOfStock'}",
                "itemCondition": f"{CONTEXT}/NewCondition",
                "seller": seller,
            }
            for pack in it.packs
        ],
    }
    if it.stars is not None and it.stars.stars is not None:
        told["hasCertification"] = {
            "@type": "Certification",
            "name": f"OCOP {it.stars.stars} sao",
            "certificationIdentification": it.stars.number,
            "issuedBy": {"@type": "Organization", "name": it.stars.issuer},
            "validFrom": it.stars.issued_on.isoformat(),
            "expires": it.stars.valid_until.isoformat(),
        }
    return told


def of_the_way(steps: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
    """The crumbs: name and whole address of each page on the way, this one last."""
    return {
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": address}
            for number, (name, address) in enumerate(steps, 1)
        ],
    }


def of_a_shelf(name: str, url: str, goods: Sequence[str], total: int) -> Mapping[str, Any]:
    """A category's or a province's page: the products that stand on it, by address."""
    return {
        "@context": CONTEXT,
        "@type": "CollectionPage",
        "@id": url,
        "url": url,
        "name": name,
        "mainEntity": {
            "@type": "ItemList",
            "numberOfItems": total,
            "itemListElement": [
                {"@type": "ListItem", "position": number, "url": address}
                for number, address in enumerate(goods, start=1)
            ],
        },
    }


def of_the_market(name: str, url: str, shelf: str) -> Mapping[str, Any]:
    """The whole market, and how to search it."""
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "@id": url,
        "url": url,
        "name": name,
        "inLanguage": ["vi", "en"],
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{shelf}?q={{search_term_string}}"},
            "query-input": "required name=search_term_string",
        },
    }
