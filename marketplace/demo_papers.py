"""Papers of the demo market: certificates at several stages and dossiers at a counter, so that every desk has something
to say. Built by calling services, like the rest of the demo; asked for twice it adds nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import select

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person, Role
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Certificate, CertificateKind, Evidence, Product, ProductState
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import Dossier, Intake
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import ReadyPaper, keep_paper, read_paper
from marketplace.places import queries as places


@dataclass(frozen=True)
class Proof:
    """What a public source says of a star: the day it confirms it, and the decision where its number is known."""

    confirmed_on: date
    number: str = "chưa tra được số quyết định"
    issuer: str = "chưa tra được nơi cấp"


PROOFS: Mapping[str, Proof] = {
    "DEMO-001": Proof(date(2025, 1, 15)),
    "DEMO-002": Proof(date(2025, 1, 15)),
    "DEMO-003": Proof(date(2025, 6, 26), "2361/QĐ-BNNMT", "Bộ Nông nghiệp và Môi trường"),
    "DEMO-004": Proof(date(2025, 1, 15)),
    "DEMO-005": Proof(date(2025, 1, 15)),
    "DEMO-006": Proof(date(2025, 1, 15)),
    "DEMO-008": Proof(date(2025, 1, 15)),
    "DEMO-010": Proof(date(2025, 1, 15)),
    "DEMO-013": Proof(date(2023, 11, 28)),
    "DEMO-014": Proof(date(2023, 11, 28)),
    "DEMO-015": Proof(date(2023, 11, 28)),
    "DEMO-025": Proof(date(2025, 10, 1)),
    "DEMO-032": Proof(date(2025, 1, 15)),
    "DEMO-033": Proof(date(2025, 1, 15)),
    "DEMO-034": Proof(date(2025, 1, 15)),
    "DEMO-035": Proof(date(2025, 1, 15)),
    "DEMO-038": Proof(date(2025, 1, 15)),
    "DEMO-048": Proof(date(2025, 1, 15)),
    "DEMO-053": Proof(date(2025, 1, 17)),
    "DEMO-054": Proof(date(2025, 1, 15)),
    "DEMO-055": Proof(date(2025, 1, 17)),
    "DEMO-057": Proof(date(2025, 1, 15)),
    "DEMO-059": Proof(date(2025, 1, 17)),
    "DEMO-063": Proof(date(2022, 1, 20)),
    "DEMO-069": Proof(date(2025, 1, 17)),
    "DEMO-071": Proof(date(2023, 5, 24)),
    "DEMO-072": Proof(date(2025, 1, 17)),
    "DEMO-073": Proof(date(2025, 1, 17)),
    "DEMO-076": Proof(date(2025, 1, 15)),
    "DEMO-080": Proof(date(2021, 12, 31)),
    "DEMO-081": Proof(date(2025, 1, 15)),
}

OFFICER = "0900000010"
WALK_INS = (
    ("Hoàng Thị Mận", "0900000021", "civil_status_copy", "received"),
    ("Lý Văn Páo", "0900000022", "marital_status", "at_agency"),
    ("Nông Thị Slim", "0900000023", "household_business", "decided"),
    ("Triệu Văn Sình", "0900000024", "civil_status_copy", "late"),
    ("Đặng Thị Mùi", "0900000025", "marital_status", "extended"),
)
FACTS = {
    "full_name": "",
    "born_on": "1978-04-12",
    "personal_id": "•••• •••• 4321",
    "address": "Xóm Hồng Thái 2, Xã Tân Cương",
    "kind": "birth",
    "of_whom": "Con trai",
    "copies": "2",
    "purpose": "property",
    "business_name": "Hộ kinh doanh Nông Thị Slim",
    "trade": "Bán chè, mật ong",
    "place": "Chợ Tân Cương",
}


def papers(people: Mapping[str, Person]) -> None:
    """Certificates sent in, running out and noted; a counter's day of public procedures."""
    if db.session.scalar(select(Dossier.id).where(Dossier.subject_type == "person").limit(1)) is not None:
        return
    reviewer = Actor.of(people["0900000006"].id)
    certificates(reviewer)
    counter(people)


