"""The switchboard, on one page: which pages there are and for whom, which vendors are plugged in, who reacts to what,
which jobs there are and when they run, what every page shows, and which room knows what about a person."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Blueprint, Flask

from marketplace.accounts import jobs as accounts_jobs
from marketplace.accounts import keeping as accounts_keeping
from marketplace.accounts import passwords
from marketplace.accounts import queries as accounts
from marketplace.accounts.events import SignedIn
from marketplace.accounts.routes import buyer as accounts_buyer
from marketplace.accounts.routes import post as accounts_post
from marketplace.accounts.routes import public as accounts_pages
from marketplace.accounts.routes import public_lock as accounts_lock
from marketplace.admin.routes import admin
from marketplace.api import routes as api
from marketplace.campaigns import service as campaigns_service
from marketplace.campaigns.routes import admin as campaigns_admin
from marketplace.campaigns.routes import farmer as campaigns_farmer
from marketplace.catalog import jobs as catalog_jobs
from marketplace.catalog.events import ProductChanged, StockFlipped
from marketplace.catalog.routes import admin as catalog_admin
from marketplace.catalog.routes import farmer as catalog_farmer
from marketplace.catalog.routes import farmer_listing as catalog_listing
from marketplace.catalog.routes import farmer_sheets as catalog_sheets
from marketplace.catalog.routes import public as catalog_pages
from marketplace.checkout import jobs as checkout_jobs
from marketplace.checkout import service as checkout_service
from marketplace.checkout.routes import post as checkout_post
from marketplace.checkout.routes import public as checkout
from marketplace.claims import jobs as claims_jobs
from marketplace.claims import keeping as claims_keeping
from marketplace.claims.routes import admin as claims_admin
from marketplace.claims.routes import farmer as claims_farmer
from marketplace.claims.routes import public as claims_pages
from marketplace.desks.routes import admin as desks_admin
from marketplace.desks.routes import buyer as desks_buyer
from marketplace.desks.routes import farmer as desks_farmer
from marketplace.desks.routes import farmer_together as desks_together
from marketplace.desks.routes import post as desks_post
from marketplace.desks.routes import post_dispatches as desks_dispatches
from marketplace.desks.routes import post_manifests as desks_manifests
from marketplace.desks.routes import post_runs as desks_runs
from marketplace.desks.routes import post_till as desks_till
from marketplace.desks.routes import public as desks_pages
from marketplace.dossiers import service as dossiers_service
from marketplace.dossiers.events import (
    DossierApproved,
    DossierFeePaid,
    DossierResultByPost,
    DossierResultKept,
)
from marketplace.dossiers.routes import admin as dossiers_admin
from marketplace.dossiers.routes import buyer as dossiers_buyer
from marketplace.dossiers.routes import post as dossiers_post
from marketplace.dossiers.routes import public as dossiers_pages
from marketplace.farmers import jobs as farmers_jobs
from marketplace.farmers import service as farmers_service
from marketplace.farmers.events import BankAccountChanged, FarmChanged, FarmResumed, FarmSuspended
from marketplace.farmers.routes import admin as farmers_admin
from marketplace.farmers.routes import farmer as farmers_farmer
from marketplace.farmers.routes import post as farmers_post
from marketplace.foundation import access, address_form, clock, files, market, media, personal, rules, uploads
from marketplace.foundation.events import Event
from marketplace.foundation.kept_pages import KEEP_SECONDS, KeptPages
from marketplace.notifications import jobs as notifications_jobs
from marketplace.notifications import queries as notifications
from marketplace.notifications import service as notifications_service
from marketplace.notifications.adapters.outbox import DevelopersOutbox, NoCarrier
from marketplace.notifications.adapters.sms_gateway import SmsGateway
from marketplace.notifications.adapters.smtp import Smtp
from marketplace.notifications.adapters.zalo import ZaloNotices
from marketplace.notifications.routes import buyer as notifications_buyer
from marketplace.notifications.routes import public as notifications_pages
from marketplace.orders import jobs as orders_jobs
from marketplace.orders import keeping as orders_keeping
from marketplace.orders.events import (
    FarmOrderAccepted,
    FarmOrderCancelled,
    FarmOrderDelivered,
    FarmOrderFreightLowered,
    FarmOrderLost,
    FarmOrderParted,
    FarmOrderRefused,
    FarmOrderReturned,
    FarmOrderShort,
    FarmOrderUnanswered,
    OrderExpired,
)
from marketplace.payments import jobs as payments_jobs
from marketplace.payments import keeping as payments_keeping
from marketplace.payments import queries as payments_queries
from marketplace.payments import service as payments_service
from marketplace.payments.routes import admin as payments_admin
from marketplace.payments.routes import admin_books as payments_books
from marketplace.payments.routes import farmer as payments_farmer
from marketplace.payments.routes import public as payments_pages
from marketplace.payments.routes import public_documents as payments_documents
from marketplace.payments.routes import public_refunds as payments_refunds
from marketplace.payments.routes import webhook as payments_webhook
from marketplace.places import queries as places
from marketplace.places import routes as places_pages
from marketplace.practice.routes import farmer as practice_farmer
from marketplace.practice.routes import public as practice_pages
from marketplace.search import jobs as search_jobs
from marketplace.search import searched, wishes
from marketplace.search import service as search_service
from marketplace.search.adapters.postgres import PostgresEngine
from marketplace.search.adapters.whoosh import WhooshEngine
from marketplace.shipping import dispatches
from marketplace.shipping import jobs as shipping_jobs
from marketplace.shipping import service as shipping_service
from marketplace.shipping.adapters.rate_hook import RateHook
from marketplace.shipping.adapters.tariff import TariffCarrier
from marketplace.shipping.adapters.vnpost import Vnpost
from marketplace.shipping.asking import AskedCarrier
from marketplace.shipping.events import CashTaken, FreightDiffered, GoodsSentBack, ResultPosted
from marketplace.shipping.routes import farmer as shipping_farmer
from marketplace.shipping.routes import public as shipping_pages
from marketplace.shipping.routes import webhook as shipping_webhook
from marketplace.storefront import jobs as storefront_jobs
from marketplace.storefront import queries as storefront_queries
from marketplace.storefront.documents import ShopDocuments
from marketplace.storefront.routes import admin as storefront_admin
from marketplace.storefront.routes import buyer as storefront_buyer
from marketplace.storefront.routes import public as storefront
from marketplace.training import service as training_service
from marketplace.training import slips as training_slips
from marketplace.training.routes import buyer as training_buyer
from marketplace.training.routes import post as training_post
from marketplace.training.routes import public as training_pages
from marketplace.training.routes import trainer as training_trainer
from marketplace.training.routes import trainer_help as training_help


class Pages(NamedTuple):
    """A blueprint, where it hangs, and its audience (one of access.AUDIENCES)."""

    blueprint: Blueprint
    prefix: str
    audience: str


ROOMS: Sequence[Pages] = (
    Pages(accounts_pages.bp, "", "public"),
    Pages(accounts_buyer.bp, "/account", "buyer"),
    Pages(accounts_lock.bp, "/post", "public"),
    Pages(accounts_post.bp, "/post", "post"),
    Pages(campaigns_admin.bp, "/admin", "admin"),
    Pages(campaigns_farmer.bp, "/sell", "farmer"),
    Pages(catalog_admin.bp, "/admin", "admin"),
    Pages(catalog_farmer.bp, "/sell", "farmer"),
    Pages(catalog_listing.bp, "/sell", "farmer"),
    Pages(catalog_sheets.bp, "/sell", "farmer"),
    Pages(catalog_pages.bp, "", "public"),
    Pages(admin.bp, "/admin", "admin"),
    Pages(api.bp, "", "partner"),
    Pages(checkout.bp, "", "public"),
    Pages(checkout_post.bp, "/post/callers", "post"),
    Pages(claims_admin.bp, "/admin", "admin"),
    Pages(claims_farmer.bp, "/sell", "farmer"),
    Pages(claims_pages.bp, "", "public"),
    Pages(desks_admin.bp, "/admin", "admin"),
    Pages(desks_buyer.bp, "", "buyer"),
    Pages(desks_farmer.bp, "/sell", "farmer"),
    Pages(desks_pages.bp, "", "public"),
    Pages(desks_post.bp, "/post", "post"),
    Pages(desks_manifests.bp, "/post", "post"),
    Pages(desks_dispatches.bp, "/post/other-parcels", "post"),
    Pages(desks_runs.bp, "/post", "post"),
    Pages(desks_together.bp, "/sell", "farmer"),
    Pages(desks_till.bp, "/post/till", "post"),
    Pages(dossiers_admin.bp, "/admin", "admin"),
    Pages(dossiers_buyer.bp, "/account", "buyer"),
    Pages(dossiers_post.bp, "/post", "post"),
    Pages(dossiers_pages.bp, "", "public"),
    Pages(farmers_admin.bp, "/admin", "admin"),
    Pages(farmers_farmer.bp, "/sell", "farmer"),
    Pages(farmers_post.bp, "/post", "post"),
    Pages(media.bp, "/media", "public"),
    Pages(notifications_pages.bp, "/dev", "public"),
    Pages(notifications_buyer.bp, "/account", "buyer"),
    Pages(payments_admin.bp, "/admin/money", "admin"),
    Pages(payments_documents.bp, "", "public"),
    Pages(payments_books.bp, "/admin/money", "admin"),
    Pages(payments_farmer.bp, "/sell/money", "farmer"),
    Pages(payments_pages.bp, "", "public"),
    Pages(payments_refunds.bp, "", "public"),
    Pages(payments_webhook.bp, "/webhooks", "webhook"),
    Pages(places_pages.bp, "", "public"),
    Pages(practice_pages.bp, "", "public"),
    Pages(practice_farmer.bp, "/rehearsal", "farmer"),
    Pages(shipping_farmer.bp, "/sell", "farmer"),
    Pages(shipping_pages.bp, "", "public"),
    Pages(shipping_webhook.bp, "/webhooks", "webhook"),
    Pages(storefront.bp, "", "public"),
    Pages(storefront_admin.bp, "/admin", "admin"),
    Pages(storefront_buyer.bp, "/account", "buyer"),
    Pages(training_buyer.bp, "/learn", "buyer"),
    Pages(training_pages.bp, "", "public"),
    Pages(training_post.bp, "/post/helped-farms", "post"),
    Pages(training_trainer.bp, "/train", "trainer"),
    Pages(training_help.bp, "/train", "trainer"),
)

REACTIONS_NOW: Mapping[type[Event], Sequence[Callable[[Any], None]]] = {
    BankAccountChanged: [payments_service.when_farm_changed],
    DossierApproved: [farmers_service.when_dossier_approved],
    DossierFeePaid: [payments_service.when_fee_paid],
    FarmChanged: [lambda event: search_service.touch("farm", event.farm_id)],
    FarmOrderAccepted: [shipping_service.when_accepted],
    FarmOrderCancelled: [
        shipping_service.when_called_off,
        payments_service.when_called_off,
        campaigns_service.when_called_off,
    ],
    FarmOrderDelivered: [payments_service.when_delivered],
    FarmOrderFreightLowered: [payments_service.when_freight_lowered],
    FarmOrderLost: [payments_service.when_lost],
    FarmOrderParted: [payments_service.when_parted],
    FarmOrderRefused: [
        shipping_service.when_called_off,
        payments_service.when_called_off,
        campaigns_service.when_called_off,
    ],
    FarmOrderReturned: [payments_service.when_returned],
    FarmOrderShort: [shipping_service.when_short, payments_service.when_short],
    FarmOrderUnanswered: [payments_service.when_called_off, campaigns_service.when_called_off],
    FarmResumed: [payments_service.when_farm_changed],
    FarmSuspended: [payments_service.when_farm_changed],
    DossierResultByPost: [dispatches.when_result_by_post],
    DossierResultKept: [dispatches.when_result_kept],
    CashTaken: [payments_service.when_cash_taken],
    FreightDiffered: [payments_service.when_freight_differed],
    GoodsSentBack: [payments_service.when_sent_back],
    ResultPosted: [payments_service.when_result_posted],
    OrderExpired: [payments_service.when_expired, campaigns_service.when_called_off],
    ProductChanged: [lambda event: search_service.touch("product", event.product_id)],
    SignedIn: [checkout_service.when_signed_in, training_service.when_signed_in],
    StockFlipped: [lambda event: search_service.touch("product", event.product_id)],
}
"""Event → functions called at once, in the same transaction, on the database only."""

REACTIONS_LATER: Mapping[type[Event], Sequence[str]] = {}
"""Event → names of jobs, run by the worker after the commit with the event's facts."""

