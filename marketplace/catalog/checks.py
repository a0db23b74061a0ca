"""What a person looks at before it shows: forbidden goods, words no food may say, the first listings of a new farm, a
new name or origin; and prices that look like a slip of the finger.

Rules are dated data (data/listing_rules.json, tables listing_rule and listing_policy); price and stock never wait.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from sqlalchemy import func, or_, select

from marketplace.catalog import looks
from marketplace.catalog.events import ProductChanged
from marketplace.catalog.kinds import has_word
from marketplace.catalog.models import (
    ListingPolicy,
    ListingReview,
    ListingRule,
    Product,
    ProductState,
    ReviewState,
    RuleKind,
    Variant,
)
from marketplace.catalog.packs import PackDetails, size_words
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import FarmMember
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.events import publish as tell
from marketplace.foundation.money import divide_half_up, dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.rules import put_in_place, rule_on
from marketplace.foundation.words import Text, _, in_language
from marketplace.notifications import service as notifications
from marketplace.search import vietnamese

FILE = Path(__file__).parent / "data" / "listing_rules.json"
ENOUGH_PRICES = 5
"""So many prices of a set make a median worth asking about."""
FIRST, NEW_NAME, NEW_ORIGIN = "first-listings", "new-name", "new-origin"
REASONS: dict[str, Text] = {
    FIRST: _("Món đầu tiên của gian hàng mới"),
    NEW_NAME: _("Đổi tên món"),
    NEW_ORIGIN: _("Đổi nguồn gốc"),
    "wild-animals": _("Động vật hoang dã và bộ phận của chúng"),
    "drugs": _("Chất ma túy và tiền chất"),
    "explosives": _("Pháo nổ, vũ khí, chất nổ"),
    "tobacco": _("Thuốc lá, thuốc lá điện tử"),
    "poisonous-food": _("Thực phẩm gây độc không được bán"),
    "medicine": _("Thuốc chữa bệnh, thuốc thú y, thuốc bảo vệ thực vật"),
    "health-claim": _("Nói chữa được bệnh"),
}
"""What the reasons that ship are called, in the reader's language; a rule added since goes by its own name."""


def load_rules(by: Actor) -> None:
    """Put the rules that ship in place, once; a rule with a new beginning is added beside the old."""
    data = json.loads(FILE.read_text("utf8"))
    put_in_place(ListingPolicy, data["policy"], by)
    put_in_place(
        ListingRule, ({**row, "kind": RuleKind(row["kind"])} for row in data["rules"]), by, key=("key",)
    )


def policy_on(day: date) -> ListingPolicy | None:
    """The market's own rule in force on a day."""
    return rule_on(ListingPolicy, day)


def rules_on(day: date) -> list[ListingRule]:
    """The rules about words in force on a day; of one key the one that began last."""
    found = db.session.scalars(
        select(ListingRule)
        .where(
            ListingRule.valid_from <= day, or_(ListingRule.valid_to.is_(None), ListingRule.valid_to >= day)
        )
        .order_by(ListingRule.valid_from, ListingRule.id)
    )
    return list({rule.key: rule for rule in found}.values())


# -- words ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hit:
    """A rule a text meets, and the words that did it (none: its set did)."""

    rule: ListingRule
    words: tuple[str, ...]

    @property
    def as_reason(self) -> dict[str, str]:
        return {
            "key": self.rule.key,
            "name": self.rule.name,
            "word": ", ".join(self.words),
            "basis": self.rule.legal_basis,
        }


def hits(rules: Sequence[ListingRule], set_no: int | None, *texts: str) -> list[Hit]:
    """The rules these texts meet. Words of four letters and more are found without their marks too; what stands in a
    phrase that makes it harmless ("không thay thế thuốc") is not counted."""
    whole = vietnamese.plain("\n".join(texts))
    bare = vietnamese.fold(whole)
    found: list[Hit] = []
    for rule in rules:
        with_marks, without = whole, bare
        for phrase in sorted(rule.unless, key=len, reverse=True):
            with_marks = with_marks.replace(vietnamese.plain(phrase), " ")
            without = without.replace(vietnamese.fold(phrase), " ")
        met = tuple(word for word in rule.words if _stands_in(word, with_marks, without))
        if met or (set_no is not None and set_no in rule.set_nos):
            found.append(Hit(rule, met))
    return found


