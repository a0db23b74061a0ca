"""What the market itself rules about freight, from when: what a shared trip saves, who bears a difference, how long
fresh goods wait at a counter, which counters take a parcel in, what is made good of lost goods. Put in place with the
market, and changed from a day to come."""

import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from marketplace.catalog import boxes
from marketplace.foundation import clock, rules
from marketplace.foundation.audit import Actor
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.shipping.models import (
    BEARERS,
    CAUSE_WORDS,
    REST_BY,
    WITHIN_WORDS,
    CartonList,
    CompensationRule,
    DifferenceRule,
    HandInRule,
    PerishableRule,
    SharingRule,
)

DATA = Path(__file__).parent / "data"
CARTONS_BASIS = "Cỡ thùng thường bán (minh họa, chờ danh sách của bưu điện)"
LEAST_FARMS, MOST_FARMS = 2, 50
"""A farm alone shares with nobody."""
MOST_PER_10_000 = 5_000
"""Half of the freight: more is a slip of the finger."""
MOST_DONG = 1_000_000
LONGEST_HOURS = 240
MOST_TIMES = 100


def load_rules(by: Actor) -> None:
    """Put the market's own policies in place: who bears a difference of freight, how long fresh goods wait, which
    counters take a parcel in, what is made good of lost goods; and the usual cartons."""
    rules.put_in_place(DifferenceRule, _shipped("difference_rules.json"), by, key=("cause",))
    rules.put_in_place(PerishableRule, _shipped("perishable_rules.json"), by)
    rules.put_in_place(HandInRule, _shipped("hand_in_rules.json"), by)
    rules.put_in_place(CompensationRule, _shipped("compensation_rules.json"), by)
    usual = {"cartons": boxes.cartons(), "valid_from": "2026-01-01", "legal_basis": CARTONS_BASIS}
    rules.put_in_place(CartonList, [usual], by)


def load_sharing(by: Actor) -> None:
    """Put what a shared trip saves in place: an illustration, until there is a contract with the post."""
    rules.put_in_place(SharingRule, _shipped("sharing_rules.json"), by)


def _shipped(name: str) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = json.loads((DATA / name).read_text("utf-8"))
    return rows