JOBS: Mapping[str, Callable[..., None]] = {
    "accounts.clear_stale": accounts_jobs.clear_stale,
    "catalog.clear_removed_photos": catalog_jobs.clear_removed_photos,
    "catalog.count_sales": catalog_jobs.count_sales,
    "catalog.expire_holds": catalog_jobs.expire_holds,
    "catalog.expire_lots": catalog_jobs.expire_lots,
    "catalog.lapse_certificates": catalog_jobs.lapse_certificates,
    "catalog.write_sheet": catalog_jobs.write_sheet,
    "checkout.finish_placings": checkout_jobs.finish_placings,
    "catalog.watch_certificates": catalog_jobs.watch_certificates,
    "checkout.forget_old_carts": checkout_jobs.forget_old_carts,
    "claims.forget_old": claims_jobs.forget_old,
    "claims.keep_deadlines": claims_jobs.keep_deadlines,
    "farmers.end_holidays": farmers_jobs.end_holidays,
    "files.make_sizes": files.make_sizes,
    "files.remove_photo": files.remove_photo,
    "files.remove_paper": files.remove_paper,
    "uploads.clear_old": uploads.clear_old,
    "notifications.clear_old": notifications_jobs.clear_old,
    "notifications.deliver": notifications_jobs.deliver,
    "orders.ask_for_call": orders_jobs.ask_for_call,
    "orders.ask_for_word": orders_jobs.ask_for_word,
    "orders.expire_unpaid": orders_jobs.expire_unpaid,
    "orders.forget_old": orders_jobs.forget_old,
    "orders.remind_farms": orders_jobs.remind_farms,
    "payments.batch_due": payments_jobs.batch_due,
    "payments.close_card_page": payments_jobs.close_card_page,
    "payments.send_card_refund": payments_jobs.send_card_refund,
    "payments.settle_card_event": payments_jobs.settle_card_event,
    "payments.settle_notice": payments_jobs.settle_notice,
    "search.follow": search_jobs.follow,
    "search.rebuild": search_jobs.rebuild,
    "shipping.book_outside": shipping_jobs.book_outside,
    "shipping.call_for_perishables": shipping_jobs.call_for_perishables,
    "shipping.cancel_outside": shipping_jobs.cancel_outside,
    "shipping.chase_silent": shipping_jobs.chase_silent,
    "shipping.close_runs": shipping_jobs.close_runs,
    "shipping.forget_kept_quotes": shipping_jobs.forget_kept_quotes,
    "shipping.leave_unclaimed": shipping_jobs.leave_unclaimed,
    "shipping.remind_of_waiting": shipping_jobs.remind_of_waiting,
    "storefront.forget_old_words": storefront_jobs.forget_old_words,
    "storefront.grant_wishes": storefront_jobs.grant_wishes,
    "shipping.take_word": shipping_jobs.take_word,
}
"""Every job by the name it is enqueued under."""

