"""A learner's own page: my classes, where I stand, what to do next."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, request, url_for

from marketplace.accounts.models import Person
from marketplace.farmers import queries as farms
from marketplace.foundation import market, qr
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import notice, page, private_file, redirect_to, whole_url
from marketplace.foundation.words import Text, _
from marketplace.training import assisted, bridge, queries, service, slips
from marketplace.training.bridge import HandOff
from marketplace.training.models import HelpedWork, LearnerState
from marketplace.training.routes.public import guesses
from marketplace.training.steps import BY_KEY, STEPS

bp = Blueprint("training_buyer", __name__)


@bp.get("")
def home() -> Any:
    mine = queries.places_of(person())
    joined = [one for one in mine if one.state is LearnerState.JOINED]
    found = queries.progress(joined[:1])
    return page(
        "training/buyer/home.html",
        mine=mine,
        progress=found[0] if found else None,
        steps=STEPS,
        drawn=[(one, assisted.may_undo(one)) for one in queries.drawn_up_for(person())],
        slip=slips.slip_of(person()),
        signed=queries.signed_by(person()),
        practised={one.step for one in queries.practised_by(person())} & BY_KEY.keys(),
        here={
            one.id for one in joined if one.attended_at is None and service.is_class_time(one.training_class)
        },
    )


AGREED = {
    "listing": _("Món hàng đã đăng theo lời đồng ý của bạn. Trong 24 giờ bạn gỡ xuống bằng một lần bấm."),
    "dossier": _("Hồ sơ đã nộp theo lời đồng ý của bạn. Trong 24 giờ bạn rút lại bằng một lần bấm."),
    "order": _("Đơn đã nhận theo lời đồng ý của bạn. Trong 24 giờ, khi hàng chưa gửi, bạn lấy lại được."),
}
UNDONE = {
    "listing": _("Đã gỡ xuống. Không ai mua được món này nữa."),
    "dossier": _("Đã lấy lại. Hồ sơ không còn ở bưu điện, phần đã điền vẫn còn cho bạn sửa."),
    "order": _("Đã lấy lại lời nhận đơn. Nếu đơn đã nhận, khách vừa được báo và hàng trở lại kho."),
}


@bp.post("/helped/<code>/agreement")
def agree(code: str) -> Any:
    """The farmer's own yes to what somebody prepared for them."""
    return _answer(code, assisted.agree, AGREED)


@bp.post("/helped/<code>/undoing")
def undo(code: str) -> Any:
    return _answer(code, assisted.undo, UNDONE)


def _answer(code: str, deed: Callable[[HelpedWork], None], said: Mapping[str, Text]) -> Any:
    with transaction():
        work = queries.helped_of(person(), code)
        deed(work)
        kind = work.KIND
    notice(said[kind])
    return redirect_to("training_buyer.home")


@bp.get("/consents/<code>")
def consent_paper(code: str) -> Any:
    """A paper one signed; nobody but the two sees it, each look is written down."""
    with transaction():
        data, stored = assisted.view_consent_paper(queries.signed_paper(person(), code), current_actor())
        kind, name = stored.content_type, stored.filename
    return private_file(data, kind, name)


@bp.post("/slip/voidance")
def void_slip() -> Any:
    """The paper slip is lost, or never came."""
    with transaction():
        slip = slips.slip_of(person())
        if slip is not None:
            slips.void(slip, current_actor())
    notice(_("Tờ mã đã hủy. Không ai dùng được số nào của nó nữa."))
    return redirect_to("training_buyer.home")


@bp.post("/practice")
def practise() -> Any:
    """Over to the practice market, with a signed word of who comes."""
    me = person()
    farm = farms.my_farm(me)
    word = bridge.hand_off(
        HandOff(
            person=me.code, name=me.name, commune=farm.commune_code if farm else None, language=me.language
        )
    )
    return redirect(f"{market.settings().site_url}/practice/enter?word={word}", 303)


@bp.get("/practice")
def practised() -> Any:
    """Back again: what the practice market says was done there is kept."""
    with transaction():
        word = bridge.read_report(request.args.get("word", ""))
        count = service.report_practice(word, db.session.get_one(Person, person().id), current_actor())
    if count:
        notice(_("Đã ghi những việc bạn vừa tập. Giờ làm thật thôi!"))
    return redirect_to("training_buyer.home")


@bp.post("/classes/<digits>")
@guesses
def join(digits: str) -> Any:
    """The yes of a farmer: into the class."""
    with transaction():
        found = queries.class_by_join_code(digits)
        if found is None:
            raise Missing(queries.NO_SUCH_CODE)
        service.join(found, db.session.get_one(Person, person().id), current_actor())
    notice(_("Bạn đã vào lớp. Cán bộ lớp thấy bạn đang ở bước nào để giúp, không thấy tiền của bạn."))
    return redirect_to("training_buyer.home")


@bp.post("/places/<code>/departure")
def leave(code: str) -> Any:
    with transaction():
        service.leave(queries.place_of(person(), code), current_actor())
    notice(_("Bạn đã rời lớp. Cán bộ lớp không còn thấy các bước của bạn."))
    return redirect_to("training_buyer.home")


@bp.post("/places/<code>/attendance")
def here(code: str) -> Any:
    """I am here: tapped on one's own telephone in the hall."""
    with transaction():
        service.attend(queries.place_of(person(), code), current_actor())
    notice(_("Đã ghi bạn có mặt."))
    return redirect_to("training_buyer.home")


@bp.get("/places/<code>/certificate")
def certificate(code: str) -> Any:
    """One's own certificate of completion, to print."""
    one = queries.completion(queries.place_of(person(), code).code)
    check = whole_url(url_for("training.completion", code=one.code))
    return page("training/_certificate.html", one=one, qr=qr.svg(check))
