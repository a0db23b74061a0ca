"""Who does what work, and where: roles and posts held, and who may come in at all."""

from sqlalchemy import select

from marketplace.accounts.models import Person, PostHeld, Role, RoleHeld
from marketplace.accounts.sessions import end_sign_ins
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _
from marketplace.places import queries as places


def give_role(person: Person, role: Role, by: Actor) -> None:
    """The person may do this work from now on. Given twice it is held once."""
    db.session.flush()
    claim(Person, [person.id])
    if role in person.roles:
        return
    person.roles_held.append(RoleHeld(role=role))
    audit.record(by, "person.role_given", person, role=role.value)


def take_role(person: Person, role: Role, by: Actor) -> None:
    """The person no longer does this work. The market keeps at least one admin."""
    held = next((held for held in person.roles_held if held.role is role), None)
    if held is None:
        return
    if role is Role.ADMIN:
        keep_an_admin(person)
    person.roles_held.remove(held)
    db.session.delete(held)
    audit.record(by, "person.role_taken", person, role=role.value)


def hold_post(
    person: Person, by: Actor, service_point_id: int | None = None, commune_code: str | None = None
) -> PostHeld:
    """The person works here: a clerk at a service point, a trainer in a commune. Given twice it is held once."""
    if (service_point_id is None) == (commune_code is None):
        raise Refusal(_("Hãy chọn một điểm bưu điện hoặc một xã, phường."), field="post")
    if commune_code is not None and places.commune(commune_code) is None:
        raise Refusal(_("Không có xã, phường này."), field="commune")
    db.session.flush()
    for post in person.posts:
        if (post.service_point_id, post.commune_code) == (service_point_id, commune_code):
            return post
    post = PostHeld(person_id=person.id, service_point_id=service_point_id, commune_code=commune_code)
    person.posts.append(post)
    audit.record(by, "person.post_given", person, point=service_point_id, commune=commune_code)
    return post


def leave_post(post: PostHeld, by: Actor) -> None:
    """The person no longer works there."""
    person = post.person
    person.posts.remove(post)
    db.session.delete(post)
    audit.record(by, "person.post_left", person, point=post.service_point_id, commune=post.commune_code)


def block(person: Person, reason: str, by: Actor) -> None:
    """The person may not come in any more; they are signed out everywhere at once."""
    if person.id == by.person_id:
        raise Refusal(_("Bạn không thể tự khóa tài khoản của mình."))
    if person.blocked_at is not None:
        return
    if person.has_role(Role.ADMIN):
        keep_an_admin(person)
    person.blocked_at = clock.now()
    audit.record(by, "person.blocked", person, why=reason)
    end_sign_ins(person, by)


def unblock(person: Person, by: Actor) -> None:
    """The person may come in again."""
    if person.blocked_at is not None:
        person.blocked_at = None
        audit.record(by, "person.unblocked", person)


def keep_an_admin(person: Person) -> None:
    """Refuse what would leave the market without an admin. Their rows stay locked, so two cannot go at once."""
    others = db.session.scalars(
        select(Person.id)
        .join(RoleHeld)
        .where(RoleHeld.role == Role.ADMIN, Person.blocked_at.is_(None), Person.forgotten_at.is_(None))
        .order_by(Person.id)
        .with_for_update()
    ).all()
    if set(others) <= {person.id}:
        raise Refusal(_("Đây là quản trị cuối cùng. Hãy giao quyền quản trị cho người khác trước."))