SLOW_JOBS = frozenset({"files.make_sizes", "search.rebuild"})
"""Jobs that may wait until nothing quicker is left to do."""

SCHEDULE: Mapping[str, Mapping[str, str]] = {
    "accounts.clear_stale": {"minute": "40", "hour": "2"},
    "catalog.clear_removed_photos": {"minute": "20", "hour": "2"},
    "catalog.count_sales": {"minute": "10"},
    "catalog.expire_holds": {"minute": "*/5"},
    "catalog.expire_lots": {"minute": "1", "hour": "0"},
    "catalog.lapse_certificates": {"minute": "0", "hour": "0"},
    "checkout.finish_placings": {"minute": "*"},
    "catalog.watch_certificates": {"minute": "0", "hour": "7"},
    "checkout.forget_old_carts": {"minute": "30", "hour": "3"},
    "claims.forget_old": {"minute": "20", "hour": "3"},
    "claims.keep_deadlines": {"minute": "25"},
    "farmers.end_holidays": {"minute": "5", "hour": "0"},
    "notifications.clear_old": {"minute": "50", "hour": "2"},
    "orders.expire_unpaid": {"minute": "*"},
    "orders.forget_old": {"minute": "15", "hour": "3"},
    "orders.remind_farms": {"minute": "*/10"},
    "payments.batch_due": {"minute": "0", "hour": "7"},
    "search.follow": {"minute": "*"},
    "search.rebuild": {"minute": "30", "hour": "2"},
    "shipping.call_for_perishables": {"minute": "*/15"},
    "shipping.chase_silent": {"minute": "15", "hour": "6"},
    "shipping.close_runs": {"minute": "5", "hour": "0"},
    "shipping.forget_kept_quotes": {"minute": "35"},
    "shipping.leave_unclaimed": {"minute": "10", "hour": "1"},
    "shipping.remind_of_waiting": {"minute": "30", "hour": "8"},
    "storefront.forget_old_words": {"minute": "25", "hour": "3"},
    "storefront.grant_wishes": {"minute": "*/10"},
    "uploads.clear_old": {"minute": "25"},
}
"""What happens by the clock: job → crontab fields, by Vietnamese clocks."""

