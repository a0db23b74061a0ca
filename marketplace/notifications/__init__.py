"""Notices: what the market tells people, each in their own language.

`service.send(recipient, template, **facts)` writes an inbox row now, in the caller's transaction, and asks the worker
for the channels (SMS or Zalo, e-mail). A recipient is a value (person or none, phone, e-mail, language, whether they
chose Zalo), so guests are told too. Every wording is a file in templates/messages/<room>/: `<name>.txt` (inbox and
e-mail; first line: the subject), `<name>.sms.txt`, `<name>.zalo.txt` (the parameters of a form registered with Zalo).
A secret (a code, a one-time link) is in no inbox and loses its text once it went; it never goes by Zalo.

Delivery: waiting → sent, or failed after the last try; what Zalo cannot deliver goes by SMS. Adapters: `sms_gateway`
(signed HTTP), `zalo`, `smtp`, `outbox` (a developer's machine: /dev/outbox). Called by every room above; knows none of
them.
"""