def adopt_sharing_rule(
    *, steps: Sequence[Sequence[int]], valid_from: date, legal_basis: str, by: Actor
) -> SharingRule:
    """What a trip of so many farms saves, from a day to come: `[[from how many farms, per 10,000], …]`. Raises Refusal
    unless more farms save more."""
    if not steps:
        raise Refusal(_("Hãy ghi ít nhất một mức giảm."), "steps")
    farms, rates = [farms for farms, _rate in steps], [rate for _farms, rate in steps]
    if not all(LEAST_FARMS <= number <= MOST_FARMS for number in farms):
        raise Refusal(
            _("Đi chung từ %(least)s đến %(most)s nhà vườn.", least=LEAST_FARMS, most=MOST_FARMS), "steps"
        )
    if not all(0 < rate <= MOST_PER_10_000 for rate in rates):
        raise Refusal(_("Mức giảm trên 0 và không quá %(most)s %%.", most=MOST_PER_10_000 // 100), "steps")
    if not (_rises(farms) and _rises(rates)):
        raise Refusal(_("Càng nhiều nhà vườn đi chung thì mức giảm phải càng cao."), "steps")
    rule = SharingRule(steps=[list(step) for step in steps], valid_from=valid_from, legal_basis=legal_basis)
    return rules.adopt(rule, by)


def _rises(numbers: Sequence[int]) -> bool:
    return all(before < after for before, after in itertools.pairwise(numbers))


def adopt_difference_rule(
    *, cause: str, more_by: str, less_to: str, least_dong: int, valid_from: date, legal_basis: str, by: Actor
) -> DifferenceRule:
    """Who bears it when freight comes to another sum than was quoted, for one cause, from a day to come."""
    if cause not in CAUSE_WORDS:
        raise Refusal(_("Hãy chọn vì sao cước khác đi."), "cause")
    if more_by not in BEARERS["more_by"]:
        raise Refusal(_("Phần tăng thêm do nhà vườn hoặc chợ chịu; khách trả đúng cước đã xem."), "more_by")
    if less_to not in BEARERS["less_to"]:
        raise Refusal(_("Phần giảm bớt trả lại khách hoặc để lại chợ."), "less_to")
    if not 0 <= least_dong <= MOST_DONG:
        raise Refusal(_("Số tiền từ 0 đến 1.000.000 đồng."), "least_dong")
    rule = DifferenceRule(
        cause=cause,
        more_by=more_by,
        less_to=less_to,
        least_dong=least_dong,
        valid_from=valid_from,
        legal_basis=legal_basis,
    )
    return rules.adopt(rule, by, same={"cause": cause})


def adopt_perishable_rule(
    *, call_after_hours: int, give_up_after_hours: int, valid_from: date, legal_basis: str, by: Actor
) -> PerishableRule:
    """How long fresh goods wait at a counter, from a day to come. Raises Refusal unless the buyer is called first."""
    if not 1 <= call_after_hours <= LONGEST_HOURS:
        raise Refusal(_("Gọi người nhận sau 1 đến %(most)s giờ.", most=LONGEST_HOURS), "call_after_hours")
    if not call_after_hours < give_up_after_hours <= LONGEST_HOURS:
        raise Refusal(
            _("Giờ hủy phải sau giờ gọi người nhận và không quá %(most)s giờ.", most=LONGEST_HOURS),
            "give_up_after_hours",
        )
    rule = PerishableRule(
        call_after_hours=call_after_hours,
        give_up_after_hours=give_up_after_hours,
        valid_from=valid_from,
        legal_basis=legal_basis,
    )
    return rules.adopt(rule, by)


def adopt_hand_in_rule(*, within: str, valid_from: date, legal_basis: str, by: Actor) -> HandInRule:
    """Which counters may take in a parcel that was to be brought to another one, from a day to come."""
    if within not in WITHIN_WORDS:
        raise Refusal(_("Hãy chọn bưu cục nào được nhận."), "within")
    return rules.adopt(HandInRule(within=within, valid_from=valid_from, legal_basis=legal_basis), by)


def propose_compensation_rule(
    *,
    declared_per_10_000: int,
    freight_times: int,
    per_kg_dong: int,
    rest_by: str,
    valid_from: date,
    legal_basis: str,
    by: Actor,
    is_freight_within: bool = True,
    is_confirmed: bool = False,
    is_off: bool = False,
    source: str = "",
) -> CompensationRule:
    """What the post makes good of goods it lost or broke, and who bears the rest, from a day to come, once a second
    person approved it (`foundation.rules.approve`). What nobody confirmed says where it was read."""
    if not 0 <= declared_per_10_000 <= 10_000:
        raise Refusal(_("Phần giá trị đã khai được bồi thường từ 0 đến 100 %%."), "declared")
    if not 1 <= freight_times <= MOST_TIMES:
        raise Refusal(_("Số lần cước từ 1 đến %(most)s.", most=MOST_TIMES), "freight_times")
    if not 0 <= per_kg_dong <= MOST_DONG:
        raise Refusal(_("Số tiền từ 0 đến 1.000.000 đồng."), "per_kg_dong")
    if rest_by not in REST_BY:
        raise Refusal(_("Phần bưu điện không bồi thường do chợ hoặc nhà vườn chịu."), "rest_by")
    if not is_confirmed and not source.strip():
        raise Refusal(_("Chưa ai xác nhận thì hãy ghi đọc được ở đâu."), "source")
    rule = CompensationRule(
        declared_per_10_000=declared_per_10_000,
        freight_times=freight_times,
        per_kg_dong=per_kg_dong,
        rest_by=rest_by,
        is_freight_within=is_freight_within,
        is_confirmed=is_confirmed,
        is_off=is_off,
        source=source.strip(),
        valid_from=valid_from,
        legal_basis=legal_basis,
    )
    return rules.propose(rule, by)


def switch_compensation_rule(rule: CompensationRule, by: Actor) -> CompensationRule:
    """The same rule from tomorrow, asked of the post no more (or again), once a second person approved it."""
    if rule.valid_from > clock.today():
        raise Conflict(_("Quy định này chưa có hiệu lực. Hãy bỏ nó rồi thêm quy định khác."))
    return propose_compensation_rule(
        declared_per_10_000=rule.declared_per_10_000,
        freight_times=rule.freight_times,
        per_kg_dong=rule.per_kg_dong,
        rest_by=rule.rest_by,
        is_freight_within=rule.is_freight_within,
        is_confirmed=rule.is_confirmed,
        is_off=not rule.is_off,
        source=rule.source or rule.legal_basis,
        valid_from=clock.today() + timedelta(days=1),
        legal_basis=rule.legal_basis,
        by=by,
    )