PAGE_FACTS: Mapping[str, Callable[[], Any]] = {
    "cart_count": checkout.cart_count,
    "counter_lock_minutes": access.lock_minutes,
    "map_tiles_url": lambda: market.settings().map_tiles_url,
    "person": access.current_person,
    "settings_note": storefront_queries.illustration_note,
    "my_desks": accounts_pages.my_desks,
    "split_of": lambda: payments_queries.split_of,
    "rates_of": lambda: payments_queries.rates_of,
    "holding_days": lambda: payments_queries.holding_days,
    "notice_count": lambda: notifications.unread_count(access.person().id) if access.current_person() else 0,
}
"""What every page shows: name in the templates → function."""

PERSONAL_DATA: Mapping[str, tuple[personal.Gather, personal.Forget]] = {
    "notifications": (notifications_service.gather, notifications_service.forget),
    "search": (wishes.gather, wishes.forget),
    "accounts": (accounts_keeping.gather, accounts_keeping.forget),
    "dossiers": (dossiers_service.gather, dossiers_service.forget),
    "farmers": (farmers_service.gather, farmers_service.forget),
    "orders": (orders_keeping.gather, orders_keeping.forget),
    "payments": (payments_keeping.gather, payments_keeping.forget),
    "claims": (claims_keeping.gather, claims_keeping.forget),
    "training": (training_service.gather, training_service.forget),
}
"""Per room, lower rooms first: gather(person_id) what it knows of a person, forget(person_id) what the law lets it; a
room that may not forget yet (an order under way) raises Refusal, and then no room forgets."""


