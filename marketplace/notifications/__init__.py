"""Notices: what the market tells people, each in their own language.

`service.send(recipient, template, **facts)` writes an inbox row now, in the caller's transaction, and asks the worker
for the channels (SMS, e-mail). A recipient is a value (person or none, phone, e-mail, language), so guests are told
too. Every wording is a file in templates/messages/<room>/: `<name>.txt` (inbox and e-mail), `<name>.sms.txt`.

Delivery: waiting → sent, or failed after the last try. Called by every room above; knows none of them.
"""