def _stands_in(word: str, with_marks: str, without: str) -> bool:
    folded = vietnamese.fold(word)
    is_long = len(folded) >= 6 and " " in folded
    return has_word(with_marks, vietnamese.plain(word)) or (is_long and has_word(without, folded))


def hits_of(product: Product) -> list[Hit]:
    """The rules a listing meets today."""
    said = (product.name, product.description, product.ingredients, product.storage)
    texts = [*said, *(pack.name for pack in product.packs)]
    return hits(rules_on(clock.today()), product.set_no, *texts)


def check_note(note: str) -> None:
    """What is written beside a lot stands on its trace page at once, so it says nothing a rule asks about."""
    for hit in hits(rules_on(clock.today()), None, note):
        if hit.rule.kind is not RuleKind.ALCOHOL:
            raise Refusal(
                _("Ghi chú không được có chữ “%(word)s” (%(rule)s). Hãy ghi lại.",
                  word=hit.words[0], rule=reason_words(hit.as_reason)),
                "note",
            )  # fmt: skip


def reasons_to_look(product: Product, by: Actor) -> list[dict[str, str]]:
    """Why a person looks at this listing before it shows; none: it may show at once. What a reviewer accepted before is
    not asked again, as long as no other word of the rule comes. Made-up goods and what the market itself lists are not
    looked at."""
    if product.is_illustration or by.kind == "system":
        return []
    found = [hit.as_reason for hit in hits_of(product) if hit.rule.kind is not RuleKind.ALCOHOL]
    policy = policy_on(clock.today())
    if policy is not None and product.published_at is None and _shown_before(product) < policy.first_listings:
        found.append(
            {
                "key": FIRST,
                "name": "Món đầu tiên của gian hàng mới",
                "word": "",
                "basis": policy.legal_basis,
            }
        )
    known: dict[str, set[str]] = {}
    for review in _accepted(product):
        for reason in review.reasons:
            known.setdefault(reason["key"], set()).update(_words_of(reason))
    return [one for one in found if not (one["key"] in known and _words_of(one) <= known[one["key"]])]


def _words_of(reason: dict[str, str]) -> set[str]:
    return set(reason["word"].split(", "))


def _shown_before(product: Product) -> int:
    return (
        db.session.scalar(
            select(func.count(Product.id)).where(
                Product.farm_id == product.farm_id,
                Product.id != product.id,
                Product.published_at.is_not(None),
                Product.state != ProductState.CHECKING,
            )
        )
        or 0
    )


def _accepted(product: Product) -> Sequence[ListingReview]:
    if product.id is None:
        return ()
    return db.session.scalars(
        select(ListingReview).where(
            ListingReview.product_id == product.id, ListingReview.state == ReviewState.ACCEPTED
        )
    ).all()


def identity_waits(product: Product, by: Actor) -> ListingPolicy | None:
    """The rule that makes a new name or origin of a listing wait for a look; none: it counts at once. (A certificate
    is always looked at by itself; see proofs.py.)"""
    if product.is_illustration or by.kind == "system" or product.published_at is None:
        return None
    policy = policy_on(clock.today())
    return policy if policy is not None and policy.names_are_checked else None


def is_for_adults(product: Product) -> bool:
    """Is it alcohol, by its set or its name?"""
    alcohol = [rule for rule in rules_on(clock.today()) if rule.kind is RuleKind.ALCOHOL]
    return bool(hits(alcohol, product.set_no, product.name))


# -- looking --------------------------------------------------------------------------------------------------------


def ask_for_look(product: Product, reasons: Sequence[dict[str, str]], by: Actor) -> ListingReview:
    """A reviewer looks at this listing; what waits already is added to, and said anew where it changed."""
    db.session.flush()
    waiting = looks.waiting_for(product)
    if waiting is None:
        waiting = ListingReview(product=product, reasons=[], state=ReviewState.WAITING)
        db.session.add(waiting)
    waiting.reasons = list({one["key"]: one for one in (*waiting.reasons, *reasons)}.values())
    audit.record(by, "listing_review.asked", waiting, reasons=[one["key"] for one in reasons])
    return waiting