def plug_in(app: Flask) -> None:
    """Vendors and readers into the ports of the rooms."""
    clock.use_overrides(rules.day_overrides)
    address_form.use_gazetteer(places)
    access.use_people(accounts.sign_in_person)
    personal.connect(PERSONAL_DATA)
    market.plug(app, "accounts.slips", training_slips)
    _letter_carriers(app)
    if app.testing:
        passwords.be_quick()
    settings = app.extensions["settings"]
    folder = settings.instance_path / ("practice-search" if settings.practice else "search")
    refresh_seconds = 0.0 if app.testing else 0.5
    is_postgres = settings.search_engine == "postgres" and not settings.practice
    market.plug(
        app,
        "search",
        PostgresEngine(refresh_seconds) if is_postgres else WhooshEngine(folder, refresh_seconds),
    )
    market.plug(app, "search.documents", ShopDocuments())
    market.plug(app, storefront_queries.FrontWindow.PORT, storefront_queries.FrontWindow())
    market.plug(app, rules.KeptRules.PORT, rules.KeptRules(0 if app.testing else 30))
    market.plug(app, KeptPages.PORT, KeptPages(0 if app.testing else KEEP_SECONDS))
    market.plug(app, "search.searched", searched.Searched(float("inf") if app.testing else 30.0))
    market.plug(app, "payments.cards", _card_company(settings))
    _post(app)
    app.jinja_env.filters["commune"] = places.commune_words


