"""Notices: what the market tells people, each in their own language.

`service.send(recipient, template, **facts)` writes an inbox row now, in the caller's transaction, and asks the worker
for the channels (SMS, e-mail). A recipient is a value (person or none, phone, e-mail, language), so guests are told
too. Every wording is a file in templates/messages/<room>/: `<name>.txt` (inbox and e-mail; first line: the subject),
`<name>.sms.txt`. A secret (a code, a one-time link) is in no inbox and loses its text once it went.

Delivery: waiting → sent, or failed after the last try. Adapters: `sms_gateway` (signed HTTP), `smtp`, `outbox` (a
developer's machine: /dev/outbox). Called by every room above; knows none of them.
"""
