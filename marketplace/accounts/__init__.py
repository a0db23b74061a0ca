"""People: how they come in, who they are, what they may do, and what they agreed to.

Sign-in by phone or e-mail, with a password or a code; a session is a row and can be ended. Roles (buyer, farmer,
trainer, clerk, reviewer, cashier, admin) and posts held (a clerk's service point, a trainer's communes). Throttles are
rows keyed by account, so forty farmers on one Wi-Fi do not lock each other out.

Consent to help: asked → given → withdrawn or expired; `queries.may_act(helper, person, scope)` is the question.
"""
