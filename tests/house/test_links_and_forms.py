"""A market with something in it, walked through by everybody: every link on every page leads to a good page, and every
form takes whatever is typed into it without falling over."""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote_plus, urlsplit

import pytest
from werkzeug.exceptions import HTTPException

from marketplace.farmers import service as farmers
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from marketplace.orders import service as orders
from tests import cast, make, parcels, shopping
from tests.visit import HOST, Form, Page, Visitor

MOST_OF_A_KIND = 2
"""Pages of one endpoint, asked for with the same words, that are looked at by one person."""
SHORT = ("nothing", "nul", "long", "markup", "number", "bytes")

TYPED: Mapping[str, str] = {
    "nothing": "",
    "nul": quote_plus("\x00\x00a\x00"),
    "long": quote_plus("ằ" * 10_000),
    "markup": quote_plus("\"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;"),
    "negative": "-99999999999999999999999",
    "number": "99999999999999999999999",
    "bytes": "%FF%FE%80%C0%AF",
    "letters": quote_plus("e\u0301\u200b\u202e\U0001f375\u2028\r\n\t"),
    "date": "0000-99-99",
}
"""What people, scripts and cats on keyboards type; as it goes over the wire."""

Somebody = Callable[[Visitor], tuple[Visitor, list[str]]]


@pytest.fixture(autouse=True)
def _something_there(app):
    """Orders at several stages, of An's farm and for Lan; one farm still coming on board."""
    shopping.rules()
    an = make.farm(owner=cast.farmer_an())
    tea = make.product(of=an, stock=20)
    lan = cast.buyer()
    for state in ("confirmed", "accepted", "delivered", "returned", "refused"):
        parcels_of = parcels.order((tea, 1), buyer=lan)
        make.bring_to(parcels_of, orders.FarmOrderState(state))
    make.order((tea, 1), state="placed", buyer=lan, payment_method="vietqr")
    story = parcels.Story((tea, 1), buyer=lan)
    story.scan("dropped_off")
    with transaction():
        farmers.start(cast.farmer_binh(), SYSTEM)


def a_visitor(visit: Visitor) -> tuple[Visitor, list[str]]:
    product = make.product(name="Mật ong hoa nhãn")
    shopping.put_in(visit, product)
    shopping.till_page(visit)
    till = "/checkout?" + "&".join(f"{name}={quote_plus(value)}" for name, value in shopping.HOME.items())
    return visit, ["/", "/cart", till, "/register", "/login", "/dossiers", "/service-points", "/about/terms"]


def the_buyer(visit: Visitor) -> tuple[Visitor, list[str]]:
    return visit.sign_in(cast.buyer()), ["/account", "/account/orders"]


def the_farmer(visit: Visitor) -> tuple[Visitor, list[str]]:
    return visit.sign_in(cast.farmer_an()), ["/sell", "/sell/orders", "/sell/products/new"]


def the_newcomer(visit: Visitor) -> tuple[Visitor, list[str]]:
    steps = [f"/sell/start/{step}" for step in ("who", "farm", "address", "payment")]
    return visit.sign_in(cast.farmer_binh()), ["/sell/start", *steps]


def the_clerk(visit: Visitor) -> tuple[Visitor, list[str]]:
    return visit.sign_in(cast.clerk(parcels.point())), ["/post", "/post/people"]


def the_team(visit: Visitor) -> tuple[Visitor, list[str]]:
    everything = cast.another("Người của chợ", "0912000077", *cast.ALL_ROLES)
    return visit.sign_in(everything), ["/admin", "/admin/dossiers", "/admin/money"]


EVERYBODY: tuple[Somebody, ...] = (a_visitor, the_buyer, the_farmer, the_newcomer, the_clerk, the_team)


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.__name__)
@pytest.mark.database("sqlite")
def test_every_link_leads_to_a_good_page(visit, who):
    visitor, starts = who(visit)
    found = [f"{path} (from {source}): {wrong}" for path, source, wrong in faults(visitor, starts)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.__name__)
def test_every_form_takes_whatever_is_typed(visit, who, full):
    visitor, starts = who(visit)
    forms = {form_key(visitor, form): form for page in walk(visitor, starts) for form in forms_of(page)}
    assert forms
    found = [
        f"{form.page.path} → {form.method} {form.action}, {kind} in {names}: {wrong}"
        for form in forms.values()
        for kind, typed in TYPED.items()
        if full or kind in SHORT
        for names in which(form, full)
        if (wrong := sent(visitor, form, dict.fromkeys(names, typed)))
    ]
    assert not found, "\n" + "\n".join(found)


# -- walking ------------------------------------------------------------------------------------------------------


