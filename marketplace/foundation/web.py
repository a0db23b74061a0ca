"""Pages: rendering, notices, paging, languages, security headers, error pages, logs with a request id."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping, MutableMapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

import flask
import structlog
from flask import (
    Flask,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    templating,
    url_for,
)
from flask.sessions import NullSession, SecureCookieSession, SecureCookieSessionInterface
from flask_babel import Babel
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from itsdangerous import URLSafeTimedSerializer
from jinja2 import StrictUndefined, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from marketplace.foundation import addresses, clock, market, metrics, money, words
from marketplace.foundation.db import clean_text, db
from marketplace.foundation.fragments import Fragments
from marketplace.foundation.phones import show_phone
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.show import ago, day, day_short, grams, hour, millilitres, moment, slug
from marketplace.foundation.words import Text, _

log = structlog.get_logger(__name__)
csrf = CSRFProtect()
babel = Babel()

MAX_REQUEST_BYTES = 90 * 1024 * 1024
"""Four photos of 20 MB and the words around them."""

Fact = Callable[[], Any]
_facts: Mapping[str, Fact] = {}


def use_facts(facts: Mapping[str, Fact]) -> None:
    """What every page shows (cart count, notices): name → function, asked only when a page is made."""
    global _facts
    _facts = facts


# -- answering ----------------------------------------------------------------------------------------------------


def page(template: str, status: int = 200, **facts: Any) -> tuple[str, int]:
    """A page from its template, named like its endpoint."""
    return render_template(template, **facts), status


def redirect_to(endpoint: str, **values: Any) -> Response:
    """On to another page after a deed (303: the browser asks for it with GET)."""
    return redirect(url_for(endpoint, **values), 303)


def notice(text: Text | str, kind: str = "good") -> None:
    """A sentence on the next page: `good`, `warn` or `bad`."""
    flash(str(text), kind)


def back(default: str) -> Response:
    """Back to the page the person came from, if it is ours."""
    return redirect(safe_path(request.referrer) or default, 303)


def safe_path(url: str | None) -> str | None:
    """The path of an address on this site, or None: nobody is sent elsewhere by a link they were given."""
    if not url:
        return None
    parts = urlsplit(url.replace("\\", "/"))
    if parts.netloc and parts.netloc != request.host:
        return None
    if not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def is_same_origin() -> bool:
    """Does this request come from one of our own pages? For the few forms that have no token (Fetch Metadata where the
    browser sends it, else Origin, else Referer)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    if origin is None:
        return site is not None
    return urlsplit(origin).netloc == request.host


def require_same_origin() -> None:
    """For what every visitor may do without a session (language, province, the first thing into a cart): a token would
    give each of them a session, and no two would get the same page. Nothing of theirs can be stolen by it, so it is
    enough that our own page sent it."""
    if not is_same_origin():
        raise Refusal(
            _("Yêu cầu này không đến từ trang của chợ nên đã bị bỏ qua. Hãy mở lại trang rồi bấm lần nữa."),
            status=400,
        )


