"""Listing for a farmer, with their consent: the helper draws it up, the farmer's own yes shows it.

Money and the bank account are in no scope: there is no verb here that touches them.
"""

from collections.abc import Sequence
from datetime import timedelta

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import HELP_WORDS, Consent, ConsentState, HelpScope, Person
from marketplace.catalog import listing
from marketplace.catalog import service as catalog
from marketplace.catalog.listing import Listing
from marketplace.catalog.models import ProductState
from marketplace.farmers import queries as farms
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.photos import ReadyPhoto
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.foundation.words import _, in_language
from marketplace.notifications import service as notifications
from marketplace.training.models import AgreedBy, HelpedListing, HelpedState

UNDO_WITHIN = timedelta(hours=24)
WRONG_CODE = _("Mã chưa đúng, đã quá 10 phút, hoặc là mã cho việc khác. Hãy xin mã mới cho đúng việc này.")


# -- consent, given at the helper's own device --------------------------------------------------------------------


def ask_consent(helper: Person, person: Person, by: Actor) -> Consent:
    """Ask to list for the farmer; a code goes to their telephone, so that they can say yes here and now."""
    consent = accounts.ask_to_help(helper, person, HelpScope.LIST, by)
    db.session.flush()
    if consent.state is ConsentState.ASKED:
        with in_language(person.language):
            what = _("%(helper)s: %(what)s", helper=helper.name, what=HELP_WORDS[HelpScope.LIST])
            accounts.send_deed_code(person, f"consent {consent.code}", str(what))
    return consent


def give_consent(consent: Consent, digits: str) -> bool:
    """The farmer read the code of this consent out: it is their yes. False for any other code; nothing is given
    then."""
    if not accounts.use_deed_code(consent.person, f"consent {consent.code}", digits):
        return False
    accounts.give_consent(consent, Actor.of(consent.person_id))
    return True


def _must_be_allowed(helper: Person, person: Person) -> None:
    if not people.may_act(helper, person, HelpScope.LIST):
        raise Forbidden(
            _(
                "%(name)s chưa đồng ý, hoặc vừa rút lại, nên bạn không làm thay được nữa. Phần đã soạn vẫn ở gian hàng "
                "của họ.",
                name=person.name,
            )
        )


# -- the draft and the yes ----------------------------------------------------------------------------------------


def draw_up(
    helper: Person, person: Person, said: Listing, photos: Sequence[ReadyPhoto], once: str
) -> HelpedListing:
    """The helper writes a product for the farmer. It waits for the farmer's yes, who is told; sent twice it is one."""
    _must_be_allowed(helper, person)
    farm = farms.my_farm(person)
    if farm is None or not farm.may_sell:
        raise Refusal(_("Gian hàng của %(name)s chưa được duyệt nên chưa đăng hàng được.", name=person.name))
    by = Actor.of(helper.id, for_id=person.id)
    product = listing.list_at_once(farm, said, photos, once, by)
    db.session.flush()
    known = db.session.query(HelpedListing).filter_by(product_id=product.id).one_or_none()
    if known is not None:
        return known
    made = HelpedListing(
        product_id=product.id,
        product=product,
        person_id=person.id,
        person=person,
        helper_id=helper.id,
        helper=helper,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(by, "helped_listing.drawn_up", made, product=product.code)
    notifications.send(
        people.recipient_of(person), "training/listing_waits", "/learn", helper=helper.name, name=product.name
    )
    return made


def send_listing_code(helped: HelpedListing) -> None:
    """A code that stands for the yes to this product alone goes to the farmer."""
    with in_language(helped.person.language):
        what = _("đăng bán “%(name)s”", name=helped.product.name)
        accounts.send_deed_code(helped.person, f"listing {helped.code}", str(what))


def agree_by_code(helped: HelpedListing, helper: Person, digits: str) -> bool:
    """The farmer read the code out to the helper, who still may act: on sale. False for a code of another deed."""
    _must_be_allowed(helper, helped.person)
    if not accounts.use_deed_code(helped.person, f"listing {helped.code}", digits):
        return False
    _agree(helped, AgreedBy.CODE)
    return True


def agree(helped: HelpedListing) -> None:
    """The farmer says yes on their own telephone."""
    _agree(helped, AgreedBy.PHONE)


def _agree(helped: HelpedListing, how: AgreedBy) -> None:
    (helped,) = claim(HelpedListing, [helped.id])
    if helped.state is HelpedState.AGREED:
        return
    by = Actor.of(helped.person_id)
    states.move(helped, HelpedState.AGREED, by)
    helped.agreed_by = how
    catalog.publish(helped.product, by)
    notifications.send(
        people.recipient_of(helped.person), "training/listing_agreed", "/learn",
        helper=helped.helper.name, name=helped.product.name,
    )  # fmt: skip


def undo(helped: HelpedListing) -> None:
    """The farmer takes it away: before their yes at any time, after it within a day; later the shop's own pages do
    it."""
    (helped,) = claim(HelpedListing, [helped.id])
    if helped.state is HelpedState.UNDONE:
        return
    if not may_undo(helped):
        raise Conflict(_("Đã quá 24 giờ. Muốn ngừng bán, vào Nông sản rồi bấm Tạm ngừng."))
    by = Actor.of(helped.person_id)
    states.move(helped, HelpedState.UNDONE, by)
    if helped.product.state is not ProductState.WITHDRAWN:
        catalog.withdraw(helped.product, by, why=_("Chủ hàng gỡ món do người khác đăng giúp").text)


def may_undo(helped: HelpedListing) -> bool:
    """May one tap still take it away?"""
    if helped.state is HelpedState.ASKED:
        return True
    return helped.state is HelpedState.AGREED and (
        helped.agreed_at is not None and clock.now() <= helped.agreed_at + UNDO_WITHIN
    )
