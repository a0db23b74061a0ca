"""People: how they come in, who they are, what they may do, and what they agreed to.

Sign-in by phone or e-mail, with a password or a code; a session is a row and can be ended. Roles (buyer, farmer,
trainer, clerk, reviewer, cashier, admin) and posts held (a clerk's service point, a trainer's communes). Throttles are
rows keyed by account, so forty farmers on one Wi-Fi do not lock each other out.

Nobody learns whether an account exists: a registration with a number that is taken makes an account whose number is
only claimed (`Person.claimed_phone`), and the owner gets an SMS. A number belongs to whoever proves it by its code; two
people with one telephone each keep their own account, the second one signs in by password or e-mail.

Consent to help: asked → given → withdrawn or expired; `queries.may_act(helper, person, scope)` is the question.

Back rooms: `passwords` (Argon2), `codes` (one-time codes and links), `throttle`, `sessions`, `work` (roles, posts,
blocks), `addresses`, `typed`, `keeping` (what is gathered, forgotten and cleared away). `service` offers all verbs.
"""
