"""Working for a farmer, with their consent: the helper prepares it, the farmer's own yes makes it count.

A consent (to list, to do papers, to answer and pack orders) is the farmer's by their own telephone, by a code of an
SMS, by the next number of their paper slip, or by a paper they signed. What was prepared is a second yes, to that one
thing; the farmer is told and has a day to take it back. The trail names both, the helper and the farmer. What is done
with orders is in `helped_orders`.

Money and the bank account are in no scope: there is no verb here that touches them, and who tries is written down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import HELP_WORDS, Consent, ConsentState, HelpScope, Person
from marketplace.catalog import listing
from marketplace.catalog import service as catalog
from marketplace.catalog.listing import Listing
from marketplace.catalog.models import ProductState
from marketplace.farmers import queries as farms
from marketplace.farmers import service as farmers
from marketplace.farmers.models import Farm, FarmKind
from marketplace.foundation import audit, clock, files, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.files import ReadyPaper, StoredPaper
from marketplace.foundation.photos import ReadyPhoto
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.foundation.words import Text, _, in_language
from marketplace.notifications import service as notifications
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState
from marketplace.training.models import (
    AgreedBy,
    ConsentPaper,
    HelpedDossier,
    HelpedListing,
    HelpedOrder,
    HelpedState,
    HelpedWork,
)

UNDO_WITHIN = timedelta(hours=24)
MAY_TAKE_BACK = (FarmOrderState.ACCEPTED,)
"""While an order stands here, a yes to it can be taken back: what has left the farm is on its way."""
SCOPES_BEFORE, SCOPES_AFTER = (HelpScope.PAPERS,), (HelpScope.LIST, HelpScope.ORDERS)
"""What a helper asks for: until the shop is open its papers, from then on its goods and its orders."""


# -- consent, given at the helper's own device --------------------------------------------------------------------


def ask_consent(helper: Person, person: Person, scope: HelpScope, by: Actor) -> Consent:
    """Ask to help the farmer in one scope. A code goes to their telephone, so that they can say yes here and now; who
    has no telephone reads the next number of their slip, or signs on paper."""
    consent = accounts.ask_to_help(helper, person, scope, by)
    db.session.flush()
    if (
        consent.state is ConsentState.ASKED
        and person.phone is not None
        and person.phone_verified_at is not None
    ):
        with in_language(person.language):
            what = str(_("%(helper)s: %(what)s", helper=helper.name, what=HELP_WORDS[scope]))
        accounts.send_deed_code(person, _consent_deed(consent), what)
    return consent


def give_consent(consent: Consent, typed: str) -> bool:
    """The farmer read the code of this consent out, or the next number of their slip: it is their yes. False for any
    other; nothing is given then."""
    by = Actor.of(consent.helper_id, for_id=consent.person_id)
    if accounts.said_yes(consent.person, _consent_deed(consent), typed, by) is None:
        return False
    _consent_given(consent, Actor.of(consent.person_id))
    return True


def give_consent_on_paper(consent: Consent, signed: ReadyPaper) -> ConsentPaper:
    """The farmer signed on paper and the helper photographed it: kept private, and the farmer is told, who takes it
    back by one tap. It opens no more than any consent: what is prepared still waits for their own yes."""
    if consent.state is not ConsentState.ASKED:
        raise Conflict(_("Lời xin này không còn chờ. Hãy tải lại trang."))
    by = Actor.of(consent.helper_id, for_id=consent.person_id)
    stored = files.keep_paper(signed, signed.filename, by, purpose="consent")
    kept = ConsentPaper(consent_id=consent.id, consent=consent, paper_id=stored.id, paper=stored)
    db.session.add(kept)
    audit.record(by, "consent.signed_on_paper", consent, paper=stored.code)
    _consent_given(consent, by)
    return kept


def view_consent_paper(kept: ConsentPaper, by: Actor) -> tuple[bytes, StoredPaper]:
    """The signed paper; each look is written down."""
    return files.open_paper(kept.paper, by, kept.consent, "consent.paper_viewed"), kept.paper


def _consent_given(consent: Consent, by: Actor) -> None:
    accounts.give_consent(consent, by)
    with in_language(consent.person.language):
        what = str(HELP_WORDS[consent.scope])
    notifications.send(
        people.recipient_of(consent.person), "training/consent_given", "/account/consents",
        helper=consent.helper.name, what=what, until=consent.until,
    )  # fmt: skip


def _consent_deed(consent: Consent) -> str:
    return f"consent {consent.code}"


def must_be_allowed(helper: Person, person: Person, scope: HelpScope) -> None:
    """Raises Forbidden unless the farmer's consent in this scope holds at this moment."""
    if not people.may_act(helper, person, scope):
        raise Forbidden(
            _(
                "%(name)s chưa đồng ý, hoặc vừa rút lại, nên bạn không làm thay được nữa. Phần đã soạn vẫn ở gian "
                "hàng "
                "của họ.",
                name=person.name,
            )
        )