def private_file(data: bytes, kind: str, name: str, is_download: bool = False) -> Response:
    """A private file: never kept by the browser, never run, never found by a search engine."""
    answer = flask.Response(data, mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment" if is_download else "inline", filename=name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


class Pager:
    """Which page of a long list: `offset`, `limit`, and the numbers for the links."""

    def __init__(self, total: int, per_page: int = 24, page_number: int | None = None) -> None:
        self.total, self.per_page = total, per_page
        self.pages = max(1, -(-total // per_page))
        self.page = min(max(1, page_number if page_number is not None else asked_page()), self.pages)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def limit(self) -> int:
        return self.per_page

    @property
    def numbers(self) -> list[int]:
        """The pages worth a link: the first, the last, and those around this one."""
        around = range(max(1, self.page - 2), min(self.pages, self.page + 2) + 1)
        return sorted({1, *around, self.pages})

    def url(self, number: int) -> str:
        """This same address on another page."""
        if number <= 1:
            return self._first
        return f"{self._first}{'&' if '?' in self._first else '?'}page={number}"

    @cached_property
    def _first(self) -> str:
        arguments: dict[str, Any] = request.args.to_dict(flat=False)
        arguments.pop("page", None)
        return with_query(quote(request.script_root + request.path), arguments)


class Request(flask.Request):
    """What is asked behind the question mark and what is sent in a form is clean before anybody looks at it: NFC,
    without NUL."""

    @cached_property
    def args(self) -> ImmutableMultiDict[str, str]:
        return _clean(super().args)

    def _get_file_stream(self, *args: Any, **facts: Any) -> IO[bytes]:
        """Remembered, so that a form that breaks off half-way leaves no open file behind."""
        stream = super()._get_file_stream(*args, **facts)
        self.__dict__.setdefault("_opened", []).append(stream)
        return stream

    def close(self) -> None:
        super().close()
        for stream in self.__dict__.pop("_opened", ()):
            stream.close()

    def _load_form_data(self) -> None:
        if "form" not in self.__dict__:
            super()._load_form_data()
            self.__dict__["form"] = _clean(self.__dict__["form"])


def _clean(typed: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        (clean_text(name), clean_text(value)) for name, value in typed.items(multi=True)
    )


def with_query(path: str, asked: Mapping[str, Any]) -> str:
    """The address with these questions behind it. Not through url_for: what people type may be named like its own
    arguments."""
    plain = asked.to_dict(flat=False) if isinstance(asked, MultiDict) else asked
    return f"{path}?{urlencode(plain, doseq=True, safe=',')}" if plain else path


def asked_page() -> int:
    asked = request.args.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


# -- set-up -------------------------------------------------------------------------------------------------------


class Sessions(SecureCookieSessionInterface):
    """Who is there is asked on pages. Programs and photos have no session at all: their answers are the same for
    everybody and may be kept by anybody."""

    WITHOUT = ("/api/", "/media/", "/webhooks/", "/openapi.json")

    def open_session(self, app: Flask, request: flask.Request) -> SecureCookieSession | NullSession | None:
        if request.path.startswith(self.WITHOUT):
            return self.make_null_session(app)
        return super().open_session(app, request)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Made once: it follows from the market's key alone, and holds nothing of a visit."""
        made: URLSafeTimedSerializer | None = app.extensions.get("signs_sessions")
        if made is None:
            made = app.extensions["signs_sessions"] = super().get_signing_serializer(app)
        return made


class CodeConverter(BaseConverter):
    """A public code in an address, in capitals; what follows behind a dash is its slug."""

    regex = "[0-9A-Za-z]{1,40}"

    def to_python(self, value: str) -> str:
        return value.upper()


def attach(app: Flask) -> None:
    settings = app.extensions["settings"]
    app.url_map.converters["code"] = CodeConverter
    app.session_interface = Sessions()
    app.jinja_environment = Environment
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_PARTS=400,
        SESSION_COOKIE_NAME="practice" if settings.practice else "market",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_secure,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE=str(clock.ZONE),
        BABEL_TRANSLATION_DIRECTORIES=str(words.FOLDER),
    )
    csrf.init_app(app)
    babel.init_app(app, locale_selector=words.language)
    _languages(app)
    _templates(app)
    _requests(app)
    metrics.attach(app)
    _errors(app)


def _languages(app: Flask) -> None:
    @app.before_request
    def choose_language() -> None:
        words.set_language(request.cookies.get("lang", "vi"))

    @app.post("/lang/<any(vi, en):code>")
    @csrf.exempt
    def speak(code: str) -> Response:
        require_same_origin()
        answer = back("/")
        answer.set_cookie(
            "lang", code, max_age=31_536_000, samesite="Lax", secure=app.config["SESSION_COOKIE_SECURE"]
        )
        return answer


class Environment(templating.Environment):
    """Flask's templates over one plain set of globals. Jinja's own is a chain of two, and each import of a component
    looks through it name by name; nobody here renders a template with globals of its own."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **d} if d else self.globals


@pass_eval_context
def _say(context: EvalContext, text: str, /, **facts: Any) -> str:
    """`_("…")` of templates: what Jinja's own does in one step instead of four."""
    found = words.translate(text)
    if context.autoescape:
        found = Markup(found)  # noqa: S704  (the house's own words; the facts are escaped)
    return found % facts if facts or "%" in found else found


def _templates(app: Flask) -> None:
    settings = app.extensions["settings"]
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    # One catalogue for templates and rules: Flask-Babel's own would not know the reader of a notice.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.translate, words.count_form, newstyle=True
    )
    environment.globals.update(_=_say, gettext=_say)
    environment.filters.update(
        dong=money.dong, number=money.number, grams=grams, millilitres=millilitres, day=day, day_short=day_short,
        moment=moment, hour=hour, ago=ago, phone=show_phone, slug=slug,
        date_input=lambda value: value.isoformat() if value else "",
    )  # fmt: skip

    environment.globals.update(
        fragments=Fragments,
        static_url=static_url,
        whole_url=whole_url,
        icon=lambda name: _icon(static_url("images/icons.svg"), name),
        csp_nonce=csp_nonce,
        today=clock.today,
    )

    addresses.attach(app)

    @app.context_processor
    def facts() -> dict[str, Any]:
        return {
            "lang": words.language(),
            "site_name": settings.site_name,
            "site_url": settings.site_url,
            "practice": settings.practice,
            # The page that says the database is away must not ask it who is there.
            **({} if g.get("without_facts") else {name: fact() for name, fact in _facts.items()}),
        }


@lru_cache(maxsize=1000)
def _icon(file: str, name: str) -> Markup:
    return Markup('<svg class="i" aria-hidden="true"><use href="{}#{}"></use></svg>').format(file, name)


def static_url(path: str) -> str:
    """The address of a file of static/, which changes with its content."""
    root = request.script_root if has_request_context() else ""
    return f"{root}{current_app.static_url_path}/{path}"


def whole_url(path: str) -> str:
    """The whole address of a path of this market, as people reach it. (The practice market's own address already ends
    with the prefix it is mounted under.)"""
    root = request.script_root if has_request_context() else ""
    return f"{market.settings().site_url}{path.removeprefix(root)}"


QUIET = {"static", "media.photo", "storefront.machines.healthz", "storefront.machines.figures"}
"""Asked so often that a line in the log for each would hide the others."""


ON_EVERY_ANSWER = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
"""Headers that stand on every answer that does not say otherwise itself."""


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def static_digest(folder: Path) -> str:
    """One short fingerprint of everything in static/: the address changes when anything does, so a browser may keep
    each file for ever, and modules and fonts find each other by relative address."""
    fingerprint = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix not in (".br", ".gz"):
            fingerprint.update(str(file.relative_to(folder)).encode())
            fingerprint.update(file.read_bytes())
    return fingerprint.hexdigest()[:10]


def _requests(app: Flask) -> None:
    settings = app.extensions["settings"]
    app.request_class = Request

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = secrets.token_hex(6)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        if "\x00" in request.path:
            # No code holds it, and PostgreSQL would not even look.
            abort(404)
        if len(request.environ.get("QUERY_STRING", "")) + len(request.path) > LONGEST_ADDRESS:
            abort(414)

    @app.after_request
    def finish(answer: Response) -> Response:
        headers = answer.headers
        said = {name.lower() for name, _value in headers}
        for name, value in ON_EVERY_ANSWER:
            if name.lower() not in said:
                headers.add(name, value)
        headers.add("X-Request-Id", g.get("request_id", ""))
        if settings.practice:
            headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        if settings.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if answer.mimetype == "text/html":
            headers.setdefault(
                "Content-Security-Policy",
                "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
                f"img-src 'self' data: blob:{_tiles_host(settings.map_tiles_url)}; "
                f"script-src 'self' 'nonce-{csp_nonce()}'",
            )
            headers.setdefault("Cache-Control", "private, no-cache")
            headers.add("Vary", "Cookie")
        if request.endpoint not in QUIET:
            taken = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
            log.info("request", method=request.method, path=request.path, status=answer.status_code, ms=taken)
        return answer


def _tiles_host(url: str) -> str:
    """Where pictures of a map may come from besides our own house; nowhere unless the market says so."""
    parts = urlsplit(url)
    return f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _errors(app: Flask) -> None:
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _no_token)
    app.register_error_handler(StaleDataError, _somebody_was_faster)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