def certificates(reviewer: Actor) -> None:
    """One waits for a reviewer, one runs out in three weeks, one is only the seller's word."""
    paper = drawn_paper("GIẤY CHỨNG NHẬN (minh họa)")
    with transaction():
        farm = (
            db.session.scalars(
                select(Farm)
                .where(Farm.state == FarmState.OPEN, Farm.commune_code == "05503")
                .order_by(Farm.id)
            ).first()
            or db.session.scalars(select(Farm).where(Farm.state == FarmState.OPEN).order_by(Farm.id)).first()
        )
        if farm is None or db.session.scalar(select(Certificate.id).where(Certificate.farm_id == farm.id)):
            return
        owner = Actor.of(farmers.owner_of(farm).id)
        today = clock.today()
        product = db.session.scalars(
            select(Product).where(Product.farm_id == farm.id, Product.state == ProductState.ON_SALE)
        ).first()

        def send(
            of: Farm | Product, kind: CertificateKind, number: str, issuer: str, days_left: int
        ) -> Certificate:
            return catalog.send_certificate(
                of,
                kind,
                number,
                issuer,
                today - timedelta(days=700),
                owner,
                keep_paper(paper, "", owner, "certificate"),
                valid_until=today + timedelta(days=days_left),
            )

        send(farm, CertificateKind.GROWING_AREA, "MV-TN-0127", "Chi cục Trồng trọt (minh họa)", 400)
        vietgap = send(farm, CertificateKind.VIETGAP, "VietGAP-TT-12-01-19-0007", "Trung tâm (minh họa)", 21)
        catalog.verify_certificate(vietgap, reviewer, Evidence.A, "Bản giấy minh họa của phiên chợ thử")
        if product is not None:
            organic = send(product, CertificateKind.ORGANIC, "HC-2025-031", "Tổ chức (minh họa)", 300)
            catalog.verify_certificate(organic, reviewer, Evidence.C)


def counter(people: Mapping[str, Person]) -> None:
    """Walk-ins at the counter of Tân Cương, each at another stage, and an officer of the commune."""
    with transaction():
        point = places.service_point_for("05503")
        if point is None:
            return
        officer = accounts.add_person("Ma Thị Vấn", OFFICER, [Role.OFFICER], SYSTEM)
        accounts.hold_post(officer, SYSTEM, commune_code="05503")
        clerk = people["0900000005"]
        paper = drawn_paper("TỜ KHAI (minh họa)")
        for name, phone, key, stage in WALK_INS:
            applicant = accounts.add_person(name, phone, [], SYSTEM)
            by = Actor.of(clerk.id, for_id=applicant.id)
            made = dossiers.open_for(key, applicant, by, Intake.COUNTER, point.id)
            known = {field["key"] for section in made.procedure.sections for field in section["fields"]}
            dossiers.describe(made, {k: v for k, v in FACTS.items() if k in known} | {"full_name": name}, by)
            for spec in made.procedure.papers:
                if spec.get("required"):
                    dossiers.add_paper(made, spec["key"], paper, by)
            dossiers.submit(made, by)
            dossiers.receive(made, Actor.of(clerk.id))
            if stage == "late":
                _as_if_earlier(made, timedelta(days=14))
            if stage == "extended" and made.due_at is not None:
                why, until = "Cơ quan giải quyết đang nghỉ tập huấn.", made.due_at + timedelta(days=7)
                dossiers.extend(made, until, why, Actor.of(clerk.id))
            if stage not in ("received", "late", "extended"):
                dossiers.hand_to_agency([made], point, Actor.of(clerk.id), "Ma Thị Vấn")
            if stage == "decided":
                dossiers.take_from_agency([made], point, Actor.of(clerk.id), "Ma Thị Vấn")
                dossiers.record_decision(
                    made, "approved", "125/UBND-ĐKKD", clock.today(), paper, Actor.of(clerk.id)
                )


def _as_if_earlier(made: Dossier, since: timedelta) -> None:
    """A fortnight ago it came in, so the lists of what is late have something to say."""
    for moment in ("submitted_at", "received_at", "promised_at", "due_at"):
        setattr(made, moment, getattr(made, moment) - since)


@cache
def drawn_paper(words: str) -> ReadyPaper:
    """A sheet that says it is an illustration."""
    sheet = Image.new("RGB", (900, 1200), "#fbfaf4")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((40, 40, 860, 1160), outline="#7a6a45", width=6)
    for line in range(12):
        draw.line((100, 360 + 55 * line, 800 - 90 * (line % 3), 360 + 55 * line), fill="#b9b2a0", width=8)
    draw.rectangle((100, 120, 800, 220), fill="#dfe7da")
    out = BytesIO()
    sheet.save(out, "JPEG", quality=80, comment=words.encode())
    out.seek(0)
    return read_paper(out, "minh-hoa.jpg")