def look_at_new_words(product: Product, reasons: Sequence[dict[str, str]], by: Actor) -> None:
    """What waits for a look was written anew: the reasons are those of the words that stand there now."""
    waiting = looks.waiting_for(product)
    if waiting is None:
        return
    kept = [one for one in waiting.reasons if one["key"] in (FIRST, NEW_ORIGIN) or one.get("of") == NEW_NAME]
    if {one["key"] for one in (*kept, *reasons)} != {one["key"] for one in waiting.reasons}:
        waiting.reasons = kept
        ask_for_look(product, reasons, by)


def wait_for_new_name(product: Product, name: str, policy: ListingPolicy, by: Actor) -> None:
    """Buyers see the old name until somebody has looked at the new one; a rule it meets is named. The last new name
    is the one that waits."""
    met = [hit for hit in hits(rules_on(clock.today()), product.set_no, name) if hit.words]
    asked = {"key": NEW_NAME, "name": "Đổi tên món", "word": name, "basis": policy.legal_basis}
    reasons = [asked, *(hit.as_reason for hit in met if hit.rule.kind is not RuleKind.ALCOHOL)]
    if (waiting := looks.waiting_for(product)) is not None:
        waiting.reasons = [one for one in waiting.reasons if one.get("of") != NEW_NAME]
    ask_for_look(product, [{**one, "of": NEW_NAME} for one in reasons], by).new_name = name


def wait_for_new_origin(product: Product, is_own: bool, policy: ListingPolicy, by: Actor) -> None:
    """Where it comes from stays as it was, for buyers and for the tax, until somebody has looked."""
    word = (
        "Nhà tự trồng, nuôi hoặc đánh bắt, chưa chế biến"
        if is_own
        else "Không phải nhà tự làm, hoặc đã chế biến"
    )
    reason = {"key": NEW_ORIGIN, "name": "Đổi nguồn gốc", "word": word, "basis": policy.legal_basis}
    ask_for_look(product, [reason], by).new_origin = is_own


def accept(review: ListingReview, by: Actor) -> None:
    """The listing is as it should be: it shows at once; a new name counts from now on."""
    product = _mine_to_decide(review, by)
    states.move(review, ReviewState.ACCEPTED, by)
    review.decided_by_id = by.person_id
    if review.new_name:
        audit.record(by, "product.renamed", product, before=product.name, after=review.new_name)
        product.name = review.new_name
        product.is_for_adults = is_for_adults(product)
    if review.new_origin is not None:
        audit.record(by, "product.origin_changed", product, is_own_unprocessed=review.new_origin)
        product.is_own_unprocessed = review.new_origin
    if product.state is ProductState.CHECKING:
        states.move(product, ProductState.ON_SALE, by)
        product.published_at = product.published_at or clock.now()
    _tell_farm(review, "catalog/listing_accepted")


def send_back(review: ListingReview, by: Actor, reason: str) -> None:
    """Not like this, and why. A listing that never showed is a draft again, one that did is paused; a new name is
    forgotten."""
    product = _mine_to_decide(review, by)
    if len(reason.strip()) < 5:
        raise Refusal(_("Ghi lý do để người bán hiểu và sửa được."), "reason")
    states.move(review, ReviewState.SENT_BACK, by, reason)
    review.decided_by_id, review.reason = by.person_id, reason.strip()
    if product.state is ProductState.CHECKING:
        back = ProductState.PAUSED if product.published_at else ProductState.DRAFT
        states.move(product, back, by, reason)
    _tell_farm(review, "catalog/listing_sent_back")


def reason_words(reason: dict[str, str]) -> Text | str:
    """What a reason is called: a rule that was renamed goes by the name it had when it asked."""
    known = REASONS.get(reason["key"])
    with in_language("vi"):
        is_ours = known is not None and str(known) == reason["name"]
    return known if known is not None and is_ours else reason["name"]


def drop_look(product: Product, by: Actor) -> None:
    """Nobody needs to look any more."""
    if (waiting := looks.waiting_for(product)) is not None:
        states.move(waiting, ReviewState.DROPPED, by)