def walk(visitor: Visitor, starts: list[str]) -> Iterator[Page]:
    """Every page that can be come to from here, a few of each kind."""
    for page, _source in _walk(visitor, starts):
        if page.status == 200 and page.is_html:
            yield page


def _walk(visitor: Visitor, starts: list[str]) -> Iterator[tuple[Page, str]]:
    waiting = [(start, "here") for start in starts]
    seen: set[str] = set()
    kinds: dict[str, int] = {}
    while waiting:
        path, source = waiting.pop(0)
        path = path.partition("#")[0]
        kind = endpoint(visitor, path)
        if path in seen or kinds.get(kind, 0) >= MOST_OF_A_KIND + starts.count(path):
            continue
        seen.add(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = visitor.raw("GET", path)
        page = Page(visitor, path, answer)
        yield page, source
        if answer.status_code in (301, 302, 303, 308):
            waiting.append((local(answer.headers["Location"]), path))
        elif page.is_html:
            visitor.last = page
            waiting += [(local(link), path) for link in page.links.values() if is_ours(link)]


def endpoint(visitor: Visitor, path: str) -> str:
    parts = urlsplit(path)
    try:
        found, _values = visitor.app.url_map.bind("localhost").match(parts.path, "GET")
    except HTTPException as error:
        return f"{error.code} {path}"
    asked = sorted(set(re.findall(r"(\w+)=", parts.query)))
    return f"{found}?{'&'.join(asked)}"


def is_ours(link: str) -> bool:
    parts = urlsplit(link)
    return parts.scheme in ("", "http") and parts.netloc in ("", "localhost") and bool(parts.path)


def local(link: str) -> str:
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def faults(visitor: Visitor, starts: list[str]) -> Iterator[tuple[str, str, str]]:
    for page, source in _walk(visitor, starts):
        if page.status not in (200, 301, 302, 303, 308):
            yield page.path, source, f"answers {page.status}"
        elif page.status == 200 and page.is_html:
            yield from ((page.path, source, wrong) for wrong in page.faults())


# -- typing -------------------------------------------------------------------------------------------------------


def forms_of(page: Page) -> Iterator[Form]:
    for element in page.all("form"):
        form = Form(page, element)
        if names_in(form):
            yield form


def names_in(form: Form) -> list[str]:
    """Its fields, but the token; hidden ones too, for anybody can change them."""
    return [name for name in form.fields if name != "csrf_token"] + [
        str(box.get("name"))
        for box in form.element.iter("input")
        if box.get("type") in ("checkbox", "radio") and box.get("name") not in form.fields
    ]


def form_key(visitor: Visitor, form: Form) -> str:
    rules = visitor.app.url_map.bind("localhost")
    found, _values = rules.match(urlsplit(form.action).path, form.method)
    return f"{found} {sorted(set(names_in(form)))}"


def which(form: Form, full: bool) -> Iterator[list[str]]:
    """Everything at once; what is seen only, and one by one, when there is time."""
    every = sorted(set(names_in(form)))
    seen = [name for name in every if name not in hidden_in(form)]
    yield every
    if full and seen not in ([], every):
        yield seen
    if full and len(every) > 1:
        yield from ([name] for name in every)


def hidden_in(form: Form) -> set[str]:
    return {str(box.get("name")) for box in form.element.iter("input") if box.get("type") == "hidden"}


def sent(visitor: Visitor, form: Form, changes: Mapping[str, str]) -> str | None:
    """Send it with these values, as they stand on the wire; what is wrong with the answer."""
    kept = {name: value for name, value in form.fields.items() if name not in changes}
    pairs = [f"{name}={typed}" for name, typed in changes.items()]
    for name, value in kept.items():
        values = value if isinstance(value, list) else [value]
        pairs += [f"{quote_plus(name)}={quote_plus(one)}" for one in values]
    body = "&".join(pairs)
    how: dict = {"headers": {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}}
    path = form.action
    if form.method == "GET":
        path = f"{path.partition('?')[0]}?{body}"
    else:
        how |= {"data": body.encode(), "content_type": "application/x-www-form-urlencoded"}
    answer = visitor.raw(form.method, path, **how)
    if answer.status_code >= 500:
        return str(answer.status_code)
    page = Page(visitor, form.action, answer)
    if not page.is_html or answer.status_code in (301, 302, 303, 308):
        return None
    wrong = page.faults()
    if set(changes) & hidden_in(form) or form.action not in [other.action for other in forms_of(page)]:
        # Whoever changes what is not seen, or presses what is over, may be led to a field that is gone.
        wrong = [one for one in wrong if not one.startswith("a link to #")]
    return "; ".join(wrong) or None
