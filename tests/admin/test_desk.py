"""The desk's first pages: who sees what, a stopped worker, jobs given up, the trail in sentences, the gallery."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from marketplace.admin import queries, wording
from marketplace.catalog import service as catalog
from marketplace.foundation import clock, jobs
from marketplace.foundation.audit import SYSTEM, Actor, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.jobs import OutboxJob
from marketplace.payments import queries as payments
from marketplace.wiring import JOBS, SCHEDULE
from tests import cast, make

ROOT = Path(__file__).parents[2]
ADMIN_ONLY = (
    "/admin/gallery", "/admin/jobs", "/admin/orders", "/admin/people", "/admin/people/invitations", "/admin/points",
    "/admin/points/opening", "/admin/rules", "/admin/rules/answers", "/admin/rules/days", "/admin/rules/fees",
    "/admin/rules/procedures", "/admin/rules/remote-communes", "/admin/rules/tariff", "/admin/rules/taxes",
    "/admin/rules/sharing", "/admin/rules/differences", "/admin/rules/perishables",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/admin", *ADMIN_ONLY])
def test_the_desk_is_for_the_team(visit, path):
    assert visit.raw("GET", path).status_code == 303  # to sign in
    for somebody in (cast.buyer, cast.farmer_an, cast.clerk, cast.trainer):
        other = visit.another()
        other.sign_in(somebody())
        other(path, status=403)


@pytest.mark.parametrize("path", ADMIN_ONLY)
def test_what_is_the_admins_is_not_the_reviewers_or_cashiers(visit, path):
    for somebody in (cast.reviewer, cast.cashier):
        other = visit.another()
        other.sign_in(somebody())
        other(path, status=403)
    visit.sign_in(cast.admin())
    assert visit(path).h1


def test_each_role_sees_its_part(visit):
    for somebody, sees_machines in ((cast.reviewer, False), (cast.cashier, False), (cast.admin, True)):
        other = visit.another()
        other.sign_in(somebody())
        page = other("/admin")
        assert "Hôm nay trên chợ" in page
        assert ("Máy móc" in page) is sees_machines


def test_a_stopped_worker_is_said_and_the_shop_goes_on(visit):
    visit.sign_in(cast.admin())
    page = visit("/admin")
    assert "Máy chạy việc nền đang tắt." in page and "flask work" in page
    jobs.beat()
    assert "đang tắt" not in visit("/admin")
    with transaction():
        db.session.get_one(jobs.WorkerBeat, 1).at = clock.now() - timedelta(minutes=5)
    assert "Lần cuối thấy nó chạy" in visit("/admin")
    visit.another()("/")


def given_up() -> OutboxJob:
    with transaction():
        jobs.enqueue("catalog.count_sales")
        row = db.session.scalars(select(OutboxJob).where(OutboxJob.name == "catalog.count_sales")).one()
        row.given_up_at, row.attempts = clock.now(), jobs.MAX_ATTEMPTS
        row.last_error = "Traceback …\nValueError: <b>không đếm được</b>"
    return row


def test_a_job_given_up_is_tried_again_by_an_admin_only(visit, run_jobs):
    row = given_up()
    somebody = visit.another()
    somebody.sign_in(cast.cashier())
    somebody.post(f"/admin/jobs/{row.code}/attempts", status=403)
    db.session.refresh(row)
    assert row.given_up_at is not None
    visit.sign_in(cast.admin())
    assert "1 việc nền chạy nhiều lần không xong" in visit("/admin")
    page = visit("/admin/jobs")
    assert "Đếm số đã bán" in page and "ValueError: <b>không đếm được</b>" in page
    page = page.form(f"/admin/jobs/{row.code}/attempts").submit()
    assert "Đã cho chạy lại" in page
    run_jobs()
    db.session.refresh(row)
    assert row.done_at is not None and row.last_error is None
    visit.post(f"/admin/jobs/{row.code}/attempts", status=404)
    for odd in ("0", "x", "9" * 30, "-1"):
        visit.post(f"/admin/jobs/{odd}/attempts", status=404)


def test_what_runs_every_night_is_on_the_page(visit):
    visit.sign_in(cast.admin())
    page = visit("/admin/jobs")
    assert "hằng ngày lúc 00:00" in page and "mỗi 5 phút" in page
    for name in SCHEDULE:
        assert str(wording.job(name)) in page


def test_every_job_and_deed_has_words():
    assert sorted(set(JOBS) - set(wording.JOBS)) == []
    silent = set()
    for source in ROOT.glob("marketplace/**/*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and len(node.args) >= 3:
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                verb = node.args[1]
                if name == "record" and isinstance(verb, ast.Constant) and not wording.is_worded(verb.value):
                    silent.add(verb.value)
    assert sorted(silent) == []


def test_the_trail_is_read_in_sentences_and_found_by_person_code_verb_and_day(visit):
    product = make.product(make.farm(owner=cast.farmer_an()))
    by = make.actor_of(product.farm)
    with transaction():
        catalog.pause(db.session.merge(product), by)
    visit.sign_in(cast.admin())
    page = visit("/admin/audit", code=product.code.lower())
    assert f"Nguyễn Văn An chuyển nông sản {product.code} sang “Tạm dừng bán”." in page
    assert "từ: Đang bán" in page
    assert "Không có việc nào như vậy" in visit("/admin/audit", person="Lê Thanh Bình", code=product.code)
    assert product.code in visit("/admin/audit", person="0912000002")
    only = [
        " ".join("".join(item.itertext()).split())
        for item in visit("/admin/audit", verb="product.paused").one("ul", class_="trail").iter("li")
    ]
    assert len(only) == 1 and product.code in only[0]
    yesterday = (clock.today() - timedelta(1)).isoformat()
    assert "Không có việc nào" in visit("/admin/audit", day=yesterday)
    assert product.code in visit("/admin/audit", day=clock.today().isoformat())


def test_a_reviewer_reads_who_did_what_for_whom_with_dossiers_and_listings_alone(visit):
    product = make.product(make.farm(owner=cast.farmer_an()))
    lan, trainer = cast.buyer(), cast.trainer()
    with transaction():
        helped = Actor.of(trainer.id, for_id=product.farm.members[0].person_id)
        catalog.pause(db.session.merge(product), helped)
    visit.sign_in(cast.reviewer())
    page = visit("/admin/audit", code=product.code)
    assert f"Phạm Thu Hà (thay cho Nguyễn Văn An) chuyển nông sản {product.code}" in page
    assert "/admin/people/" not in page.html
    assert lan.code not in visit("/admin/audit") and "Không có việc nào" in visit(
        "/admin/audit", code=lan.code
    )


@pytest.mark.parametrize(
    "query",
    [{"day": "31/02/2026"}, {"code": "'\"%"}, {"person": "x" * 5000}, {"page": "99999"}, {"verb": "a\x00b"}],
)
def test_odd_filters_get_a_page(visit, query):
    visit.sign_in(cast.admin())
    visit("/admin/audit", **query)


def test_a_helper_is_named_beside_whom_they_help(app):
    person, trainer = cast.farmer_an(), cast.trainer()
    product = make.product(make.farm(owner=person))
    with transaction():
        db.session.add(
            AuditEntry(
                actor_kind="person",
                actor_id=trainer.id,
                for_id=person.id,
                verb="product.described",
                record_type="product",
                record_id=product.id,
                record_code=product.code,
            )
        )
    line = queries.lines(queries.trail(queries.TrailQuery(code=product.code)))[0]
    assert (line.who, line.helped) == ("Phạm Thu Hà", "Nguyễn Văn An")
    assert str(line.deed) == f"sửa mô tả nông sản {product.code}"


def test_a_machine_has_a_name_in_the_trail(app):
    product = make.product()
    with transaction():
        catalog.pause(db.session.merge(product), SYSTEM)
    assert queries.lines(queries.trail(queries.TrailQuery(code=product.code)))[0].who == "Hệ thống"


def test_the_gallery_shows_every_component(visit):
    make.product()
    visit.sign_in(cast.admin())
    visit("/admin/gallery")
    source = (ROOT / "templates/admin/gallery.html").read_text()
    for part in sorted((ROOT / "templates/components").glob("*.html")):
        assert f'"components/{part.name}"' in source or part.stem in ("language", "search"), part.name


def test_figures_count_what_came_to_something(app):
    order = make.order()
    figures = queries.figures()
    assert figures.order_count == 1 and figures.goods_dong == order.goods_dong
    assert figures.farm_count >= 1 and figures.product_count >= 1


@pytest.mark.parametrize("number", ["order", "part", "phone", "payment"])
def test_an_order_is_found_by_any_number_a_caller_reads_out(visit, number):
    order = make.order()
    part = order.farm_orders[0]
    typed = {
        "order": order.code.lower(),
        "part": part.code,
        "phone": order.phone,
        "payment": payments.payments_of(order)[0].code,
    }[number]
    visit.sign_in(cast.admin())
    page = visit("/admin/orders", q=typed)
    assert part.code in page and "Chờ nhà vườn nhận đơn" in page
    assert "Không có đơn nào mang mã" in visit("/admin/orders", q="CQNOSUCH")


def test_an_order_that_waits_too_long_is_shown_before_anybody_calls(visit):
    part = make.order().farm_orders[0]
    visit.sign_in(cast.admin())
    assert "Không có đơn nào chờ quá lâu" in visit("/admin/orders")
    with transaction():
        part.answer_by = clock.now() - timedelta(minutes=1)
    page = visit("/admin/orders")
    assert part.code in page and "Quá hẹn" in page