def _mine_to_decide(review: ListingReview, by: Actor) -> Product:
    own = select(FarmMember.id).where(
        FarmMember.farm_id == review.product.farm_id, FarmMember.person_id == by.person_id
    )
    if db.session.scalar(own) is not None:
        raise Conflict(_("Đây là món của gian hàng bạn. Hãy để người khác xem."))
    return review.product


def _tell_farm(review: ListingReview, template: str) -> None:
    product = review.product
    db.session.flush()
    if product.published_at is not None:
        tell(ProductChanged(product.id))
    for member in farmers.members_recipients(product.farm):
        notifications.send(
            member, template, f"/sell/products/{product.code}",
            name=product.name, reason=review.reason, is_new_name=review.is_of_identity,
        )  # fmt: skip


# -- prices --------------------------------------------------------------------------------------------------------


class Priced(Protocol):
    """A pack with a price, made or only typed."""

    @property
    def price_dong(self) -> Any: ...
    @property
    def grams(self) -> Any: ...
    @property
    def millilitres(self) -> Any: ...
    @property
    def pieces(self) -> Any: ...


@dataclass(frozen=True)
class OddPrice:
    """A price far from what such goods cost: both per kilogram (litre), and what may have been meant."""

    per_dong: int
    usual_dong: int
    unit: Text
    meant_dong: int
    size: str

    @property
    def sentence(self) -> Text:
        return _(
            "Giá này là %(per)s/%(unit)s, còn hàng cùng loại thường khoảng %(usual)s/%(unit)s. "
            "Có phải bạn muốn ghi %(meant)s cho gói %(size)s?",
            per=dong(self.per_dong),
            usual=dong(self.usual_dong),
            meant=dong(self.meant_dong),
            unit=self.unit,
            size=self.size,
        )


def odd_price(set_no: int | None, pack: Priced, usual: "UsualPrices | None" = None) -> OddPrice | None:
    """Is the price per kilogram (litre) many times off the median of its set? Pieces are not compared. Who asks about
    a whole list looks up what is usual once, and hands it in."""
    size = pack.grams or pack.millilitres
    if set_no is None or not size or not pack.price_dong:
        return None
    usual = usual or UsualPrices()
    median_dong = usual.of(set_no, bool(pack.grams))
    if usual.policy is None or median_dong is None:
        return None
    per, factor = divide_half_up(pack.price_dong * 1000, size), usual.policy.odd_price_factor
    if median_dong / factor <= per <= median_dong * factor:
        return None
    expected = median_dong * size / 1000
    slips = [1 / 1000, 1 / 100, 1 / 10, 10, 100, 1000]
    meant = min((pack.price_dong * slip for slip in slips), key=lambda one: abs(one - expected))
    rounded = max(1_000, round(meant / 1_000) * 1_000)
    words = size_words(PackDetails.sized("grams" if pack.grams else "millilitres", size, rounded))
    return OddPrice(per, median_dong, _("kg") if pack.grams else _("lít"), rounded, words)


class UsualPrices:
    """The median price per kilogram (litre) of each set's goods on sale, and today's rule how far off is odd; each set
    is looked up once."""

    def __init__(self) -> None:
        self.policy = policy_on(clock.today())
        self._known: dict[tuple[int, bool], int | None] = {}

    def of(self, set_no: int, by_weight: bool) -> int | None:
        """None while there are too few to say."""
        key = (set_no, by_weight)
        if self.policy is not None and key not in self._known:
            self._known[key] = self._median(*key)
        return self._known.get(key)

    def _median(self, set_no: int, by_weight: bool) -> int | None:
        size = Variant.grams if by_weight else Variant.millilitres
        rows = db.session.execute(
            select(Variant.price_dong, size)
            .join(Product, Product.id == Variant.product_id)
            .where(
                Product.set_no == set_no,
                Product.state == ProductState.ON_SALE,
                Variant.removed_at.is_(None),
                size.is_not(None),
            )
            .order_by(Variant.id.desc())
            .limit(500)
        ).all()
        if len(rows) < ENOUGH_PRICES:
            return None
        return int(median(price * 1000 / (one or 1) for price, one in rows))