# -- what is prepared ---------------------------------------------------------------------------------------------


def draw_up(
    helper: Person, person: Person, said: Listing, photos: Sequence[ReadyPhoto], once: str
) -> HelpedListing:
    """The helper writes a product for the farmer. It waits for the farmer's yes, who is told; sent twice it is one."""
    must_be_allowed(helper, person, HelpScope.LIST)
    farm = farms.my_farm(person)
    if farm is None or not farm.may_sell:
        raise Refusal(_("Gian hàng của %(name)s chưa được duyệt nên chưa đăng hàng được.", name=person.name))
    by = Actor.of(helper.id, for_id=person.id)
    product = listing.list_at_once(farm, said, photos, once, by)
    db.session.flush()
    known = db.session.scalar(select(HelpedListing).where(HelpedListing.product_id == product.id))
    if known is not None:
        return known
    made = HelpedListing(product_id=product.id, product=product, **between(helper, person))
    prepared(made, by, product=product.code)
    tell(made, "training/listing_waits")
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    """What the application for a shop says, but for how it is paid: that is the farmer's alone. `personal_id` left out
    keeps the one given before."""

    kind: FarmKind
    full_name: str
    born_on: date
    name: str
    phone: str
    province_code: str
    commune_code: str
    street: str
    personal_id: str | None = None
    tax_code: str | None = None
    id_photo: ReadyPaper | None = None


def fill_in(helper: Person, person: Person, said: ShopFacts) -> HelpedDossier:
    """The helper fills in the application for the farmer's shop. It is handed in by the farmer's yes, who is told;
    filled in again before that it is the same one."""
    must_be_allowed(helper, person, HelpScope.PAPERS)
    by = Actor.of(helper.id, for_id=person.id)
    farm = farms.applying_farm(person) or farmers.start(person, by)
    db.session.flush()
    farmers.save_who(
        farm, said.kind, said.full_name, said.born_on, by,
        personal_id=said.personal_id, tax_code=said.tax_code, id_photo=said.id_photo,
    )  # fmt: skip
    farmers.save_farm(farm, said.name, said.phone, by, story=farm.story)
    farmers.save_address(farm, said.province_code, said.commune_code, said.street, by)
    known = waiting_dossier(farm)
    if known is not None:
        return known
    made = HelpedDossier(farm_id=farm.id, farm=farm, **between(helper, person))
    prepared(made, by, farm=farm.code)
    tell(made, "training/dossier_waits")
    return made


def waiting_dossier(farm: Farm) -> HelpedDossier | None:
    """What a helper filled in for this farm and the farmer has not answered."""
    return db.session.scalar(
        select(HelpedDossier).where(
            HelpedDossier.farm_id == farm.id, HelpedDossier.state == HelpedState.ASKED
        )
    )


def refuse_money(helper: Person, person: Person) -> None:
    """A helper tried to reach the farmer's money or bank account: there is no such page, and it is written down."""
    audit.record(Actor.of(helper.id, for_id=person.id), "person.money_refused", person)


def between(helper: Person, person: Person) -> dict[str, object]:
    """Who helps whom, on a work that is being prepared."""
    return {"helper_id": helper.id, "helper": helper, "person_id": person.id, "person": person}


def prepared(made: HelpedWork, by: Actor, **about: str) -> None:
    """Keep it, and write down who prepared it for whom."""
    db.session.add(made)
    db.session.flush()
    audit.record(by, f"{made.__tablename__}.drawn_up", made, **about)


def tell(work: HelpedWork, template: str) -> None:
    """The farmer hears of it where they say yes or take it back."""
    notifications.send(
        people.recipient_of(work.person), template, "/learn", helper=work.helper.name, name=work.title
    )


# -- the farmer's own yes, and taking it back ---------------------------------------------------------------------


