"""The front door: create_app() puts the house together."""

import fcntl
from datetime import timedelta

from flask import Flask, Response, request
from sqlalchemy import inspect, text
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from config import ROOT, Settings, read_settings
from marketplace import commands, rulebook, wiring
from marketplace.foundation import access, events, jobs, logs, measure, web, worker
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.search import service as search

MIGRATIONS = ROOT / "migrations"


def create_app(settings: Settings | None = None) -> Flask:
    """One market: config, then foundation, then the rooms from the switchboard, then commands."""
    settings = settings or read_settings()
    logs.configure(settings.log_format, settings.log_level)
    if settings.sentry_dsn:
        logs.report_errors(settings.sentry_dsn, settings.app_env)
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    static = ROOT / "static"
    app = Flask(
        "marketplace",
        root_path=str(ROOT / "marketplace"),
        instance_path=str(settings.instance_path.resolve()),
        template_folder=str(ROOT / "templates"),
        static_folder=str(static),
        static_url_path=f"/static/{web.static_digest(static)}",
    )
    app.extensions["settings"] = settings
    app.testing = settings.app_env == "test"
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    db.init_app(app)
    if settings.debug_headers:
        measure.attach(app)
    web.attach(app)
    access.attach(app)
    _plug_in(app)
    commands.attach(app)
    if settings.practice:
        app.after_request(_nobody_waits)
    _static_files(app)
    if settings.proxies:
        # The last so many hops are ours: whose address it is and whether it came by https stands in their headers.
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    return app


def _plug_in(app: Flask) -> None:
    """Everything of the switchboard into its socket."""
    events.connect(wiring.REACTIONS_NOW, wiring.REACTIONS_LATER)
    jobs.connect(wiring.JOBS, None if app.testing else worker.hand_over, wiring.SLOW_JOBS)
    worker.attach(app, wiring.SCHEDULE)
    web.use_facts(wiring.PAGE_FACTS)
    wiring.plug_in(app)
    for pages in wiring.ROOMS:
        if not pages.blueprint._got_registered_once:
            access.guard(pages.blueprint, pages.audience)
        if pages.audience in ("webhook", "partner"):
            web.csrf.exempt(pages.blueprint)
        app.register_blueprint(pages.blueprint, url_prefix=pages.prefix or None)


def _nobody_waits(answer: Response) -> Response:
    """The practice market has no worker: what a deed asked for later is done before its page comes back."""
    if request.method == "POST":
        jobs.run_due(at_most=timedelta(seconds=5))
    return answer


def _static_files(app: Flask) -> None:
    """Files of static/ are sent by WhiteNoise before Flask is asked; their address changes with their content."""
    prefix = app.static_url_path
    assert prefix is not None and app.static_folder is not None
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=app.static_folder, prefix=prefix, immutable_file_test=lambda path, url: True
    )


def make_ready(app: Flask) -> None:
    """A market nobody prepares by hand: its database at the newest migration, its rules, an index to search. Processes
    that start together take turns; done again it changes nothing."""
    settings: Settings = app.extensions["settings"]
    name = "practice" if settings.practice else "market"
    with (settings.instance_path / f"{name}-ready.lock").open("w") as turn, app.app_context():
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _revision() != max(file.stem.partition("_")[0] for file in MIGRATIONS.glob("versions/*.py")):
            from flask_migrate import Migrate, upgrade

            Migrate(app, db, directory=str(MIGRATIONS))
            upgrade()
            db.session.remove()
        with transaction():
            rulebook.load(SYSTEM)
        if not search.can_serve():
            search.rebuild()
        db.session.remove()


def _revision() -> str | None:
    """The migration the database stands at; none when it is empty."""
    if not inspect(db.engine).has_table("alembic_version"):
        return None
    return db.session.scalar(text("SELECT version_num FROM alembic_version"))
