"""Classes of the demo market: its farmers in them, and newcomers who have only begun; their people have a past."""

from collections.abc import Callable
from datetime import date, time, timedelta

from sqlalchemy import select

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person, Role
from marketplace.dossiers import service as dossiers
from marketplace.farmers import queries as farm_queries
from marketplace.farmers import service as farmers
from marketplace.farmers.models import Farm, FarmKind, PayBy
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.places import queries as places
from marketplace.training import assisted, helped_orders
from marketplace.training import queries as training_queries
from marketplace.training import service as training
from marketplace.training.service import ClassFacts

CLASSES: tuple[tuple[str, str, str, int], ...] = (
    ("05503", "Bán chè Tân Cương trên chợ quê", "Nhà văn hóa xóm Hồng Thái 2", -41),
    ("05710", "Gian hàng đầu tiên của tôi", "Hội trường Ủy ban phường", -24),
    ("05503", "Chụp ảnh và đặt giá", "Nhà văn hóa xóm Nam Đồng", 3),
    ("32191", "Bán tôm khô, mật ong qua mạng", "Hội trường Hội Nông dân", -38),
    ("32244", "Gói và gửi hàng tươi", "Nhà văn hóa ấp Tân Hoàng", -12),
    ("32191", "Gian hàng đầu tiên của tôi", "Điểm bưu điện văn hóa xã", 6),
)
"""Commune, title, place, and how many days from today. Places are illustrations."""

NEWCOMERS = (
    "Hoàng Thị Mơ", "Lý Văn Páo", "Nông Thị Thắm", "Trần Văn Đực", "Huỳnh Thị Lài", "Lâm Văn Út", "Dương Thị Sen",
    "Phạm Văn Bảy", "Triệu Thị Lan", "Châu Văn Kiệt", "Mai Thị Hạnh", "Đặng Văn Sơn",
)  # fmt: skip


def make(trainer: Person, say: Callable[[str], None]) -> None:
    """Six classes in two provinces, four of them held: farmers of the demo, and newcomers who have only begun."""
    if training_queries.count(training_queries.classes_of(trainer)):
        return
    owners = {province: _owners(province) for province in ("19", "96")}
    for number, (commune_code, title, place, days) in enumerate(CLASSES):
        day = clock.today() + timedelta(days=days)
        begins, ends = clock.at(day, time(8)), clock.at(day, time(11))
        commune = places.commune(commune_code)
        assert commune is not None
        with clock.looking_back(timedelta(days=max(0, 3 - days))), transaction():
            made = training.plan(
                db.session.get_one(Person, trainer.id),
                ClassFacts(
                    title=title, commune_code=commune_code, place=place, begins_at=begins, ends_at=ends, seats=24,
                    note="Mang theo điện thoại đã sạc và một món hàng để chụp ảnh.",
                    lat=commune.lat, lon=commune.lon,
                ),
                Actor.of(trainer.id),
            )  # fmt: skip
            learners = [*owners[commune.province_code][number % 3 :: 3][:5], *_newcomers(number, commune)]
            here = [
                training.join(made, person, Actor.of(person.id))
                for person in learners
                if person.id != trainer.id
            ]
        if days < 0:
            with clock.looking_back(clock.now() - begins), transaction():
                for learner in here[:-1]:
                    training.attend(db.session.get_one(type(learner), learner.id), Actor.of(trainer.id))
    say(f"{len(CLASSES)} classes")


def _owners(province_code: str) -> list[Person]:
    """Who answers for the demo's farms of a province."""
    found = db.session.scalars(
        select(Farm).where(Farm.province_code == province_code, Farm.open_at.is_not(None)).order_by(Farm.id)
    )
    return [farm_queries.owner_of(farm) for farm in found]


def _newcomers(number: int, commune: places.Commune) -> list[Person]:
    """Two farmers of a class who have only begun: one on the way to a shop, one with a number not yet proved."""
    found = []
    for at in (2 * number, 2 * number + 1):
        person = accounts.add_person(NEWCOMERS[at], f"09000002{at:02d}", [], SYSTEM)
        if at % 2:
            person.phone_verified_at = None
        elif farm_queries.my_farm(person) is None:
            _begin_shop(person, commune, at // 2 % 3)
        found.append(person)
    return found


def _begin_shop(person: Person, commune: places.Commune, stage: int) -> None:
    """A shop that is begun (0), whose dossier waits (1), or that is open and has listed nothing yet (2)."""
    by, number = Actor.of(person.id), person.phone or ""
    farm = farmers.start(person, by)
    if stage == 0:
        return
    farmers.save_who(
        farm, FarmKind.HOUSEHOLD, person.name, date(1988, 3, 8), by, personal_id=f"019188{number[-6:]}"
    )
    farmers.save_farm(farm, f"Nhà vườn {person.name}", number, by)
    farmers.save_address(farm, commune.province_code, commune.code, "Xóm 3", by)
    farmers.save_payment(farm, PayBy.CASH, by)
    farm.is_illustration = True
    dossier = farmers.submit(farm, by)
    if stage == 2:
        reviewer = people.people_with_role(Role.REVIEWER)[0]
        for decide in (dossiers.receive, dossiers.appraise, dossiers.approve):
            decide(dossier, Actor.of(reviewer.id))


def help_given(trainer: Person, say: Callable[[str], None]) -> None:
    """One farmer of a class lets the trainer list for them and do their orders: one of these waits for their yes."""
    by = Actor.of(trainer.id)
    joined = training_queries.learners_of(
        *db.session.scalars(training_queries.classes_of(trainer)).unique().all()
    )
    for learner in joined:
        orders = helped_orders.to_do(learner.person) if learner.person is not None else []
        waiting = [one for one in orders if one.state is FarmOrderState.CONFIRMED]
        if learner.person is None or not waiting:
            continue
        with transaction():
            farmer, helper = (
                db.session.get_one(Person, learner.person.id),
                db.session.get_one(Person, trainer.id),
            )
            for scope in assisted.SCOPES_AFTER:
                consent = accounts.ask_to_help(helper, farmer, scope, by)
                accounts.give_consent(consent, Actor.of(farmer.id))
            helped_orders.answer(helper, farmer, db.session.get_one(FarmOrder, waiting[0].id))
        say("1 farmer helped with an order")
        return