LONGEST_ADDRESS = 160_000
"""Ten thousand letters of any alphabet, written as an address writes them."""

KNOWN = {400, 403, 404, 409, 413, 422, 429, 500, 503}


def _answer(status: int, sentence: Any = None) -> tuple[Any, int] | Response:
    if _is_for_machines():
        facts = {"type": "about:blank", "title": HTTP_STATUS_CODES.get(status, ""), "status": status}
        answer = jsonify({**facts, "detail": str(sentence or "")})
        answer.status_code = status
        answer.mimetype = "application/problem+json"
        return answer
    name = status if status in KNOWN else 500 if status >= 500 else 400
    g.without_facts = status >= 500
    body = render_template(
        f"errors/{name}.html",
        sentence=sentence,
        request_id=g.get("request_id", ""),
        back_to=safe_path(request.referrer) or "/",
    )
    return body, status


def _is_for_machines() -> bool:
    return request.path.startswith(("/api/", "/webhooks/"))


def _refused(refusal: Refusal) -> Any:
    db.session.rollback()
    return _answer(refusal.status, refusal.sentence)


def _no_token(error: CSRFError) -> Any:
    return _answer(
        400,
        _("Trang này đã mở quá lâu nên biểu mẫu hết hiệu lực. Hãy quay lại, tải lại trang rồi gửi lần nữa."),
    )


def _somebody_was_faster(error: StaleDataError) -> Any:
    db.session.rollback()
    return _answer(409, _("Có người vừa thay đổi mục này trước bạn. Hãy tải lại trang để xem bản mới."))


def _database_away(error: OperationalError) -> Any:
    db.session.rollback()
    log.error("database away", error=str(error.orig)[:200])
    return _answer(503)


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    # A page has its own words for each; a program is told what the server says.
    answer = make_response(_answer(error.code, error.description if _is_for_machines() else None))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if error.code == 429:
        answer.headers["Retry-After"] = "60"
    return answer


def _bug(error: Exception) -> Any:
    db.session.rollback()
    log.exception("bug", path=request.path, method=request.method)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return _answer(500)
