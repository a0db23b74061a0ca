"""The door of a class, and the check of a certificate of completion."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, request, url_for

from marketplace.accounts import service as accounts
from marketplace.foundation.access import ask_login, current_actor, current_person, limiter
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.web import page
from marketplace.foundation.words import language
from marketplace.places import queries as places
from marketplace.training import lessons as library
from marketplace.training import queries
from marketplace.training.forms import JoinForm
from marketplace.training.models import TrainingClass

bp = Blueprint("training", __name__)

WRONG_CODES = "60 per hour"
"""How many wrong class codes one address may try: forty learners behind one Wi-Fi may each slip once, who guesses a
million is stopped."""


def _wrong(answer: Any) -> bool:
    return bool(answer.status_code == 404)


guesses = limiter.shared_limit(WRONG_CODES, scope="class codes", deduct_when=_wrong)
"""On every page that takes a class's digits: one count for all of them, signed in or not."""


@bp.get("/join")
@guesses
def join() -> Any:
    """Six digits, typed or scanned from the poster; then the class they stand for."""
    digits = _digits(request.args.get("code", ""))
    found = queries.class_by_join_code(digits) if digits else None
    return _join_page(
        found, digits, JoinForm(formdata=None, code=digits), 404 if digits and found is None else 200
    )


@bp.post("/join")
@limiter.limit("300 per hour")
@guesses
def come() -> Any:
    """A newcomer's name and number: the code to sign in goes to the telephone, and leads back to the class."""
    form = JoinForm()
    digits = _digits(form.code.data or "")
    found = queries.class_by_join_code(digits)
    if found is None:
        return _join_page(None, digits, form, 404)
    if form.validate_on_submit():
        try:
            with transaction():
                phone = accounts.come_by_phone(
                    form.name.data or "", form.phone.data or "", form.agree.data, current_actor(), language()
                )
        except Refusal as refusal:
            form.refuse(refusal)
            return _join_page(found, digits, form, refusal.status)
        ask_login(phone)
        back = url_for("training.join", code=digits)
        return redirect(url_for("accounts.enter_code", next=back), 303)
    return _join_page(found, digits, form, 422)


def _join_page(found: TrainingClass | None, digits: str, form: JoinForm, status: int) -> Any:
    me = current_person()
    return page(
        "training/public/join.html",
        status,
        found=found,
        commune=places.commune(found.commune_code) if found is not None else None,
        plus_code=queries.plus_code(found) if found is not None else "",
        is_full=found is not None and queries.taken_seats(found) >= found.seats,
        mine=next(
            (one for one in queries.places_of(me) if found is not None and one.class_id == found.id), None
        )
        if me is not None
        else None,
        digits=digits,
        form=form,
        no_such_code=queries.NO_SUCH_CODE,
    )


def _digits(typed: str) -> str:
    """`123 456` is 123456; anything that cannot be a code stays short enough to show."""
    return "".join(letter for letter in typed if letter.isdigit() and letter.isascii())[:6] if typed else ""


@bp.get("/completions/<code>")
def completion(code: str) -> Any:
    """Is this certificate of completion real? By the code printed on it."""
    return page("training/public/completion.html", one=queries.completion(code))


@bp.get("/train/worker.js")
def hall_worker() -> Response:
    """The service worker of the trainers' desk: without a line it opens the attendance list that is kept."""
    script = current_app.send_static_file("js/hall_worker.js")
    script.headers["Service-Worker-Allowed"] = url_for("training_trainer.today")
    script.headers["Cache-Control"] = "no-cache"
    return script


# -- lessons ------------------------------------------------------------------------------------------------------


@bp.get("/lessons")
def lessons() -> Any:
    me = current_person()
    return page(
        "training/public/lessons.html",
        lessons=library.lessons(),
        done=library.done_by(me) | library.practised_by(me) if me is not None else None,
    )


@bp.get("/lessons/<key>")
def lesson(key: str) -> Any:
    one, me = library.lesson(key), current_person()
    before, following = library.neighbours(one)
    return page(
        "training/public/lesson.html",
        one=one,
        is_done=me is not None and one.key in library.done_by(me),
        is_practised=me is not None and one.key in library.practised_by(me),
        can_be_done=library.can_be_done(one),
        picture_size=(library.PICTURE_WIDTH, library.PICTURE_HEIGHT),
        before=before,
        following=following,
    )
