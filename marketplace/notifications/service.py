"""What can be done: tell somebody something, and see that it gets there."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from marketplace.foundation import clock, jobs, market, states
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db
from marketplace.foundation.rules import kept_for
from marketplace.notifications import wording
from marketplace.notifications.models import Channel, Delivery, DeliveryState, Message, Recipient
from marketplace.notifications.port import zalo

ZALO_TRIES = 3
"""A notice that waits for Zalo is late: after so many tries it goes by SMS."""
KEEP_LETTERS = timedelta(days=90)
KEEP_NOTICES = timedelta(days=730)


def send(
    to: Recipient,
    template: str,
    path: str | None = None,
    *,
    is_secret: bool = False,
    use_until: datetime | None = None,
    **facts: Any,
) -> Message:
    """Tell somebody something: into their inbox now, by SMS or Zalo and by e-mail with the worker's next breath.

    `template` names files in templates/messages (`orders/placed`); a template without `.sms.txt` sends no SMS. `path`
    is the page it leads to. A secret (a code, a one-time link) is in no inbox, does not go by Zalo and is not kept
    after it went.
    """
    settings = market.settings()
    link = settings.site_url + path if path else ""
    words = wording.write(
        template, to.language, {"site_name": settings.site_name, "site_url": settings.site_url, "link": link, **facts}
    )  # fmt: skip
    message = Message(
        person_id=None if is_secret else to.person_id,
        template=template,
        subject=words.subject,
        body="" if is_secret else words.body,
        path=None if is_secret else path,
    )
    db.session.add(message)
    if to.phone and words.sms is not None:
        if words.zalo is not None and not is_secret and to.is_on_zalo and _zalo_takes(template):
            letter = _letter(Channel.ZALO, to.phone, words.zalo, is_secret, use_until)
            letter.sms_instead = words.sms
        else:
            letter = _letter(Channel.SMS, to.phone, words.sms, is_secret, use_until)
        message.deliveries.append(letter)
    if to.email:
        message.deliveries.append(_letter(Channel.EMAIL, to.email, words.mail, is_secret, use_until))
    # The worker is told each letter's number.
    db.session.flush()
    for letter in message.deliveries:
        jobs.enqueue("notifications.deliver", letter.id)
    return message


def _letter(
    channel: Channel, address: str, text: str, is_secret: bool, use_until: datetime | None
) -> Delivery:
    return Delivery(channel=channel, address=address, text=text, is_secret=is_secret, use_until=use_until)


def _zalo_takes(template: str) -> bool:
    carrier = zalo()
    return carrier is not None and carrier.takes(template)


def mark_sent(letter: Delivery) -> None:
    """The letter has gone. What a secret one said is forgotten, but for a developer's eyes."""
    states.move(letter, DeliveryState.SENT, SYSTEM)
    letter.attempts += 1
    if letter.is_secret and market.settings().app_env == "production":
        letter.text = ""


def mark_failed(letter: Delivery, problem: str) -> None:
    """The letter will not go; say why. What was to go by Zalo goes by SMS instead."""
    states.move(letter, DeliveryState.FAILED, SYSTEM, why=problem)
    letter.problem = problem[:300]
    if letter.is_secret:
        letter.text = ""
    if letter.sms_instead is not None:
        instead = _letter(Channel.SMS, letter.address, letter.sms_instead, letter.is_secret, letter.use_until)
        letter.message.deliveries.append(instead)
        db.session.flush()
        jobs.enqueue("notifications.deliver", instead.id)


def note_attempt(letter: Delivery, problem: str) -> bool:
    """The carrier was away. Returns whether the letter is given up now."""
    letter.attempts += 1
    letter.problem = problem[:300]
    if letter.attempts < (ZALO_TRIES if letter.channel is Channel.ZALO else jobs.MAX_ATTEMPTS):
        return False
    mark_failed(letter, problem)
    return True


def mark_read(message: Message) -> None:
    """The person has seen the notice."""
    if message.read_at is None:
        message.read_at = clock.now()


def mark_all_read(person_id: int) -> None:
    """The person has seen all their notices."""
    db.session.execute(
        update(Message)
        .where(Message.person_id == person_id, Message.read_at.is_(None))
        .values(read_at=clock.now(), version=Message.version + 1)
    )


def clear_old() -> None:
    """Forget letters after three months and notices after two years: they hold what people do and buy."""
    now = clock.now()
    db.session.execute(delete(Delivery).where(Delivery.created_at < now - kept_for("letters", KEEP_LETTERS)))
    old = select(Message.id).where(Message.created_at < now - kept_for("notices", KEEP_NOTICES))
    db.session.execute(delete(Delivery).where(Delivery.message_id.in_(old)))
    db.session.execute(delete(Message).where(Message.created_at < now - kept_for("notices", KEEP_NOTICES)))


def gather(person_id: int) -> list[dict[str, Any]]:
    """What was said to the person."""
    said = db.session.scalars(select(Message).where(Message.person_id == person_id).order_by(Message.id))
    return [
        {"at": message.created_at.isoformat(), "subject": message.subject, "body": message.body}
        for message in said
    ]


def forget(person_id: int) -> None:
    """Nothing obliges us to keep what was said: it goes."""
    theirs = select(Message.id).where(Message.person_id == person_id)
    db.session.execute(delete(Delivery).where(Delivery.message_id.in_(theirs)))
    db.session.execute(delete(Message).where(Message.person_id == person_id))