def _post(app: Flask) -> None:
    """Who tells what carriage costs and takes parcels: our own tariff, or a carrier outside with the tariff behind."""
    settings = app.extensions["settings"]
    tariff = TariffCarrier()
    outside: Any = None
    if settings.carrier == "vnpost":
        outside = Vnpost(
            settings.vnpost_base_url,
            settings.vnpost_username,
            settings.vnpost_password,
            settings.vnpost_customer_code,
        )
    elif settings.carrier == "rate_hook":
        outside = RateHook(settings.rate_hook_url, settings.rate_hook_secret)
    market.plug(app, "shipping.outside", outside)
    market.plug(app, "shipping.tariff", tariff)
    market.plug(app, "shipping.carrier", AskedCarrier(outside, tariff) if outside is not None else tariff)


def _card_company(settings: Any) -> Any:
    """Stripe where its keys are; paying by card is offered only then."""
    if not settings.stripe_secret_key:
        return None
    # Slow to import, and a market without cards has no use for it.
    from marketplace.payments.adapters.stripe import StripeCards

    return StripeCards(settings.stripe_secret_key, settings.stripe_webhook_secret, settings.stripe_api_base)


def _letter_carriers(app: Flask) -> None:
    """Who takes messages out of the house; on a developer's machine they stay and are read on /dev/outbox."""
    settings = app.extensions["settings"]
    is_real = settings.app_env == "production" and not settings.practice
    sms: Any = NoCarrier("SMS_GATEWAY_URL") if is_real else DevelopersOutbox()
    if settings.sms_gateway_url:
        sms = SmsGateway(settings.sms_gateway_url, settings.sms_gateway_secret)
    mail: Any = NoCarrier("SMTP_URL") if is_real else DevelopersOutbox()
    if settings.smtp_url:
        mail = Smtp(
            settings.smtp_url, settings.site_name, urlsplit(settings.site_url).hostname or "localhost"
        )
    market.plug(app, "notifications.sms", sms)
    market.plug(app, "notifications.email", mail)
    # Offered only where its keys are: without them everybody is told by SMS.
    market.plug(
        app,
        "notifications.zalo",
        ZaloNotices(settings.zalo_gateway_url, settings.zalo_token, settings.zalo_forms)
        if settings.zalo_token
        else None,
    )