SCOPE_OF: dict[type[HelpedWork], HelpScope] = {
    HelpedListing: HelpScope.LIST,
    HelpedDossier: HelpScope.PAPERS,
    HelpedOrder: HelpScope.ORDERS,
}
TOO_LATE: dict[type[HelpedWork], Text] = {
    HelpedListing: _("Đã quá 24 giờ. Muốn ngừng bán, vào Nông sản rồi bấm Tạm ngừng."),
    HelpedDossier: _("Đã quá 24 giờ. Muốn rút hồ sơ, vào trang Mở gian hàng."),
    HelpedOrder: _("Đã quá 24 giờ, hoặc hàng đã gửi đi. Hãy mở đơn hàng để xem còn làm gì được."),
}
YES_TO: dict[type[HelpedWork], Text] = {
    HelpedListing: _("đăng bán “%(name)s”"),
    HelpedDossier: _("nộp hồ sơ mở gian hàng “%(name)s”"),
    HelpedOrder: _("nhận đơn %(name)s"),
}


def send_code(work: HelpedWork) -> None:
    """A code that stands for the yes to this one thing alone goes to the farmer, while their helper may act and it
    waits for an answer."""
    must_be_allowed(work.helper, work.person, SCOPE_OF[type(work)])
    if work.state is not HelpedState.ASKED:
        raise Conflict(_("Việc này không còn chờ trả lời. Hãy tải lại trang."))
    with in_language(work.person.language):
        what = str(YES_TO[type(work)]) % {"name": work.title}
    accounts.send_deed_code(work.person, work.deed, what)


def agree_by_code(work: HelpedWork, helper: Person, typed: str) -> bool:
    """The farmer read the code, or the next number of their slip, out to the helper, who still may act. False for one
    of another deed."""
    must_be_allowed(helper, work.person, SCOPE_OF[type(work)])
    if work.state is HelpedState.UNDONE:
        raise Conflict(_("Chủ hàng đã gỡ rồi. Hãy tải lại trang."))
    by = Actor.of(helper.id, for_id=work.person_id)
    how = accounts.said_yes(work.person, work.deed, typed, by)
    if how is None:
        return False
    _agree(work, AgreedBy(how.value))
    # The yes is the farmer's, the hand that typed it the helper's: the trail names both.
    audit.record(by, f"{work.__tablename__}.yes_typed", work, how=how.value)
    return True


def agree(work: HelpedWork) -> None:
    """The farmer says yes on their own telephone."""
    _agree(work, AgreedBy.PHONE)


def _agree(work: HelpedWork, how: AgreedBy) -> None:
    (work,) = claim(type(work), [work.id])
    if work.state is HelpedState.AGREED:
        return
    by = Actor.of(work.person_id)
    states.move(work, HelpedState.AGREED, by)
    work.agreed_by = how
    if isinstance(work, HelpedListing):
        catalog.publish(work.product, by)
        tell(work, "training/listing_agreed")
    elif isinstance(work, HelpedDossier):
        farmers.submit(work.farm, by, is_vouched=True)
        tell(work, "training/dossier_agreed")
    elif isinstance(work, HelpedOrder):
        orders.accept(work.farm_order, by)
        tell(work, "training/order_agreed")


def undo(work: HelpedWork) -> None:
    """The farmer takes it back: before their yes at any time, after it within a day; later the shop's own pages do
    it."""
    (work,) = claim(type(work), [work.id])
    if work.state is HelpedState.UNDONE:
        return
    if not may_undo(work):
        raise Conflict(TOO_LATE[type(work)])
    by = Actor.of(work.person_id)
    was_agreed = work.state is HelpedState.AGREED
    states.move(work, HelpedState.UNDONE, by)
    if isinstance(work, HelpedListing) and work.product.state is not ProductState.WITHDRAWN:
        catalog.withdraw(work.product, by, why=_("Chủ hàng gỡ món do người khác đăng giúp").text)
    elif isinstance(work, HelpedDossier) and was_agreed:
        farmers.take_back(work.farm, by)
    elif isinstance(work, HelpedOrder) and was_agreed and work.farm_order.state is FarmOrderState.ACCEPTED:
        orders.refuse(work.farm_order, _("Nhà vườn lấy lại lời nhận đơn").text, by)


def may_undo(work: HelpedWork) -> bool:
    """May one tap still take it back?"""
    if work.state is HelpedState.ASKED:
        return True
    if isinstance(work, HelpedOrder) and work.farm_order.state not in MAY_TAKE_BACK:
        return False
    return work.state is HelpedState.AGREED and (
        work.agreed_at is not None and clock.now() <= work.agreed_at + UNDO_WITHIN
    )
